f=/usr/local/file.tar.gz
echo ${f%.*} ${f%%.*} ${f%/*} ${f%%/*}x ${f%gz} ${f%no}
echo ${f%?} ${f%%?} ${f%[xyz]} "${f%.*}"
x=aaa; echo ${x%a} ${x%%a} ${x%%a*} "<${x%%*}>" "<${x%*}>"
x='a*b*c'; echo "${x%\**}" "${x%'*'*}" "${x%"*"*}" "${x%%\**}"
s=.gz; echo ${f%$s} ${f%"$s"}
s='*'; echo "${f%$s}" "${f%%$s}" "${f%"$s"}"
echo ${u%x} "${u%%*}"
