mount; cat /proc/mounts; mount -t tmpfs none /opt; mount | tail -n 1; umount /opt; mount -o remount,ro /mnt/small; mount | grep small; cat /proc/self/mounts | wc -l; cat /proc/1/mounts | head -n 2
