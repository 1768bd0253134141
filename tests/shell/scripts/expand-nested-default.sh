a= b=2; echo ${a:-${b:-${c:-3}}} ${c:-${b}} ${a:-$(echo cmd)} ${a:-$((1+1))} ${a:-`echo bq`} "${a:-"$(echo "q q")"}"
echo ${a:-\$b} ${a:-'$b'} "${a:-\$b}" ${a:-"${b}"} ${a:+x}${b:+y} ${b:+${a:-z}} ${a:-a}${b:-b}
echo ${a:-x y}z "${a:-x   y}z" ${a:-  x  y  } "${a:-  x  }"
