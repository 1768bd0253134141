i=0
while [ $i -lt 100 ]; do
    : &
    i=$((i+1))
done
wait
echo $i
