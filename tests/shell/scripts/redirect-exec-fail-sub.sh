(exec 3</nosuch; echo never); echo $?; exec 3>/no/such/f || echo no; echo never
