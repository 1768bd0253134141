let '1<2'; echo $?; let '2<1'; echo $?; let x=5,y=6; echo $x $y; let 'x = x > 3 ? 10 : 20'; echo $x; let "a b" ; echo $?
