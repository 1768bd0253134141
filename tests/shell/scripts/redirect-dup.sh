echo a 3>&1 >f >&3; cat f; exec 3>g; echo b >&3; echo c 1>&3; exec 3>&-; cat g; echo d >&3; echo $?
exec 4<g; read x <&4; read y <&4; echo $x $y; exec 4<&-; read z <&4; echo $?
{ echo o; echo e >&2; } 3>&1 1>&2 2>&3 3>&- | cat
echo x >&1; echo y 1>&1; echo z >&0; echo $?
echo n >&9; echo $?; cat <&8; echo $?; echo s 5>&1 >&5
