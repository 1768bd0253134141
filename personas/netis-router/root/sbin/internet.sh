#!/bin/sh
brctl addbr br0
brctl addif br0 ra0
brctl addif br0 eth2.1
ifconfig br0 192.168.1.1 netmask 255.255.255.0
iptables -t nat -A POSTROUTING -o eth2.2 -j MASQUERADE
echo 1 > /proc/sys/net/ipv4/ip_forward
