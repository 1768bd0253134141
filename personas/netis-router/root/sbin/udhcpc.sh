#!/bin/sh
case "$1" in
    deconfig) ifconfig $interface 0.0.0.0 ;;
    renew|bound)
        ifconfig $interface $ip netmask $subnet
        for i in $router ; do route add default gw $i dev $interface ; done
        echo -n > /etc/resolv.conf
        for i in $dns ; do echo nameserver $i >> /etc/resolv.conf ; done
        ;;
esac
