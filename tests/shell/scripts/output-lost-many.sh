cd /srv/data; exec 2>&1
busybox arch >/dev/full; echo "arch $?"; busybox arch >&-; echo $?
busybox awk 'BEGIN{print 1}' >/dev/full; echo "awk $?"; busybox awk 'BEGIN{print 1}' >&-; echo $?
busybox awk '{print}' poem.txt >/dev/full; echo "awk $?"; busybox awk '{print}' poem.txt >&-; echo $?
busybox awk 'BEGIN{print 1; exit 3}' >/dev/full; echo "awk $?"; busybox awk 'BEGIN{print 1; exit 3}' >&-; echo $?
busybox base64 poem.txt >/dev/full; echo "base64 $?"; busybox base64 poem.txt >&-; echo $?
busybox base64 -d base64.txt >/dev/full; echo "base64 $?"; busybox base64 -d base64.txt >&-; echo $?
busybox basename a/b >/dev/full; echo "basename $?"; busybox basename a/b >&-; echo $?
busybox cal 1 2020 >/dev/full; echo "cal $?"; busybox cal 1 2020 >&-; echo $?
busybox cat poem.txt >/dev/full; echo "cat $?"; busybox cat poem.txt >&-; echo $?
busybox cat -n poem.txt >/dev/full; echo "cat $?"; busybox cat -n poem.txt >&-; echo $?
busybox cat -v poem.txt >/dev/full; echo "cat $?"; busybox cat -v poem.txt >&-; echo $?
busybox cat -A poem.txt >/dev/full; echo "cat $?"; busybox cat -A poem.txt >&-; echo $?
busybox cat poem.txt nosuch >/dev/full; echo "cat $?"; busybox cat poem.txt nosuch >&-; echo $?
busybox cat -n nosuch poem.txt >/dev/full; echo "cat $?"; busybox cat -n nosuch poem.txt >&-; echo $?
busybox chattr >/dev/full; echo "chattr $?"; busybox chattr >&-; echo $?
busybox chmod -v 644 poem.txt >/dev/full; echo "chmod $?"; busybox chmod -v 644 poem.txt >&-; echo $?
busybox chown -v 0 poem.txt >/dev/full; echo "chown $?"; busybox chown -v 0 poem.txt >&-; echo $?
busybox chgrp -v 0 poem.txt >/dev/full; echo "chgrp $?"; busybox chgrp -v 0 poem.txt >&-; echo $?
busybox clear >/dev/full; echo "clear $?"; busybox clear >&-; echo $?
busybox cmp poem.txt words.txt >/dev/full; echo "cmp $?"; busybox cmp poem.txt words.txt >&-; echo $?
busybox cmp -l poem.txt words.txt >/dev/full; echo "cmp $?"; busybox cmp -l poem.txt words.txt >&-; echo $?
busybox cp -v poem.txt /tmp/z >/dev/full; echo "cp $?"; busybox cp -v poem.txt /tmp/z >&-; echo $?
busybox cut -c1 poem.txt >/dev/full; echo "cut $?"; busybox cut -c1 poem.txt >&-; echo $?
busybox cut -f1 nosuch poem.txt >/dev/full; echo "cut $?"; busybox cut -f1 nosuch poem.txt >&-; echo $?
busybox dd if=poem.txt >/dev/full; echo "dd $?"; busybox dd if=poem.txt >&-; echo $?
busybox dirname a/b >/dev/full; echo "dirname $?"; busybox dirname a/b >&-; echo $?
busybox dos2unix < poem.txt >/dev/full; echo "dos2unix $?"; busybox dos2unix < poem.txt >&-; echo $?
busybox du poem.txt >/dev/full; echo "du $?"; busybox du poem.txt >&-; echo $?
busybox du nosuch poem.txt >/dev/full; echo "du $?"; busybox du nosuch poem.txt >&-; echo $?
busybox egrep a poem.txt >/dev/full; echo "egrep $?"; busybox egrep a poem.txt >&-; echo $?
busybox env >/dev/full; echo "env $?"; busybox env >&-; echo $?
busybox expand poem.txt >/dev/full; echo "expand $?"; busybox expand poem.txt >&-; echo $?
busybox expr 1 + 1 >/dev/full; echo "expr $?"; busybox expr 1 + 1 >&-; echo $?
busybox expr 0 + 0 >/dev/full; echo "expr $?"; busybox expr 0 + 0 >&-; echo $?
busybox expr 1 / 0 >/dev/full; echo "expr $?"; busybox expr 1 / 0 >&-; echo $?
busybox factor 12 >/dev/full; echo "factor $?"; busybox factor 12 >&-; echo $?
busybox fgrep a poem.txt >/dev/full; echo "fgrep $?"; busybox fgrep a poem.txt >&-; echo $?
busybox find names >/dev/full; echo "find $?"; busybox find names >&-; echo $?
busybox find names -printf x >/dev/full; echo "find $?"; busybox find names -printf x >&-; echo $?
busybox find nosuch names >/dev/full; echo "find $?"; busybox find nosuch names >&-; echo $?
busybox find names -exec echo {} ';' >/dev/full; echo "find $?"; busybox find names -exec echo {} ';' >&-; echo $?
busybox find names -print0 >/dev/full; echo "find $?"; busybox find names -print0 >&-; echo $?
busybox find names -ls >/dev/full; echo "find $?"; busybox find names -ls >&-; echo $?
busybox fold poem.txt >/dev/full; echo "fold $?"; busybox fold poem.txt >&-; echo $?
busybox grep a poem.txt >/dev/full; echo "grep $?"; busybox grep a poem.txt >&-; echo $?
busybox grep -c a poem.txt >/dev/full; echo "grep $?"; busybox grep -c a poem.txt >&-; echo $?
busybox grep -q a poem.txt >/dev/full; echo "grep $?"; busybox grep -q a poem.txt >&-; echo $?
busybox grep -l a poem.txt >/dev/full; echo "grep $?"; busybox grep -l a poem.txt >&-; echo $?
busybox grep zzz poem.txt >/dev/full; echo "grep $?"; busybox grep zzz poem.txt >&-; echo $?
busybox grep -n a poem.txt words.txt nosuch >/dev/full; echo "grep $?"; busybox grep -n a poem.txt words.txt nosuch >&-; echo $?
busybox groups >/dev/full; echo "groups $?"; busybox groups >&-; echo $?
busybox gunzip -c words.txt.gz >/dev/full; echo "gunzip $?"; busybox gunzip -c words.txt.gz >&-; echo $?
busybox zcat words.txt.gz >/dev/full; echo "zcat $?"; busybox zcat words.txt.gz >&-; echo $?
busybox gzip -c poem.txt >/dev/full; echo "gzip $?"; busybox gzip -c poem.txt >&-; echo $?
busybox gzip -c < poem.txt >/dev/full; echo "gzip $?"; busybox gzip -c < poem.txt >&-; echo $?
busybox hd poem.txt >/dev/full; echo "hd $?"; busybox hd poem.txt >&-; echo $?
busybox head poem.txt >/dev/full; echo "head $?"; busybox head poem.txt >&-; echo $?
busybox head -c 5 poem.txt >/dev/full; echo "head $?"; busybox head -c 5 poem.txt >&-; echo $?
busybox head nosuch poem.txt >/dev/full; echo "head $?"; busybox head nosuch poem.txt >&-; echo $?
busybox head -n -2 poem.txt >/dev/full; echo "head $?"; busybox head -n -2 poem.txt >&-; echo $?
busybox hexdump poem.txt >/dev/full; echo "hexdump $?"; busybox hexdump poem.txt >&-; echo $?
busybox hexdump -C poem.txt >/dev/full; echo "hexdump $?"; busybox hexdump -C poem.txt >&-; echo $?
busybox hostid >/dev/full; echo "hostid $?"; busybox hostid >&-; echo $?
busybox id >/dev/full; echo "id $?"; busybox id >&-; echo $?
busybox id -u >/dev/full; echo "id $?"; busybox id -u >&-; echo $?
busybox id nosuch >/dev/full; echo "id $?"; busybox id nosuch >&-; echo $?
busybox kill -l >/dev/full; echo "kill $?"; busybox kill -l >&-; echo $?
busybox kill -l 9 >/dev/full; echo "kill $?"; busybox kill -l 9 >&-; echo $?
busybox killall -l >/dev/full; echo "killall $?"; busybox killall -l >&-; echo $?
busybox less poem.txt >/dev/full; echo "less $?"; busybox less poem.txt >&-; echo $?
busybox ln -sv a /tmp/lv >/dev/full; echo "ln $?"; busybox ln -sv a /tmp/lv >&-; echo $?
busybox ls >/dev/full; echo "ls $?"; busybox ls >&-; echo $?
busybox ls -l >/dev/full; echo "ls $?"; busybox ls -l >&-; echo $?
busybox ls nosuch . >/dev/full; echo "ls $?"; busybox ls nosuch . >&-; echo $?
busybox lsattr poem.txt >/dev/full; echo "lsattr $?"; busybox lsattr poem.txt >&-; echo $?
busybox md5sum poem.txt >/dev/full; echo "md5sum $?"; busybox md5sum poem.txt >&-; echo $?
busybox md5sum nosuch poem.txt >/dev/full; echo "md5sum $?"; busybox md5sum nosuch poem.txt >&-; echo $?
busybox md5sum -c sums.md5 >/dev/full; echo "md5sum $?"; busybox md5sum -c sums.md5 >&-; echo $?
busybox sha1sum poem.txt >/dev/full; echo "sha1sum $?"; busybox sha1sum poem.txt >&-; echo $?
busybox sha256sum poem.txt >/dev/full; echo "sha256sum $?"; busybox sha256sum poem.txt >&-; echo $?
busybox sha512sum poem.txt >/dev/full; echo "sha512sum $?"; busybox sha512sum poem.txt >&-; echo $?
busybox sha3sum poem.txt >/dev/full; echo "sha3sum $?"; busybox sha3sum poem.txt >&-; echo $?
busybox mkdir -v /tmp/mk >/dev/full; echo "mkdir $?"; busybox mkdir -v /tmp/mk >&-; echo $?
