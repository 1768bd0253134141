alias e='echo aliased'
e x
alias
alias e
alias nosuch; echo $?
alias l='ls -d' q='echo "a b"'
l /tmp
q
alias x='echo '
alias y=word
x y
unalias e; e
unalias nosuch; echo $?
unalias -a; alias
