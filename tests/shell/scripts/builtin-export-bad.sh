export a-b=1; echo $?
