top -b -n 1 | head -n 8
top -bn1 | tail -n 2
