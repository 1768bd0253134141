i=0; while [ $i -lt 2100 ]; do (:); i=$((i+1)); done; sleep 5 | sleep 5 | sleep 5 & jobs -l >/tmp/j; sed "s/[0-9][0-9][0-9][0-9]/NNNN/" /tmp/j; rm /tmp/j; kill %1; wait $!; echo $?
true | sleep 3 & sleep 1; jobs; kill %1; echo $?; wait; jobs
sleep 5 | (trap "echo got; exit 7" TERM; sleep 5) & sleep 1; kill $!; wait $!; echo $?
sleep 3 | sleep 4 & kill -9 %1; wait %1; echo $?; kill %1; echo $?
(exit 2) | true & wait %1; echo $?; (sleep 1; exit 3) | (exit 4) & wait $!; echo $?
{ { echo a | cat; }; } & wait; f() { echo $1 | cat & }; f 1; wait; f 2; wait
cat /etc/passwd | head -n 1 & wait; yes | head -n 2 & wait $!; echo $?; read x | cat & wait; jobs
