x=v
cat <<'EOF'
$x `echo a` \$x \\
EOF
cat <<E"O"F
$x "quoted"
EOF
cat <<\E
$x
E
cat <<""
until empty $x

echo done
