uptime; cat /proc/uptime; cat /proc/loadavg; sleep 5; uptime
