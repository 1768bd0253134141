route; route -n; netstat -rn; cat /proc/net/route
