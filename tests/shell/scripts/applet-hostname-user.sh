#@ user
hostname; hostname new; echo $?; hostname; id; whoami; uname -n; hostname -F /etc/hosts; echo $?
