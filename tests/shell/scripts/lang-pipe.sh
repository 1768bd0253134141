echo a | cat
echo a b c | tr ' ' '\n' | sort -r | head -n 1
echo x | { read v; echo "got $v"; }
echo x | read v; echo "${v-unset}"
false | true; echo $?
true | false; echo $?
echo a | (cat; echo b) | cat -n
{ echo o; echo e >&2; } 2>&1 | sort
echo a |& cat
