ifconfig; ifconfig eth0; ifconfig lo; ifconfig -a | head -n 2; ifconfig nosuch; echo $?
