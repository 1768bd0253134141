:; echo $?; : a b c; echo $?; : ${x:=5}; echo $x; : > f; ls f; : $(echo side >&2); : --help; echo $?
