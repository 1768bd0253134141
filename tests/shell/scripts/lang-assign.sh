a=1 b=2; echo $a $b
a='x y' ; echo $a
a=$b$b; echo $a
a= ; echo "<$a>"
a=b=c; echo $a
a="q"'r's; echo $a
a=*; echo "$a"
1a=2; echo $?
a.b=2; echo $?
a-=1
=x
a=1 b=$a c=$b; echo $a $b $c
x=~; echo "$x"; x=~/y:~/z; echo "$x"; x='~'; echo "$x"
