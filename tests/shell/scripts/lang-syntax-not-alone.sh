!
echo $?
