set -- a; shift; shift; echo $? $#; shift -1; echo never $?
