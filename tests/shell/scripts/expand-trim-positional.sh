set -- a.x b.x c.y
echo ${1%.x} ${@%.x} "${@#?}" ${*%.*}
echo ${#@} 
for i in "${@%.x}"; do echo "<$i>"; done
