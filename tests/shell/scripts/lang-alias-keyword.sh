alias begin='if true; then' end='fi'
begin echo in; end
alias foo='echo foo; echo'
foo bar
\foo
'foo'
