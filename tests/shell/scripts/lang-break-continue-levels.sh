for i in 1 2 3; do for j in a b c; do [ $j = b ] && continue 2; echo $i$j; done; done
for i in 1 2; do for j in a b; do echo $i$j; break 2; done; done
for i in 1 2; do for j in a b; do break 5; done; echo no; done; echo out
while true; do while true; do break; done; echo inner; break; done
break; echo $?
continue; echo $?
for i in 1; do break 0; done; echo $?
