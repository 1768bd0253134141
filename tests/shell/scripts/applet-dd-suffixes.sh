cat > in <<'X'
hello world
X
for b in 1kB 1K 1c 1w 1b 1M 1MB 1MD 1m 2x3 1k 1kD 1KD 1KB; do dd bs=$b count=1 if=/dev/zero of=o; ls -l o; done; dd bs=1G count=0 if=/dev/zero of=/dev/null; dd conv=swab if=in; dd conv=sync bs=5 if=in of=out; cat out; dd conv=noerror,sync,fsync,notrunc if=in of=out; dd conv=ucase if=in; dd conv=foo if=in; dd conv= if=in; dd status=none if=in; dd status=noxfer if=in; dd status=progress if=in
