x=$(cat <<EOF
in sub
EOF
); echo "$x"
echo "$(cat <<EOF
"dq" $(echo deep)
EOF
)" end
y=`cat <<EOF
back
EOF
`; echo $y
