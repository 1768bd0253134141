echo 'echo a
if then' > s
. ./s
echo after $?
