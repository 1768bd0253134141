cd /tmp
g() { echo "[$*]"; printf "$in" | grep "$@"; echo "rc=$?"; }
printf 'one\ntwo\nthree\nfour\nfive\nsix\nseven\nthree b\n' > f1; printf 'x three\ny\n' > f2; mkdir -p d/e; echo three > d/a; echo three > d/e/b
ln -s e d/l; ln -s nowhere d/dang; ln -s ../f1 d/lf; printf 'bin\0three\n' > bin; printf 'th\nree' > pf; printf 'th\n\n' > pg; printf a > pa; printf 'a\nb' > pb
in='a\nb\0c\n'
g -z '^b'
in='a\nb\0c\n'
g -z a.b
in='a\nb\0c\n'
g -z 'a[^x]b'
in='a\0b\n'
g a.b
in='a\0b\n'
g 'a[^x]b'
in='a\0b\n'
g -F b
in='a\0b\n'
g b
in='a\0b\n'
g -i B
in='a\0b\n'
g -x a
in='a\0b\n'
g 'a$'
in='a\0b\n'
g -Fx a
in='a\0b\n'
g -w a
in='a\0b\n'
g -w b
in='a\0b\n'
g -o b
in='a\0b\n'
g -Fw a
in='a\0b\n'
g -v q
in='a\nb'
g b
in='a\nb\0'
g -z b
in='a\nb'
g -v b
in='ab\ncab\nab_\nx ab\nabab ab\n'
g -w ab
in='foo\n'
g -w '^'
in='foo\n'
g -w 'o*'
in='xab ab\n'
g -ow ab
in='ab\n'
g -x 'a\|ab'
in='xab\n'
g -x ab
in='ab xab ab\n'
g -on ab
in='aXbX\n'
g -oi x
in='aXbx\n'
g -Foi x
in='abc\n'
g -o -e b -e c -e a
in='abcabc\n'
g -o -e bc -e a
in='abab\n'
g -o '^ab'
in='aaa\n'
g -oF aa
in='foo foobar foo\n'
g -wF foo
in='foobar foo\n'
g -wF foo
in='foobar foo\n'
g -owF foo
in='ba ab\n'
g -ow 'a\|b'
in='\n'
g -Fx ''
in='a\n\n'
g -Fx ''
in='a\n\n'
g -x ''
in='a\n\n'
g -w ''
in='a\n\n-\n'
g -wF ''
in='a\n'
g -e '' -e b
in='a\n'
g -oF ''
in='abc\n'
g -o '\<.'
in='abc\n'
g -o '.\b'
in='xa-b\n'
g -w 'a-\|^b'
in='aaa\n'
g -wF a
in='aab\n'
g -wF ab
in='xab-b\n'
g -w 'ab-b\|b'
in='ab xab\n'
g -ow ab
in='abc abd\n'
g -ox 'ab.*'
in='xb a\n'
g -w 'b\|\>'
in='aa\n'
g -wF ''
in='a a\n'
g -wFv ''
in='a\n'
g -xF -e '' -e a
in='.x\n'
g -Fx .x -
in='z_a\n'
g -w a
in='z\344a\n'
g -w a
in='a\n'
g -z 'a$'
in='a\nb\n'
g -z '^b$'
in='a\nb\n'
g -zx b
in='a\nb\n'
g -zc b
in='a\nb\n'
g -zv b
in='a\0c\0ab\0c\0c\0a\0'
g -zA1 a
in='a\0ab\0'
g -zn a
in='a\0ab\0'
g -zo b
in='a\0ab\0'
g -zl b
in='tab\there\n'
g '\t'
in='a\\\\b\n'
g 'a\\b'
in=''
g -v b
in='\n'
g -v b
in='\n'
g '' -c
in='x\nx\n'
g -m1 -cA1 x
in='a\nx\nx\n'
g -m0 -B1 x
in='x\nx\n'
g -m0 -cA1 x
in='x\ny\nz\n'
g -vm1 -A3 y
in='x\nz\nx\ny\n'
g -m1 -B1 -nA5 x
in='x\n'
g x - -
in='ab\0ab\n'
g -o b
in='ab\0ab\n'
g -o '[ab]'
in='a\0b\n'
g -o .
in='\0a\n'
g -on 'a*'
