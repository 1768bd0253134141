#!/bin/sh
udhcpd /etc/udhcpd.conf
