who; echo $?; who -x; echo $?; who -H; who -a; who a; echo $?; w 2>/dev/null | wc -l; users 2>/dev/null; last 2>/dev/null | wc -l
