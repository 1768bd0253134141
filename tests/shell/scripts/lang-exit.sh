(exit); echo $?
(false; exit); echo $?
(exit 300); echo $?
(exit -1); echo $?
sh -c 'exit x'; echo $?
sh -c 'exit 1 2'; echo $?
sh -c 'exit 99999999999'; echo $?
exit 7
echo never
