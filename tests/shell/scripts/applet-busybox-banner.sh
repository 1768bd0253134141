busybox | head -n 1; busybox --help | tail -n +3 | head -n 12; busybox | wc -l; /bin/busybox wget; echo $?; /bin/busybox tftp; echo $?; busybox -h 2>&1 | head -n 2; busybox help; echo $?
