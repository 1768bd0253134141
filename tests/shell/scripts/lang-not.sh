! true; echo $?
! false; echo $?
! ! true; echo $?
! true && echo a
! echo b | grep -q c && echo d
if ! false; then echo e; fi
! { false; }; echo $?
! (exit 3); echo $?
