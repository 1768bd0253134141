true; echo $?; false; echo $?; true a b; echo $?; false --help; echo $?; true --help; echo $?
