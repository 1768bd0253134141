df; df -h; df -k /mnt/small; df -T; df -P /; df -a; df -m; df -i /mnt/small; echo x > /mnt/small/x; df /mnt/small
