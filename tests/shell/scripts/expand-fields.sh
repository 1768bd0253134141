x='a b  c'; set -- $x; echo $#; set -- "$x"; echo $#; set -- $x$x; echo $#; set -- $x"$x"; echo $#
x=' lead trail '; set -- $x; echo $#; set -- a$x"b"; echo "$1|$2|$3|$4"
x=; set -- $x; echo $#; set -- "$x"; echo $#; set -- $x"" ; echo $#; set -- ''$x''; echo $#
x='a
b	c'; set -- $x; echo $# "$1" "$3"
set -- $u $u; echo $#; set -- "" ''; echo $#
