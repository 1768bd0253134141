cat /dev/fd/3 3<<EOF
via fd
EOF
ls /proc/self/fd/ | head -n 3 | wc -l
