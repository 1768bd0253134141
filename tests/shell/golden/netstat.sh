netstat -tln; netstat -an; netstat; netstat -tu; cat /proc/net/tcp | head -n 2
