f() { f; }; f; echo $?
