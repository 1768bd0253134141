cd /srv/data; exec 2>&1
busybox mktemp -u >/dev/full; echo "mktemp $?"; busybox mktemp -u >&-; echo $?
busybox modinfo nosuch >/dev/full; echo "modinfo $?"; busybox modinfo nosuch >&-; echo $?
busybox more poem.txt >/dev/full; echo "more $?"; busybox more poem.txt >&-; echo $?
busybox mv -v /tmp/z /tmp/zz >/dev/full; echo "mv $?"; busybox mv -v /tmp/z /tmp/zz >&-; echo $?
busybox nice >/dev/full; echo "nice $?"; busybox nice >&-; echo $?
busybox nl poem.txt >/dev/full; echo "nl $?"; busybox nl poem.txt >&-; echo $?
busybox nproc >/dev/full; echo "nproc $?"; busybox nproc >&-; echo $?
busybox od poem.txt >/dev/full; echo "od $?"; busybox od poem.txt >&-; echo $?
busybox od -c poem.txt >/dev/full; echo "od $?"; busybox od -c poem.txt >&-; echo $?
busybox od nosuch poem.txt >/dev/full; echo "od $?"; busybox od nosuch poem.txt >&-; echo $?
busybox paste poem.txt >/dev/full; echo "paste $?"; busybox paste poem.txt >&-; echo $?
busybox paste poem.txt words.txt >/dev/full; echo "paste $?"; busybox paste poem.txt words.txt >&-; echo $?
busybox printenv >/dev/full; echo "printenv $?"; busybox printenv >&-; echo $?
busybox printenv HOME >/dev/full; echo "printenv $?"; busybox printenv HOME >&-; echo $?
busybox printenv NOSUCH >/dev/full; echo "printenv $?"; busybox printenv NOSUCH >&-; echo $?
busybox pwd >/dev/full; echo "pwd $?"; busybox pwd >&-; echo $?
busybox readlink good >/dev/full; echo "readlink $?"; busybox readlink good >&-; echo $?
busybox readlink -f good >/dev/full; echo "readlink $?"; busybox readlink -f good >&-; echo $?
busybox realpath . >/dev/full; echo "realpath $?"; busybox realpath . >&-; echo $?
busybox realpath nosuch . >/dev/full; echo "realpath $?"; busybox realpath nosuch . >&-; echo $?
busybox rev poem.txt >/dev/full; echo "rev $?"; busybox rev poem.txt >&-; echo $?
busybox rm -v /tmp/zz >/dev/full; echo "rm $?"; busybox rm -v /tmp/zz >&-; echo $?
busybox rmdir -v /tmp/mk >/dev/full; echo "rmdir $?"; busybox rmdir -v /tmp/mk >&-; echo $?
busybox sed p poem.txt >/dev/full; echo "sed $?"; busybox sed p poem.txt >&-; echo $?
busybox sed -n 1p poem.txt >/dev/full; echo "sed $?"; busybox sed -n 1p poem.txt >&-; echo $?
busybox sed q5 poem.txt >/dev/full; echo "sed $?"; busybox sed q5 poem.txt >&-; echo $?
busybox sed p nosuch poem.txt >/dev/full; echo "sed $?"; busybox sed p nosuch poem.txt >&-; echo $?
busybox seq 3 >/dev/full; echo "seq $?"; busybox seq 3 >&-; echo $?
busybox shuf poem.txt >/dev/full; echo "shuf $?"; busybox shuf poem.txt >&-; echo $?
busybox sort poem.txt >/dev/full; echo "sort $?"; busybox sort poem.txt >&-; echo $?
busybox sort -o /dev/full poem.txt >/dev/full; echo "sort $?"; busybox sort -o /dev/full poem.txt >&-; echo $?
busybox sort -c poem.txt >/dev/full; echo "sort $?"; busybox sort -c poem.txt >&-; echo $?
busybox stat poem.txt >/dev/full; echo "stat $?"; busybox stat poem.txt >&-; echo $?
busybox stat -c %n poem.txt >/dev/full; echo "stat $?"; busybox stat -c %n poem.txt >&-; echo $?
busybox stat nosuch poem.txt >/dev/full; echo "stat $?"; busybox stat nosuch poem.txt >&-; echo $?
busybox strings poem.txt >/dev/full; echo "strings $?"; busybox strings poem.txt >&-; echo $?
busybox strings nosuch poem.txt >/dev/full; echo "strings $?"; busybox strings nosuch poem.txt >&-; echo $?
busybox sysctl kernel.ostype >/dev/full; echo "sysctl $?"; busybox sysctl kernel.ostype >&-; echo $?
busybox sysctl -n kernel.ostype >/dev/full; echo "sysctl $?"; busybox sysctl -n kernel.ostype >&-; echo $?
busybox tac poem.txt >/dev/full; echo "tac $?"; busybox tac poem.txt >&-; echo $?
busybox tail poem.txt >/dev/full; echo "tail $?"; busybox tail poem.txt >&-; echo $?
busybox tail nosuch poem.txt >/dev/full; echo "tail $?"; busybox tail nosuch poem.txt >&-; echo $?
busybox tail -c 5 poem.txt >/dev/full; echo "tail $?"; busybox tail -c 5 poem.txt >&-; echo $?
busybox tee < poem.txt >/dev/full; echo "tee $?"; busybox tee < poem.txt >&-; echo $?
busybox tee /tmp/t1 < poem.txt >/dev/full; echo "tee $?"; busybox tee /tmp/t1 < poem.txt >&-; echo $?
busybox timeout 5 echo a >/dev/full; echo "timeout $?"; busybox timeout 5 echo a >&-; echo $?
busybox tr a b < poem.txt >/dev/full; echo "tr $?"; busybox tr a b < poem.txt >&-; echo $?
busybox tr -d a < poem.txt >/dev/full; echo "tr $?"; busybox tr -d a < poem.txt >&-; echo $?
busybox tty >/dev/full; echo "tty $?"; busybox tty >&-; echo $?
busybox tty < /dev/null >/dev/full; echo "tty $?"; busybox tty < /dev/null >&-; echo $?
busybox uname >/dev/full; echo "uname $?"; busybox uname >&-; echo $?
busybox uname -a >/dev/full; echo "uname $?"; busybox uname -a >&-; echo $?
busybox uniq poem.txt >/dev/full; echo "uniq $?"; busybox uniq poem.txt >&-; echo $?
busybox unexpand poem.txt >/dev/full; echo "unexpand $?"; busybox unexpand poem.txt >&-; echo $?
busybox unix2dos < poem.txt >/dev/full; echo "unix2dos $?"; busybox unix2dos < poem.txt >&-; echo $?
busybox uuencode poem.txt x >/dev/full; echo "uuencode $?"; busybox uuencode poem.txt x >&-; echo $?
busybox uuencode -m poem.txt x >/dev/full; echo "uuencode $?"; busybox uuencode -m poem.txt x >&-; echo $?
busybox wc poem.txt >/dev/full; echo "wc $?"; busybox wc poem.txt >&-; echo $?
busybox wc -l poem.txt words.txt >/dev/full; echo "wc $?"; busybox wc -l poem.txt words.txt >&-; echo $?
busybox wc nosuch poem.txt >/dev/full; echo "wc $?"; busybox wc nosuch poem.txt >&-; echo $?
busybox which ls >/dev/full; echo "which $?"; busybox which ls >&-; echo $?
busybox which nosuch ls >/dev/full; echo "which $?"; busybox which nosuch ls >&-; echo $?
busybox whoami >/dev/full; echo "whoami $?"; busybox whoami >&-; echo $?
busybox xargs echo < poem.txt >/dev/full; echo "xargs $?"; busybox xargs echo < poem.txt >&-; echo $?
busybox xargs -n 1 < poem.txt >/dev/full; echo "xargs $?"; busybox xargs -n 1 < poem.txt >&-; echo $?
busybox xargs -t echo < poem.txt >/dev/full; echo "xargs $?"; busybox xargs -t echo < poem.txt >&-; echo $?
busybox xxd poem.txt >/dev/full; echo "xxd $?"; busybox xxd poem.txt >&-; echo $?
busybox xxd -p poem.txt >/dev/full; echo "xxd $?"; busybox xxd -p poem.txt >&-; echo $?
busybox cat long.txt >/dev/full; echo "cat $?"; busybox cat long.txt >&-; echo $?
busybox env echo a >/dev/full; echo "env $?"; busybox env echo a >&-; echo $?
busybox nice echo a >/dev/full; echo "nice $?"; busybox nice echo a >&-; echo $?
busybox nohup echo a >/dev/full; echo "nohup $?"; busybox nohup echo a >&-; echo $?
busybox setsid echo a >/dev/full; echo "setsid $?"; busybox setsid echo a >&-; echo $?
busybox chroot / echo a >/dev/full; echo "chroot $?"; busybox chroot / echo a >&-; echo $?
busybox touch -h >/dev/full; echo "touch $?"; busybox touch -h >&-; echo $?
busybox ls --help >/dev/full; echo "ls $?"; busybox ls --help >&-; echo $?
busybox cat --help >/dev/full; echo "cat $?"; busybox cat --help >&-; echo $?
busybox mkfifo >/dev/full; echo "mkfifo $?"; busybox mkfifo >&-; echo $?
busybox crontab -l >/dev/full; echo "crontab $?"; busybox crontab -l >&-; echo $?
busybox ionice >/dev/full; echo "ionice $?"; busybox ionice >&-; echo $?
busybox arp >/dev/full; echo "arp $?"; busybox arp >&-; echo $?
busybox truncate >/dev/full; echo "truncate $?"; busybox truncate >&-; echo $?
busybox link >/dev/full; echo "link $?"; busybox link >&-; echo $?
busybox unlink >/dev/full; echo "unlink $?"; busybox unlink >&-; echo $?
