uptime; cat /proc/uptime; cat /proc/loadavg; sleep 60; uptime
