x=abc; echo $x ${x} "$x" '$x' $xy ${x}y "${x}y" $x$x
echo ${x}${x} "$x-$x" $x.txt $x/y
_a=1 a1=2; echo $_a $a1 $1a
echo "<$unset>" <$unset 2>/dev/null; echo "<${unset}>"
