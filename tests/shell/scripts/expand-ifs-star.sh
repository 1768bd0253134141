set -- a 'b c' d
echo "$*"; IFS=,; echo "$*" $* "$@" $@; IFS=; echo "$*" $*; IFS=' '; echo "$*"; unset IFS; echo "$*"
IFS=xy; echo "$*"; y="$*"; echo "$y"; y=$*; echo "$y"; y="$@"; echo "$y"; y=$@; echo "$y"
IFS=:; for i in $*; do echo "<$i>"; done; for i in "$*"; do echo "[$i]"; done; for i in "$@"; do echo "{$i}"; done
