x=hello; echo ${#x} ${#u} ${#} ${#@} ${#*}
set -- a bb ccc; echo ${#1} ${#3} ${#4} ${#} ${##} ${#?} ${#$} | sed 's/.$/N/'
x=; echo ${#x}; x='a b  c'; echo ${#x} "${#x}"
x=日本; echo ${#x}
echo $#x ${#-}
