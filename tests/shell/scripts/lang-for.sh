for i in a b c; do echo $i; done
for i in; do echo never; done; echo $?
for i in "x y" z; do echo "<$i>"; done
for i
in 1 2
do
echo $i
done
for i in *; do echo "$i"; done
for i in $(echo 1 2 3); do echo n$i; done
echo last $i
for x in a; do false; done; echo $?
