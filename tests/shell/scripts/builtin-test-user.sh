#@ user
cd /srv/data; for f in poem.txt secret theirs open ro.txt closed closed/inside rodir /tmp /home/user hello.sh nox.sh; do echo -n "$f:"; for o in e r w x O G; do [ -$o "$f" ] && echo -n " $o"; done; echo; done
