history; echo $?; history -c; echo $?; history 5; fc; echo $?; r; echo $?
