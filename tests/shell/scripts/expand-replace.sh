x=banana
echo ${x/a/o} ${x//a/o} ${x/a} ${x//a} ${x/z/y} ${x/an/[&]}
echo ${x/?/X} ${x//?/X} ${x/*/X} ${x/a*/X} ${x/[an]/-} ${x//[an]/-}
echo ${x/#b/X} ${x/%a/X} "${x//a/ }" ${x//a/ }
p=an r=AN; echo ${x/$p/$r} ${x//"$p"/"$r"} ${x//a/$r$r}
x=a/b/c; echo ${x//\//-} ${x/\//} "${x//\//:}" ${x///x}
x='a*b'; echo "${x/\*/S}" "${x/'*'/S}" "${x//[*]/S}"
x=; echo "<${x/a/b}>" "<${x/*/b}>"
echo ${x/} ${u/a/b}
