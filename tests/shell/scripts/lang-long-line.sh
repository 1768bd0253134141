x=$(seq -s ' ' 500); echo $x
set -- $x; echo $#
echo $x | wc -c
