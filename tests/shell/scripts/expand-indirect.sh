x=y y=1; echo ${!x}; echo $?
