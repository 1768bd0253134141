set -- a b c
for i in "$@"; do shift; echo $i $#; done
for i in 1 2 3; do i=x$i; echo $i; done
echo $i
