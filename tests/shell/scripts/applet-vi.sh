vi --help; echo $?; vi -x; echo $?; vi -H; vi < /dev/null; echo $?
