cat > s7 <<'X'
abcdef
X
dd if=s7 conv=swab bs=3; dd if=s7 conv=swab bs=7; dd if=s7 conv=swab bs=2; dd if=s7 conv=swab bs=4; dd if=s7 conv=swab bs=5; dd if=s7 conv=swab,sync bs=4;  dd if=s7 conv=swab,sync bs=3; dd if=s7 conv=swab,notrunc bs=1;   cat s7 | dd conv=swab bs=5; cat s7 | dd conv=swab,sync bs=10; dd if=s7 bs=4 conv=swab count=1
