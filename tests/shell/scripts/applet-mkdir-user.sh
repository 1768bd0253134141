#@ user
mkdir /x; echo $?; mkdir -p /srv/data/deep/new; echo $?; mkdir /tmp/a; stat -c '%u:%g %a' /tmp/a; mkdir -p /srv/data/closed/x; echo $?; mkdir /srv/data/rodir/y; mkdir -p /home/user/a/b; ls /home/user
