echo ${x=1} $x; echo ${x=2} $x
e=; echo "<${e=3}>"; echo ${e:=4} $e
echo ${y:=a b} "$y"
for i in ${z=p q}; do echo $i; done
echo ${1=x}; echo never
