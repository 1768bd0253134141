x=$(echo 'fi' | sh 2>&1); echo "$x"
sh -c 'if'; echo $?
sh -c 'echo a; fi'; echo $?
echo 'for' | sh; echo $?
