cat <<EOF
a
b
EOF
cat << EOF
c
EOF
cat <<EOF; echo after
d
EOF
cat <<EOF | tr a-z A-Z
piped
EOF
cat <<EOF > f
to file
EOF
cat f; cat <<A - <<B
a
A
b
B
cat <<EOF
EOF
echo end
