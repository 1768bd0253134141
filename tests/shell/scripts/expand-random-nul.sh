echo ${RANDOM:+set} ${#LINENO} ${PPID:+set} ${SECONDS-noseconds} ${OPTIND} ${UID-nouid} ${HOSTNAME} ${BASH-nobash} ${PS2} ${PS4} ${IFS+ifs} ${FUNCNAME-nofunc} ${SHLVL}
x=$RANDOM; [ $x -ge 0 ] && [ $x -lt 32768 ] && echo range; RANDOM=1; x=$RANDOM; RANDOM=1; [ $x = $RANDOM ] && echo same
unset RANDOM; echo "<$RANDOM>"
