cd /tmp; mknod n c 1 3; ls -l n | cut -c1-10; echo a > n; cat n; mknod z c 1 5; head -c 2 z | wc -c; mknod b b 8 0; cat b; echo $?; mknod t c 5 0; echo x > t; rm n z b t
