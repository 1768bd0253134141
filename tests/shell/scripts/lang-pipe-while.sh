printf 'a b\nc d\n' | while read x y; do echo "$y-$x"; done
n=0; printf '1\n2\n3\n' | while read i; do n=$((n+i)); done; echo $n
n=0; while read i; do n=$((n+i)); done <<EOF
1
2
EOF
echo $n
seq 3 | while read i; do for j in a b; do echo $i$j; done; done
