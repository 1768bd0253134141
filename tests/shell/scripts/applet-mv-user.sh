#@ user
mv /etc/hosts /tmp/x; echo $?; mv /srv/data/open /tmp; echo $?; touch /tmp/a; mv /tmp/a /tmp/b; ls /tmp; mv /tmp/b /srv/data; echo $?; mv /tmp/b /home/user; ls; mv /srv/data/rodir/file /tmp; echo $?; chmod 444 b; touch c; mv c b < /dev/null; echo $?; ls; mv b /root; echo $?
