#!/bin/sh
case $1 in
start) /usr/syno/sbin/smbd -D; /usr/syno/sbin/nmbd -D ;;
stop) killall smbd nmbd ;;
esac
