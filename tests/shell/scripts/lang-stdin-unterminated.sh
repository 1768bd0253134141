#@ stdin
echo a
echo "open
