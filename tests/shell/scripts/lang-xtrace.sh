set -x
echo a "b c" 'd' ''
x=1 y='2 3'
for i in 1 2; do :; done
if [ $x = 1 ]; then true; fi
case $x in 1) :;; esac
f() { echo $1; }
f q
(echo sub)
x=$(echo in)
echo > file
PS4='> '
echo after
PS4='$x+ '
echo last
set +x
echo quiet
