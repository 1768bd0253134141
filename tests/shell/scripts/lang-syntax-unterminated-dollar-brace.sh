echo before
echo ${x
