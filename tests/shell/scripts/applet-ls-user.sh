#@ user
ls /root; echo $?; ls /srv/data/closed; ls -l /srv/data/closed/inside; echo $?; ls -ld /srv/data/closed; ls -R /srv/data/closed /srv/data/rodir; ls -l /srv/data/secret /srv/data/theirs; ls; ls -la | tail -n 1; ls /srv/data/closed /home
