f() { echo one; }; f
f() { echo two; f() { echo three; }; }; f; f
unset -f f; f
echo $?
