trap : INT TERM; trap 2 TERM; trap
trap 15 2; echo $?; trap foo; echo $?; trap - ; echo $?
