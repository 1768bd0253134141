#@ stdin
echo from stdin $0 $#
read x
this line is read
echo "<$x>"
cat
the rest
goes to cat
