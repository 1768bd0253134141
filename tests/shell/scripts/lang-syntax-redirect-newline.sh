echo a
cat <
echo b
