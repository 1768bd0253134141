true && echo 1
false && echo 2
true || echo 3
false || echo 4
true && false || echo 5
false || true && echo 6
false && true || true && echo 7
echo $?
false && true; echo $?
true || false; echo $?
