#@ args name one two "three"
for i; do echo "$i"; done
for i do echo "d $i"; done
for i
do echo "n $i"
done
set -- 'a b' c
for i in "$@"; do echo "<$i>"; done
for i in $*; do echo "[$i]"; done
for i in "$*"; do echo "{$i}"; done
