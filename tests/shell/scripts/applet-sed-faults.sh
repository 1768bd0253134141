cd /tmp
s() { echo "[$*]"; printf "${in:-one\ntwo\nthree\n}" | sed "$@"; echo "rc=$?"; }
printf 'a\nb\n' > f1; printf 'c\nd' > f2; printf 'e' > f3; : > f0; mkdir dd
s ''
s k
s 1,
s 1,2,3p
s '1,2a\x'
s '1,2i x'
s '1,2r x'
s p1
s 1
s '$'
s 1,2
s '!'
s '1!'
s '1!!d'
s '1! !p'
s /
s //
s /a
s /a/,/b
s /a/,p
s /a/1p
s 1/a/p
s s
s s/
s s//
s s///
s s/a
s s/a/b
s s/a/b/z
s s/a/b/m
s s/a/b/-1
s s/a/b/w
s y
s y/
s y/a/
s y/a/b
s y/abc/
s yabcbdb
s sb
s sab
s 's a'
s 'b nolabel'
s 't x;p'
s 'T nolabel'
s r
s w
s 'w '
s '1;p'
s +1p
s ,p
s ,2p
s ,/t/d
s 2,+xp
s 2,+p
s 1,-1p
s '1 , 2p'
s '1, 2p'
s '0~2d'
s '1~2d'
s '2,~2p'
s '/one/I d'
s Q
s 'e ls'
s z
s F
s 'W x'
s 'R x'
s v
s '1#c'
s '/a/#c'
s 's/\(/x/'
s -r 's/(/x/'
s 's/\{1\}/x/'
s -E 's/{/x/'
s 's/a**/x/'
s 's/[z-a]/x/'
s 's/[[:foo:]]/x/'
s 's/[a/x/'
s 's/\1/x/'
s '/\(/p'
s 's/[[:space:]/]/x/g'
s '1{p'
s '/x/{p'
s '1{r f1}'
s '2{{p}'
s 's\a\b\'
s 'y\a\b\'
s 's
o
x
'
s //,/two/p
s -e
s -f nofile
s -x p
s -z p
s -s p
s -u p
s --posix p
s --bad=x p
s --version
s -n --version
s -i p
s -i
s -n
s p nofile
s p nofile f1
s p dd
s p dd f1
s 'w /nodir/x' f1
s -i p nofile
s -i p -
s '1a\'
s 'bx2;:x'
s ':x y;p;bx y'
s 's/h/x\'
