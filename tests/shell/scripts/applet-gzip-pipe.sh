cd /tmp
seq 1 40 >p
gzip -c p | gunzip -c | cmp - p
echo $?
gzip <p | zcat | tail -n 1
