# How it ends on what it does not understand: https://github.com/softwaredownload/openwrt-fanqiang/issues/25
iptables -L; iptables -F; echo $?; iptables -A INPUT -p tcp --dport 23 -j DROP; echo $?; iptables; echo $?; iptables -I INPUT -s 192.0.2.1 -j DROP; iptables -nosuch; echo $?
