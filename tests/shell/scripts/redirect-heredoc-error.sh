readonly r; cat <<EOF
${r:=x}
EOF
echo $?
cat <<EOF
${r?y}
EOF
echo $?; set -u; cat <<EOF
$nope
EOF
echo $?; cat <<EOF
${x!y}
EOF
echo $?
{ cat; } <<EOF
$((1/0))
EOF
echo $?;f() { return 3; }; f <<EOF
$((1/0))
EOF
echo $?; exec <<EOF
$((1/0))
EOF
echo $?; : <<EOF
$((1/0))
EOF
echo $?; x=3 : <<EOF
$((1/0))
EOF
echo $? $x; y=3 <<EOF
$((1/0))
EOF
echo $? $y; <<EOF
$((1/0))
EOF
echo $?; (echo a) <<EOF
$((1/0))
EOF
echo $?; set -e;  cat <<EOF
$((1/0))
EOF
echo $?
