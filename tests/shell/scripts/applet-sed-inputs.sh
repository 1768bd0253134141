cd /tmp
s() { echo "[$*]"; printf "${in:-one\ntwo\nthree\n}" | sed "$@"; echo "rc=$?"; }
printf 'a\nb\n' > f1; printf 'c\nd' > f2; printf 'e' > f3; : > f0; mkdir dd
s p f1 f2 f3
s '$p' f1 f2
s '$p' f1 f0
s '$p' f1 nofile
s '$p' nofile f1
s -n '$=' f1 f2 f3
s 1p f1 f2
s p f2 f1
s p -
s p - f1
s p f1 - f2
s 'r f1' f3
s 'r f3' f1
s 'r f3' f2
s 'w out' f2
s 'w out' f2 f1
s -n 'w out
w out' f1
s -n 's/a/X/w out1
w out2' f1
s 'w /dev/stdout' f2
s -n 'w /dev/stdout' f2
s 'p;w /dev/stdout' f1
s -n 'w /dev/stderr' f1
s -n '/a/w o1
/b/w o2' f1
s '5w out5' f1
s 'r f1' f1
s rf1 f1
s '$r f0' f1
s 'w o9
r o9' f1
s '1,2w o10' f1
s 's/a/b/w o11' f1
s 'N;P;D' f1 f2
s '$!N' f2
cat out out1 out2 o1 o2 out5 o9 o10 o11; echo
printf 's/o/0/\n#com\n2p\n' > sc; s -f sc; s -f sc -e p; s -n -f sc; s -e p -f sc
printf '#n\n2p\n' > sc2; s -f sc2; s -e p -f sc2; s -f sc2 -f sc; printf p | sed -f - f2; echo 2p | sed -n -f - f1
printf '#!/bin/sed -f\np\n' > sc3; s -f sc3; printf '1a\\\nfoo\\\nbar\np' > sc4; s -f sc4; printf 's/a/b/\\\n' > sc5; s -f sc5; s -f /dev/null
