while read a b; do echo "$b $a"; done <<EOF
1 2
3 4
EOF
for i in x y; do cat <<EOF
loop $i
EOF
done
f() { cat <<EOF
func $1
EOF
}
f a; f b
{ read x; read y; echo "$x,$y"; } <<EOF
p
q
EOF
