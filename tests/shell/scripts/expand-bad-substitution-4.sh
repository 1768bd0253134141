(echo ${1x}); echo $?; (echo ${-x}); echo $?; (echo "${x.y}"); echo $?; (echo ${x@}); echo $?
