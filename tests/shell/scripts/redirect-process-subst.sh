cat <(echo a); echo $?
