cat <<EOF
text
EOF
cat <<END
x
END of
