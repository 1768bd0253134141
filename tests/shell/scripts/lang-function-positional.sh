f() { echo "$0 $1 $#"; set -- x y; echo "$1 $#"; shift; echo $1; }
set -- a b c
f q
echo $1 $#
