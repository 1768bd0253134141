ls /proc/self/fd; ls -l /proc/self/fd | sed 's/  *.*//' | wc -l; echo /proc/self/fd/* | tr ' ' '\n' | head -n 3; exec 7</dev/null; ls /proc/self/fd; find /proc/self/fd/ | wc -l
