cd /tmp
s() { echo "[$*]"; printf "${in:-one\ntwo\nthree\n}" | sed "$@"; echo "rc=$?"; }
printf 'a\nb\n' > f1; printf 'c\nd' > f2; printf 'e' > f3; : > f0; mkdir dd
s a
s 'a\'
s i
s 'i\'
s 'c\x'
s 'c x'
s '2c x'
s 'a x'
s 'a\x'
s 'a\ x'
s 'a   x'
s 'a\   x'
s 'a\
x'
s 'a\
  x'
s 'a\
x\
y'
s 'a x\ny'
s 'a x\\ny'
s 'a\ttab'
s 'a \ttab'
s 'a x;p'
s 'a x}'
s '1{a x
}'
s -e '1a x' -e p
s 'a x\'
s '$a end'
s '1i\  lead'
s 'c\
a\
b'
s '2c\'
s '$!{c x
}'
s '1,2{c x
}'
s '/one/,/two/c x'
s 'a a\b\c'
s 'a a\\b'
s -n 'i x'
s -n 'a x'
s -n 'c x'
s -e 'a\' -e x
s -e 'a\' -e 'x\' -e y -e p
s -e 'i\' -e '  x'
s -e '1{a x' -e '}'
s -e 'a x' -e d
s -e 'i x' -e d
s -e 'r f2' -e d
s -e 'a x' -e n
s -e 'a x' -e '$!N'
s -e 'a x' -e 'N;N;N'
s -e 'a x' -e 'r f2' -e 'a y'
s -e 'a x' -e q
s -e 'r f2' -e q
s -e 'a x' -e D
s -e 'a x' -e 'i y' -e 'c z'
s -e '2i x' -e 2d
s '1r f2'
s 'r f2;p'
s '$r f2'
s 'r f2
p'
s '1{r f2
}'
s 'r /dev/null'
s 'r nofile'
s 'n;a x'
s 'a foo\
bar'
s '1a foo\nbar'
s 'i\
foo\
bar
p'
s 'a\
'
s 'a\

p'
s 'a
p'
s 'a '
s '1a\\tfoo'
s 'a \  foo'
s '1a\
\tfoo'
s '1a\  \ta\\b'
s '1a it'"'"'s'
s 'i\\'
s 'i \\'
s '1i\\\\x'
s 'a foo \
   bar'
s '1r f1
1a x
1r f1'
s '1a x
1i y
1c z'
s '$!d;a\'
s 'r f1 '
s '#n
2p'
s '#np'
s '#n p'
s ' #n
p'
s 'p#x'
s 'p # c'
s '{#c
p}'
s '#'
s '1p;#x
2p'
s -f f0
s y/a/b/c
