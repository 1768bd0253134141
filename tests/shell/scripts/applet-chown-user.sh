#@ user
touch /tmp/f; chown 0 /tmp/f; echo $?; chown user /tmp/f; echo $?; chgrp 100 /tmp/f; echo $?; chown 1000:1000 /tmp/f; echo $?; chown -v 0 /tmp/f; chown 1000 /etc/passwd; chgrp user /tmp/f; echo $?
