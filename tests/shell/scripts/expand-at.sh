set -- a 'b c' '' d
for i in "$@"; do echo "<$i>"; done; echo --; for i in $@; do echo "<$i>"; done; echo --
for i in "x$@y"; do echo "<$i>"; done; for i in "$@$@"; do echo "[$i]"; done
for i in x"$@"; do echo "{$i}"; done
set --; for i in "$@"; do echo no; done; for i in "x$@"; do echo "<$i>"; done; for i in "$@"""; do echo "<$i>"; done
set -- "$@" a; echo $#; set -- "${@}" b; echo $#; set -- ${@+"$@"}; echo $#; set -- "${u-$@}"; echo $#
