i=0
while [ $i -lt 80 ]; do
    (sleep 100 & echo $! >/tmp/p)
    read x </tmp/p
    kill $x
    i=$((i+1))
done
echo $i
rm /tmp/p
