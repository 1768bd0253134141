echo $LINENO
echo $LINENO; echo $LINENO

echo $LINENO
f() {
echo f $LINENO
}
f
echo "a
b" $LINENO
eval 'echo e $LINENO'
