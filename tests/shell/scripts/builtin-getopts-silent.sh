f() { OPTIND=1; while getopts :ab: o "$@"; do echo "$o <${OPTARG-unset}> $OPTIND"; done; echo "end $? $OPTIND"; }
f -a -b v; f -b; f -x -a; f -xa -b; f -b v -- z
