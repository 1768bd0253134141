hash; hash ls; echo $?; hash nosuch; echo $?; hash -r; echo $?; /bin/ls /etc/hosts; hash; hash -v sh 2>&1; hash -x; echo $?
