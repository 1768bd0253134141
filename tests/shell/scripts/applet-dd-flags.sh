cat > in <<'X'
hello world
X
dd iflag=skip_bytes skip=3 bs=2 if=in; dd iflag=count_bytes count=5 bs=2 if=in; dd iflag=fullblock if=in; dd iflag=foo if=in; dd oflag=seek_bytes seek=3 if=in of=out; cat out; dd oflag=append if=in of=out; dd oflag=append conv=notrunc if=in of=out; cat out; dd oflag=foo if=in; dd if=in if=in; dd if= ; dd if=in of=; dd ibs=3 obs=5 if=in; dd obs=5 if=in; dd ibs=5 if=in; dd cbs=5 if=in; dd ibs=3 obs=5 count=2 if=in; dd skip=100 if=in; dd if=in skip=1 bs=12; dd if=in skip=2 bs=12; dd bs=1 count=0 if=in of=out; ls -l out; dd if=in bs=4 ibs=3; dd ibs=3 bs=4 if=in; dd if=in count=1k bs=1; dd if=in count=0x2 bs=1;dd if=in count=010 bs=1; dd if=in "count= 2" bs=1; dd bs=-1; dd bs=99999999999999999999; dd count=-1 if=in
