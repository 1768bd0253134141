pidof init; pidof httpd telnetd; pidof nosuch; echo $?; sleep 5 & pidof sleep; kill $!
