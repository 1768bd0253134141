#@ stdin
echo a
echo )
echo b
