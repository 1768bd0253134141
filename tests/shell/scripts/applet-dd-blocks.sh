cat > in <<'X'
hello world
X
dd if=in of=out; dd if=in; dd if=in bs=4; dd if=in bs=4 count=2; dd if=in bs=4 count=1 skip=1; dd if=in bs=5 seek=1 of=out; cat out; dd if=in of=out bs=3 conv=notrunc; cat out; dd if=/dev/zero of=out bs=1k count=10; ls -l out; dd if=/dev/zero of=out bs=1M count=1; ls -l out; dd if=nofile; dd of=/nonexist/x if=in; dd foo=1; dd bs=x; dd bs=0; dd count=x; dd bs=1x
