sleep 3 & renice 5 $!; echo $?; renice -n 3 $!; echo $?; renice -n 3 -p $!; echo $?; kill $!; renice 1 -u nosuch; echo $?; renice 1 -g x; echo $?; renice +2 $$; echo $?; renice -n 1 $$ 99998; echo $?
