cd /tmp; printf "a\t\nb\tc\t\n\tx\nnone\n\n\t\n\t\t\n\t\t\t\na\t\t\nd\te\tf\tg\n" >tt; for f in 1,1 2,2 1,1,1 1,2,2 1-2,2 2,1 3,3 1-,1 1,1- 4,2; do for s in -s -D ""; do echo "== $f $s"; cut $s -f$f tt; done; done
printf 'l1\nl2\n\nl4\nl5' > ln; printf 'm1\nm2\n' > ml; seq 9 > s9; for a in "-f1 ln" "-f5 ln" "-f4- ln" "-f1 ln ml" "-f2,1 ln" "-f1,1 ln" "-f1,4 -Ox ln" "-f3 ln" "-D -f2,1 ln" "-f6 ln" "-s -f5 ln" "-f5 ln ml" "-f1-3,2 ln" "-F1 ln" "-F2-3 ln" "-b1 ln" "-f-2 ln" "-f1-3,2,5 s9" "-f1-5,2,3,7 s9" "-D -f3,1,4 s9"; do echo "== $a"; cut -d '
' $a; done 2>&1; printf 'a\0b\nc\n' | cut -d '
' -f2; for f in 1 2 1-2; do cut -d '' -f$f tt; cut -s -d '' -f$f tt; done
