echo before
echo `ls
