free; free -m; free -k; free -b; free -h; free -m | grep Mem | awk '{print $2 ,$3,$4,$5,$6,$7}'; head -n 3 /proc/meminfo
