#@ user
chmod 777 /etc/hosts; echo $?; touch /tmp/f; chmod 700 /tmp/f; stat -c %a /tmp/f; chmod u+s /tmp/f; stat -c %a /tmp/f; chmod 600 /srv/data/theirs; echo $?; stat -c %a /srv/data/theirs; chmod -R 755 /srv/data/deep; echo $?; chmod 000 /tmp/f; cat /tmp/f; chmod g+s /tmp/f; stat -c %a /tmp/f
