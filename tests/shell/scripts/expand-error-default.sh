(echo ${x?}); echo $?
(echo ${x:?}); echo $?
x=; (echo ${x:?is empty}); echo $?; echo "<${x?}>"
x=1; echo ${x?no}
(echo ${1?none}); (echo ${@?none}); echo ${nosuch:?the words "of" $x}
