break; echo $?; break 1; for i in 1; do break x; done; echo $?
