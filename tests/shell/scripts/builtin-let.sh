let x=1+2; echo $x $?; let 0; echo $?; let 'y=5' 'z=y*2'; echo $y $z; let; echo $?; let 'x++' x; echo $x; let 1/0; echo never
