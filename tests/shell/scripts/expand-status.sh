true; echo $?; false; echo "$?"; (exit 42); echo ${?}; echo $?
x=$?; echo $x; [ 1 = 2 ]; echo $? $?; echo $(false; echo $?) $(exit 3) $?
f() { echo $?; }; false; f; (exit 9); f; false; echo "`echo $?`"
if false; then :; fi; echo $?; false || echo $?; false; case x in x) echo $?;; esac; false; for i in 1; do echo $?; done; false; while echo $?; do break; done
