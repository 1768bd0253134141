#@ stdin
cat <<EOF
here $((1+1))
EOF
if true
then
  echo yes
fi
exit 3
echo never
