{ echo a; echo b; }
{ echo c
echo d
}
{ x=5; }; echo $x
{ echo e; } > f; cat f
{ false; }; echo $?
{ { { echo deep; }; }; }
echo {a} { } }
