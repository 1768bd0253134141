exec 2>/dev/null
sleep 5 & p=$!; kill $p; wait $p; echo $?; sleep 5 & kill -9 $!; wait $!; echo $?; sleep 5 & kill -0 $! && echo alive; kill $!; wait; kill $! 2>/dev/null; echo $?; sleep 5 & kill %1; wait; echo done; (sleep 5; echo no) & kill $!; wait $!; echo $?
