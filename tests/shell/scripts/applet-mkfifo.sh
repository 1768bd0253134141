cd /tmp; mkfifo; echo $?; mkfifo a b nosuch/c a d; echo $?; mkfifo -m 1777 k l; mkfifo -m zz q r; echo $?; mkfifo -m 600 m; umask 077; mkfifo -m u=rw,g=r n; mkfifo o
