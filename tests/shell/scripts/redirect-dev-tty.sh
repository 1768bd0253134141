echo a > /dev/tty; echo $?; cat /dev/tty; echo $?; read x < /dev/tty; echo $?
