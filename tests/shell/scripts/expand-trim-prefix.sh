f=/usr/local/file.tar.gz
echo ${f#*/} ${f##*/} ${f#/usr} ${f##*.} ${f#no}
echo ${f#?} ${f##?} ${f#[/]} "${f##*/}"
x=aaa; echo ${x#a} ${x##a} "<${x##*}>" "<${x#*}>"
x=a:b:c; echo ${x#*:} ${x##*:} ${x%%:*} ${x%:*}
p='*:'; echo ${x#$p} ${x##$p} ${x#"$p"}
x=~/a; echo ${x#~}; x='~a'; echo ${x#~} ${x#\~}
x='\a'; echo "${x#\\}" "${x#'\'}"
x='}a'; echo "${x#\}}"
