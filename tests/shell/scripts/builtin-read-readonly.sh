readonly r=1; echo a | { read r; echo $?; }; echo "$r"; read r < /etc/hosts; echo after $?
