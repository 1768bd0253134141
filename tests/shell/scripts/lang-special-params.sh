#@ args zero a b c
echo "$0 $1 $2 $3 $4 $#"
echo "$*" "$@"
echo $? $-
shift; echo "$*" $#
set -- ; echo $# "<$*>"
set -- 1 2 3 4 5 6 7 8 9 ten eleven
echo $10 ${10} ${11}
