x=$(false); echo $?
$(true); echo $?; $(false); echo $?; $(exit 4); echo $?
echo $(exit 3); echo $?
$(echo echo hi)
$(echo false) || echo f
x=$(exit 1)$(exit 2); echo $?
`exit 5`; echo $?
