x=set e=
echo "<${x+a}>" "<${x:+a}>" "<${e+a}>" "<${e:+a}>" "<${u+a}>" "<${u:+a}>"
echo ${x:+"$x"} "${x:+'q'}" ${x+a b}
for i in ${x:+"a b" c}; do echo "$i"; done
for i in "${x:+a b}"; do echo "$i"; done
set -- ${u+a}; echo $#; set -- "${u+a}"; echo $#
set -- ${1+"$@"}; echo $#
