unset IFS; x='a b'; set -- $x; echo $#; unset PATH; ls /etc/hosts; unset HOME; cd; echo $?; unset PS1 PS2 OPTIND; echo $?; unset '*' ; echo $?
