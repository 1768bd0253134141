i=3
while [ $i -lt 80 ]; do
    eval "exec $i</dev/null"
    i=$((i+1))
done
echo $i
: <&79
echo $?
exec 1024</dev/null
echo $?
