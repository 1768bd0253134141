if (exit 3); then :; else echo $?; fi
if (exit 3); then :; elif (exit 4); then :; else echo $?; fi
if false; then :; fi; echo $?
if (exit 5); then echo; fi; echo $?
