echo 'echo from pipe; x=1' | . /dev/stdin; echo "<$x>"; . /dev/stdin <<'EOF'
y=2
z=$(echo 3)
EOF
echo $y $z
