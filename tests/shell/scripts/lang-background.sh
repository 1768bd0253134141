true & wait; echo $?
(exit 3) & wait $!; echo $?
{ echo bg; } & wait
x=1; x=2 & wait; echo $x
false & wait; echo $?
sleep 0 & echo fg; wait
(exit 4) & (exit 5) & wait; echo $?
