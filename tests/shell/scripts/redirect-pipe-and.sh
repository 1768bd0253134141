ls nosuch |& cat; echo $?
