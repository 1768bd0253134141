#@ user
rm /etc/hosts < /dev/null; echo $?; rm -f /etc/hosts; echo $?; rm -rf /srv/data/deep; echo $?; touch /tmp/f; chmod 0 /tmp/f; rm /tmp/f < /dev/null; echo $?; ls /tmp; rm -f /tmp/f; ls /tmp; rm -r /srv/data/closed < /dev/null; echo $?; rm -rf /root; echo $?; mkdir -p /tmp/d/e; chmod 555 /tmp/d; rm -rf /tmp/d; echo $?; ls /tmp
