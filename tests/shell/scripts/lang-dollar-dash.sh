echo $-
set -f; echo $-; set +f
set -eu; echo $-; set +eu
set -x; echo $-; set +x
sh -c 'echo $-' 
