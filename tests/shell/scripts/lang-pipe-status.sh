(exit 3) | (exit 4); echo $?
! (exit 3) | (exit 4); echo $?
set -o pipefail
(exit 3) | true; echo $?
true | true; echo $?
(exit 3) | (exit 4) | true; echo $?
! false | true; echo $?
set +o pipefail
false | true; echo $?
