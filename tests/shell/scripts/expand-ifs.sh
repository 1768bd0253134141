x=a:b:c; IFS=:; set -- $x; echo $# $1 $3; echo $x "$x"
x=a::b; set -- $x; echo $# "<$2>"; x=:a; set -- $x; echo $# "<$1>"; x=a:; set -- $x; echo $#; x=:; set -- $x; echo $#; x=::; set -- $x; echo $#
IFS=' :'; x='a : b:c  d'; set -- $x; echo $# "$1" "$2" "$3" "$4"
x=' : a'; set -- $x; echo $# "<$1>"
IFS=; x='a b'; set -- $x; echo $# "$1"
IFS=x; y=axbxc; set -- $y; echo $#; set -- "$y"; echo $#; set -- axb; echo $#
unset IFS; x='a b	c'; set -- $x; echo $#
IFS='
'; x='a b
c'; set -- $x; echo $# "$1"
