busybox --install -s /tmp; echo $?; ls /tmp | wc -l; busybox --install /nosuch; echo $?
