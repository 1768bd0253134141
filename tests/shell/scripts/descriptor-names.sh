exec 5</etc/passwd
readlink /proc/self/fd/5
ls -l /proc/$$/fd/5 | sed "s/.* -> //"
cat /proc/$$/fd/5 | head -n 1 | cut -c1-4
exec 6>/tmp/x
readlink /proc/self/fd/6
rm /tmp/x
