x='a b' y=
cat <<EOF
$x ${x} "$x" ${y:-def "q"} ${x%b} ${#x} $(echo sub; echo two) `echo back` $((1+2)) \$x \` \\ \q "\"" '\''
$
$(cat <<IN
nested $x
IN
)
\
joined
a\
b
EOF
