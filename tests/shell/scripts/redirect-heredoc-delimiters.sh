cat <<'a b'
x
a b
cat <<$x
y
$x
cat <<-"	t"
z
	t
cat <<E\
OF
w
EOF
cat <<1
one
1
cat <<*
star
*
