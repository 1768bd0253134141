x=1; export x; sh -c 'echo $x'; export y=2 z='a b'; sh -c 'echo $y $z'; export -p | grep -E '^export [xyz]='; export nosuch; env | grep nosuch; echo $?; export 1x; echo $?
