cd /tmp
s() { echo "[$*]"; printf "${in:-one\ntwo\nthree\n}" | sed "$@"; echo "rc=$?"; }
printf 'a\nb\n' > f1; printf 'c\nd' > f2; printf 'e' > f3; : > f0; mkdir dd
n() { printf '1\n2\n3\n' > i1; printf '4\n5' > i2; }
e() { echo "[$*]"; n; sed "$@"; echo "rc=$?"; cat i1; echo; cat i2; echo; }
e -i p i1; e -i.bak s/1/X/ i1; cat i1.bak; e -ibak p i1 i2; e -i 1d i1 i2; e -i '$d' i1 i2; e -i 2q i1 i2; e -n -i p i1; e -i = i1; e -i 'w out' i1; cat out
e -i p nofile i1; e -i p i1 nofile i2; e -i -e p -- i1; e -i 'r f1' i1 ; e -i 'c x' i1; e -i '1!d' i1; e -i 'i x' f0; e -i '$a end' i1 i2; e -i '1i begin' i1 i2; e -i 's/1/y/w /dev/stdout' i1
e -i 'w /dev/stdout' i1; e -i 'N;N;s/\n/-/g' i1; e -i '2,$d' i1 i2; e -i '/1/,/9/d' i1 i2; e -i '1~2d' i1; e -i 's/(/x/;p' i1; e -i -r 's/(/x/' i1; e -i 'b nolabel' i1; e -i G i2; e -i x i1 i2; e -i.bak -i p i1; e -i '1{h;d};G' i1 i2; e --in-place p i1; e --in-place=.b p i1; e -i'*.x' p i1; e -i
printf '6\n7\n8\n' > i3; e -i 1q i1 i2 i3; cat i3; printf '6\n7\n8\n' > i3; e -i 3q i1 i2 i3; cat i3; e -i '$q' i1 i2; e -i 2q i1; n; ln -s i1 il; sed -i s/1/Z/ il; ls -l il | cut -c1-10; cat il i1; chmod 751 i1; sed -i p i1; n; ln i1 hard; sed -i p i1; cat hard; rm -f hard; sed -i p dd 2> err; echo $?; cut -c1-18 err; rm err; ls
