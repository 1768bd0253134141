#@ user
echo a > /etc/f; echo $?; cat < /srv/data/secret; echo $?; echo b > /srv/data/poem.txt; echo $?; >> /srv/data/ro.txt; echo $?; echo c > /tmp/ok; cat /tmp/ok; echo d > /root/x; echo e > /srv/data/rodir/x; echo f > /srv/data/closed/inside; exec 3>/etc/x; echo never
