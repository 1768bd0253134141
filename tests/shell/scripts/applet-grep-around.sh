cd /tmp
g() { echo "[$*]"; printf "$in" | grep "$@"; echo "rc=$?"; }
printf 'one\ntwo\nthree\nfour\nfive\nsix\nseven\nthree b\n' > f1; printf 'x three\ny\n' > f2; mkdir -p d/e; echo three > d/a; echo three > d/e/b
ln -s e d/l; ln -s nowhere d/dang; ln -s ../f1 d/lf; printf 'bin\0three\n' > bin; printf 'th\nree' > pf; printf 'th\n\n' > pg; printf a > pa; printf 'a\nb' > pb
in='aab\nxa*\n^*q\na{1\nA\n\nfoo bar\n'
g -A1 three f1
g -A1 e f1
g -A1 two f1
g -A1 i f1
g -A1 nothing f1
g -A1 three f1 f2
g -A1 y f2 f1
g -B1 three f1
g -B1 e f1
g -B1 two f1
g -B1 i f1
g -B1 nothing f1
g -B1 three f1 f2
g -B1 y f2 f1
g -C1 -n three f1
g -C1 -n e f1
g -C1 -n two f1
g -C1 -n i f1
g -C1 -n nothing f1
g -C1 -n three f1 f2
g -C1 -n y f2 f1
g -A 1 -B 1 three f1
g -A 1 -B 1 e f1
g -A 1 -B 1 two f1
g -A 1 -B 1 i f1
g -A 1 -B 1 nothing f1
g -A 1 -B 1 three f1 f2
g -A 1 -B 1 y f2 f1
g -nA1 three f1
g -nA1 e f1
g -nA1 two f1
g -nA1 i f1
g -nA1 nothing f1
g -nA1 three f1 f2
g -nA1 y f2 f1
g -m1 -A2 three f1
g -m1 -A2 e f1
g -m1 -A2 two f1
g -m1 -A2 i f1
g -m1 -A2 nothing f1
g -m1 -A2 three f1 f2
g -m1 -A2 y f2 f1
g -m1 -A5 three f1
g -m1 -A5 e f1
g -m1 -A5 two f1
g -m1 -A5 i f1
g -m1 -A5 nothing f1
g -m1 -A5 three f1 f2
g -m1 -A5 y f2 f1
g -m2 -n three f1
g -m2 -n e f1
g -m2 -n two f1
g -m2 -n i f1
g -m2 -n nothing f1
g -m2 -n three f1 f2
g -m2 -n y f2 f1
g -vnA1 -B1 three f1
g -vnA1 -B1 e f1
g -vnA1 -B1 two f1
g -vnA1 -B1 i f1
g -vnA1 -B1 nothing f1
g -vnA1 -B1 three f1 f2
g -vnA1 -B1 y f2 f1
g -A1 -c three f1
g -A1 -c e f1
g -A1 -c two f1
g -A1 -c i f1
g -A1 -c nothing f1
g -A1 -c three f1 f2
g -A1 -c y f2 f1
g -A1 -l three f1
g -A1 -l e f1
g -A1 -l two f1
g -A1 -l i f1
g -A1 -l nothing f1
g -A1 -l three f1 f2
g -A1 -l y f2 f1
g -A1 -o three f1
g -A1 -o e f1
g -A1 -o two f1
g -A1 -o i f1
g -A1 -o nothing f1
g -A1 -o three f1 f2
g -A1 -o y f2 f1
g -nA1 -o three f1
g -nA1 -o e f1
g -nA1 -o two f1
g -nA1 -o i f1
g -nA1 -o nothing f1
g -nA1 -o three f1 f2
g -nA1 -o y f2 f1
g -C0 three f1
g -C0 e f1
g -C0 two f1
g -C0 i f1
g -C0 nothing f1
g -C0 three f1 f2
g -C0 y f2 f1
g -A0 three f1
g -A0 e f1
g -A0 two f1
g -A0 i f1
g -A0 nothing f1
g -A0 three f1 f2
g -A0 y f2 f1
g -A1 -B0 three f1
g -A1 -B0 e f1
g -A1 -B0 two f1
g -A1 -B0 i f1
g -A1 -B0 nothing f1
g -A1 -B0 three f1 f2
g -A1 -B0 y f2 f1
g -C1 -A0 three f1
g -C1 -A0 e f1
g -C1 -A0 two f1
g -C1 -A0 i f1
g -C1 -A0 nothing f1
g -C1 -A0 three f1 f2
g -C1 -A0 y f2 f1
g -A0 -C1 three f1
g -A0 -C1 e f1
g -A0 -C1 two f1
g -A0 -C1 i f1
g -A0 -C1 nothing f1
g -A0 -C1 three f1 f2
g -A0 -C1 y f2 f1
g -A 07 three f1
g -A 07 e f1
g -A 07 two f1
g -A 07 i f1
g -A 07 nothing f1
g -A 07 three f1 f2
g -A 07 y f2 f1
g -B9 three f1
g -B9 e f1
g -B9 two f1
g -B9 i f1
g -B9 nothing f1
g -B9 three f1 f2
g -B9 y f2 f1
g -vA1 three f1
g -vA1 e f1
g -vA1 two f1
g -vA1 i f1
g -vA1 nothing f1
g -vA1 three f1 f2
g -vA1 y f2 f1
g -C 1 -h three f1
g -C 1 -h e f1
g -C 1 -h two f1
g -C 1 -h i f1
g -C 1 -h nothing f1
g -C 1 -h three f1 f2
g -C 1 -h y f2 f1
g -nB2 -m1 three f1
g -nB2 -m1 e f1
g -nB2 -m1 two f1
g -nB2 -m1 i f1
g -nB2 -m1 nothing f1
g -nB2 -m1 three f1 f2
g -nB2 -m1 y f2 f1
g -Fn -C1 three f1
g -Fn -C1 e f1
g -Fn -C1 two f1
g -Fn -C1 i f1
g -Fn -C1 nothing f1
g -Fn -C1 three f1 f2
g -Fn -C1 y f2 f1
g -wA1 three f1
g -wA1 e f1
g -wA1 two f1
g -wA1 i f1
g -wA1 nothing f1
g -wA1 three f1 f2
g -wA1 y f2 f1
