i=0
while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done
echo $?
while false; do :; done; echo $?
i=0; while i=$((i+1)); [ $i -lt 4 ]; do [ $i = 2 ] && continue; echo $i; done
while true; do echo once; break; done
i=5; while [ $i -gt 0 ]; do i=$((i-1)); false; done; echo $?
