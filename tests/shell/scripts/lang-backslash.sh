echo \a \\ \' \" \$x \` \* \~ \# \; \& \|
echo "\a \\ \' \" \$x \` \*"
echo '\a \\ \"'
echo a\ \ b
x=\\; echo "$x"
printf '%s\n' \n "\n" '\n'
