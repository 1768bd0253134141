read -t 0 x </dev/null
echo $?
echo a | { sleep 0.1; read -t 0 x; echo $? "<$x>"; }
sleep 0.2 | { read -t 0 x; echo $?; }
