for i in $(seq 300); do a="$a $i"; done; echo $a
set -- $(seq 1000); echo $# ${1000} $9 $10
