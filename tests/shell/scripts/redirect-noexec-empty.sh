> a > b; ls; < /etc/hosts; echo $?; 2>&1; echo $?; x=1 > c; echo $x; ls; ! > d; echo $?; > e && echo ok; if > f; then echo y; fi; ls
