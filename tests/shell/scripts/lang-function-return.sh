f() { return 3; echo no; }
f; echo $?
f() { return; }; false; f; echo $?
f() { false; }; f; echo $?
f() { return 256; }; f; echo $?
f() { return 300; }; f; echo $?
f() { return -1; }; f; echo $?
f() { (return 4); echo $?; }; f
f() { while true; do return 5; done; }; f; echo $?
