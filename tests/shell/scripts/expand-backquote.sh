echo `echo a` "`echo b`" `echo c`d
echo `echo \`echo nested\`` `echo '\$x' \$HOME`
echo "`echo \"dq\"`" `echo "dq2"` `echo \\\\x`
x=`printf 'a\n\n'`; echo "$x|"
echo `echo a
echo b`
echo `false` $?
echo '`not`' \`no\`
echo `echo $(echo mixed)` $(echo `echo mixed2`)
