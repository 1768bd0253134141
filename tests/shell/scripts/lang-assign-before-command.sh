x=1
x=2 sh -c 'echo $x'; echo $x
x=3 true; echo $x
x=4 eval 'echo $x'; echo $x
x=5 :; echo $x
f() { echo f $x; }
x=6 f; echo $x
y=7 export y; echo $y
x=8 y=9 env | grep -E '^[xy]='
x=$(echo 10) sh -c 'echo $x'
PATH=/nowhere ls /etc/hosts
PATH=/nowhere /bin/echo hi
