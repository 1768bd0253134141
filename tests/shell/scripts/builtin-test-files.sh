cd /srv/data; for f in poem.txt deep good dangling loop1 fifo nosuch empty hello.sh setuid /dev/null secret dirlink ''; do echo "$f:"; for o in e f d L h p c b r w x s u g k S O G; do [ -$o "$f" ] && echo -n " $o"; done; echo; done
[ -k /tmp ]; echo $?; [ -u setuid ]; echo $?; [ -t 0 ]; echo $?; [ -t 1 ]; echo $?; [ -t x ]; echo $?
