echo() { printf 'mine %s\n' "$*"; }
echo a b
command echo c
unset -f echo
echo d
cd() { builtin_called=1; command cd "$@"; }
cd /tmp; pwd; echo $builtin_called
true() { return 9; }; true; echo $?
