f() { OPTIND=1; while getopts ab:c o "$@"; do echo "$o <${OPTARG-unset}> $OPTIND"; done; echo "end $? $OPTIND <$o> <${OPTARG-unset}>"; }
f -a -b val -c rest; f -abval; f -ab val; f -cab; f -b; f -x; f -a -- -b; f rest -a; f -; f -a - x; f -b '' x; f -axb; f --; f ''; f -b -a; f -aa
