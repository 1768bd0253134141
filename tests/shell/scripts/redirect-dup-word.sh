n=1; echo a >&$n; echo b >&"2" 2>&1; f=x; echo c >&$f; cat x; echo d >& y; cat y; echo $?; cat <&x; echo $?; echo e >&1a; ls; echo $?
