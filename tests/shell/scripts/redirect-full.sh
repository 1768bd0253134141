cd /mnt/small; dd if=/dev/zero of=big bs=1k count=100 2>&1 | head -n 1; ls -l big | awk '{print $5}'; echo x > y; echo $?; cat y; rm big; echo z > y; cat y
