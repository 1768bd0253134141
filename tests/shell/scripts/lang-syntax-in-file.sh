cat > s <<'EOF'
echo one
echo two
echo 'three
EOF
sh s; echo $?
sh ./s arg; echo $?
printf 'echo a\n)\n' > t; sh t; echo $?
