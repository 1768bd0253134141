exit 3 | true; echo $?
true | exit 4; echo $?
{ echo a; exit 2; echo b; } | cat
f() { exit 6; }
(f); echo $?
f
echo never
