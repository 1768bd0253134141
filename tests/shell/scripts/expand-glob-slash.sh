x="\/"; echo $x"e"*
cd /; x="\/e*"; echo $x; x="\/etc\/h*"; echo $x; x="/etc\/h*"; echo $x; x="/e*\/h*"; echo $x; x="/\/etc/h*"; echo $x
cd /; x="\etc/h*"; echo $x; x="\e*"; echo $x; x="e\t*"; echo $x; x="\//h*"; echo $x; x="etc\\"; echo $x/h*; x="etc\\\\"; echo $x/h*
cd /; x="\/nosuch*"; echo $x; x="\\"; echo $x/e*; echo \\/e*; echo '\/e'*; echo "\\"/e*
cd /; x='[a\/]*'; echo $x; x='\.\/e*'; echo $x; x='etc/\.*'; echo $x; x='etc/*\/'; echo $x; x='etc/*\'; echo $x
