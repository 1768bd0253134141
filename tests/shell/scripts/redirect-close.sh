echo a >&-; echo $?; cat <&-; echo $?; ls nosuch 2>&-; echo $?; exec 5>f; echo b >&5 5>&-; echo $?; cat f; read x <&-; echo $?
{ echo c; } >&-; echo $?; printf d >&-; echo $?; echo 3>&-; true <&-; echo $?
