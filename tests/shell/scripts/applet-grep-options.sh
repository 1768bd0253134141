cd /tmp
g() { echo "[$*]"; printf "$in" | grep "$@"; echo "rc=$?"; }
printf 'one\ntwo\nthree\nfour\nfive\nsix\nseven\nthree b\n' > f1; printf 'x three\ny\n' > f2; mkdir -p d/e; echo three > d/a; echo three > d/e/b
ln -s e d/l; ln -s nowhere d/dang; ln -s ../f1 d/lf; printf 'bin\0three\n' > bin; printf 'th\nree' > pf; printf 'th\n\n' > pg; printf a > pa; printf 'a\nb' > pb
in='aab\nxa*\n^*q\na{1\nA\n\nfoo bar\n'
g three f1 f2
g -h three f1 f2
g -H three f1
g -n three f1 f2
g -l three f1 f2 nofile
g -L three f1 f2
g -L nothing f1 f2
g -c three f1 f2
g -o e f1
g -on e f1
g -ov e f1
g -q three nofile f1
g -q three f1 nofile
g -s three nofile
g three nofile
g three d
g -s three d
g -m1 e f1 f2
g -m 2 -c e f1
g -m0 e f1
g -m0 y
g -m0 -c a
g -m0 -l a
g -w three f1
g -w thre f1
g -x three f1
g -xF three f1
g -wF three f1
g -F 't*' f1
g -Fi THREE f1
g -Fo e f1
g -e one -e two f1
g -f f2 f1
g -e one -f f2 f1
g 'one
two' f1
g '' f1
g -v '' f1
g -f /dev/null f1
g -vf /dev/null f1
g -f nofile f1
g -e
g -m x e f1
g -A -1 e f1
g -y three f1
g -lq three f1
g -lc three f1 f2
g -ln three f1
g -vc three f1
g -lv three f1 f2
g -ow 'e*' f1
g -o 'x*' f1
g -o '' f1
g -c '^' /dev/null
g -H a -
g -H a
g -l a
g -l a -
g -n a - f2
g -cl nothing f1 f2
g -cL nothing f1 f2
g -cL three f1 f2
g -qL nothing f1
g -qL one f1
g -lL three f1 f2
g -L three nofile f1
g -sq x nofile
g -l '' d f1
g -c '' d
g -Hc three f1
g -hc three f1 f2
g -lh three f1 f2
g -hH three f1 f2
g -Hh three f1 f2
g -f f2 -e three -o f1
g -o -e th -f f2 f1
g three -- f1 -n
g -- -n f1
g three f1 -n
g -e three -x f1
g -of pf f1
g -of pg f1
g -c -f pg f1
g -f - f1
g -o -f pb -f pa
g -o -f pa -f pb
g -o -f pa -e b
g -f - a -
g -f - -f - f1
g --color=auto one f1
g --color one f1
g --colour one f1
g --col one f1
g -F -E o.e f1
g -EF 'o.e|x' f1
g -A1k e f1
g -m 0x1 e f1
g -A '' e f1
g -C x e f1
g -A 99999999999 e f1
g -x -e one -e two f1
g -e '\(' -e one f1
g -e one -e '\(' f1
g -v -e one -e '\(' f1
g -i ONE f1
g -ic E f1
g -xi 'ONE\|TWO' f1
g -nvx 'one\|two' f1
g -a three bin
g -I three bin
g three bin
g -z three bin
g -zc three bin
