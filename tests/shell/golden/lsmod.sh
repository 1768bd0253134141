lsmod; cat /proc/modules
