#!/bin/sh
cd /komod
for m in hi_osal hi3536dv100_base hi3536dv100_sys hi3536dv100_vpss hi3536dv100_vo hi3536dv100_vdec hi3536dv100_hdmi wdt; do insmod $m.ko; done
mount -t ext4 /dev/sda1 /mnt/disk1
/opt/nvr/wdtfeed &
/opt/nvr/nvrmain
