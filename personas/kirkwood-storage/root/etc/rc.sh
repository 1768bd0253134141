#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /tmp
swapon /dev/sda2
mount /shares/Volume1
hostname NAS
syslogd -m 0
klogd
inetd
crond
/usr/sbin/fanctl &
/usr/sbin/lighttpd -f /etc/lighttpd.conf
