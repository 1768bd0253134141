set -v
echo a
x=1
set +v
echo b
