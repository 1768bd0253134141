cd /tmp
g() { echo "[$*]"; printf "$in" | grep "$@"; echo "rc=$?"; }
printf 'one\ntwo\nthree\nfour\nfive\nsix\nseven\nthree b\n' > f1; printf 'x three\ny\n' > f2; mkdir -p d/e; echo three > d/a; echo three > d/e/b
ln -s e d/l; ln -s nowhere d/dang; ln -s ../f1 d/lf; printf 'bin\0three\n' > bin; printf 'th\nree' > pf; printf 'th\n\n' > pg; printf a > pa; printf 'a\nb' > pb
in='three\n'
g -r three d
g -R three d
g -r three
g -r three .
g -rh three d
g -r three f1
g -r three d/
g -r three d/l
g -r three d/l/
g -rl three d
g -rc three d
g -rL three d
g -rs three d
g -r nothere d
g -r three nofile
g -Rs three d
g -Rl three d
g -r three d - f1
g -rn three d/e f1
g -rH three -
g -rq three d
g -rm1 t d
g -rA1 two d
g -rw b d
g -rv three d/e
g -rF thr d
g -ro hre d
chmod 0 d/e; cd d; in= ; g -r three e; mkdir -p loop; ln -s . loop/me; g -r three loop; g -R three a loop/me/me
