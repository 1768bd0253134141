x=$(false); echo $?
x=$(exit 5) y=1; echo $?
x=$(exit 5) true; echo $?
x=1; echo $?
false; x=1; echo $?
x=`exit 3`; echo $?
