return; echo after; f() { return 5; }; f; echo $?; . /dev/stdin <<EOF
echo in dot
return 3
echo not
EOF
echo $?; (return 4); echo $?; f() { return abc; }; (f); echo $?; f() { return 1 2; }; f; echo $?; return 7; echo end
