#@ stdin
ps
busybox ps | head -n 2
ps -o pid,comm | head -n 3
ps -o user,args,vsz=SIZE
ps -T | head -n 2
ps | grep httpd
