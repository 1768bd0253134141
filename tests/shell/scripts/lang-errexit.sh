set -e
false || true
if false; then :; fi
! true
false && true
while false; do :; done
echo before
(exit 3)
echo not reached
