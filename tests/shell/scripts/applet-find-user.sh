#@ user
find /srv/data/closed; echo $?; find /srv/data/closed -maxdepth 0; find /root; echo $?; find /srv/data -maxdepth 1 -user user; find / -maxdepth 2 -name secret 2>/dev/null; find /home; find /srv/data/closed -name inside -o -print; find /tmp /srv/data/rodir
