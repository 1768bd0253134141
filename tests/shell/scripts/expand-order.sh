x=1; echo $x$((x=2))$x; echo ${x:+$((x=3))}$x
i=0; echo $((i++)) $((i++)) $i; a=$((i++)) b=$((i++)); echo $a $b $i
echo $(echo o1 >&2) $(echo o2 >&2) done
x=a; x=b echo $x; x=c; y=$x; echo $y
> $(echo f1; echo cmd >&2) echo $(echo arg >&2) v
