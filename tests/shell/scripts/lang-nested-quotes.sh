echo "a 'b' \"c\" \\ \$x"
echo 'a "b" \ $x'
echo "$(echo "in $(echo "deep 'x'")")"
echo "`echo "back"`"
echo `echo \`echo nested\``
echo "a"'b'c\d"e"
echo "" '' "a""b"
x="it's"; echo "$x"
echo "line
two"
