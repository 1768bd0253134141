dmesg | head -n 2; dmesg -c | wc -l; dmesg | wc -l
