cd /srv/data/dirlink; pwd; pwd -P; PWD=/wrong; pwd; echo $PWD; pwd -x; echo $?; pwd a; cd /tmp; pwd; /bin/busybox pwd; sh -c pwd
