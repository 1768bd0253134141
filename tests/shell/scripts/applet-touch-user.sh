#@ user
touch /etc/hosts; echo $?; touch /etc/new; echo $?; touch /srv/data/open; echo $?; touch -d '2001-01-01 00:00:00' /srv/data/open; echo $?; touch /tmp/a; stat -c '%u:%g %a' /tmp/a; touch -d '2001-01-01 00:00:00' /tmp/a; echo $?; touch /srv/data/closed/x; echo $?; touch -c /etc/nosuch; echo $?
