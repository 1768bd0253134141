cd /tmp
s() { echo "[$*]"; printf "${in:-one\ntwo\nthree\n}" | sed "$@"; echo "rc=$?"; }
printf 'a\nb\n' > f1; printf 'c\nd' > f2; printf 'e' > f3; : > f0; mkdir dd
s n
s -n 'n;p'
s N
s '$!N;s/\n/-/'
s 'N;N;N;p'
s 'N;s/\n/-/'
s 'N;D'
s 'N;P;D'
s D
s G
s x
s 'h;G'
s 'H;x'
s 'H;$!d;x'
s 'x;G;1!h;s/\n/,/;$!d'
s 'x;p;x'
s '1h;2g;3G'
s -n '$='
s -n '1!G;h;$p'
s '{p}'
s '{p;}'
s 'p}'
s '}'
s '{p'
s '{}'
s '{;}'
s '{}p'
s '1{}'
s '{'
s '{{{'
s '}}}'
s '2{{p}}}'
s '1d;}'
s '1{;2{;p;};}'
s 'p}p'
s '{p}}p'
s '1,3{2,3{p}}'
s '1{
p
}
$d'
s '{n;n;s/./x/}'
s '1{p;n;d}'
s 'b;d'
s 'bx;d;:x'
s 'b x ; d ; : x '
s ':a;s/e/E/;ta'
s ':a s/e/E/;ta'
s ':a;N;$!ba;s/\n/,/g'
s -e :a -e 'N;$!ba' -e 's/\n/,/g'
s '/two/b;d'
s 't;d'
s 's/o/0/;t;d'
s 's/o/0/;T;d'
s 's/one/1/;T end;p;: end'
s 'tend;p;:end'
s ':a;:a'
s 'bx;:x'
s 'b a;:a b;p'
s ':;p'
s '1b;1p'
s T
s 'q;p'
s '$q'
s -n q
s -n '2{p;q}'
s '1!q'
s 1,2q
s 'bend;p;:end;s/o/0/'
s 'b;:'
s ': ;p'
s ':a
$!{
N
ba
}
s/\n/+/g'
s -n 'H;${x;s/\n/,/g;s/^,//;p}'
s -n 'H;${x;s/\n/,/g;s/^,//;p;}'
s 't a;s/o/0/;ta;d;:a'
s ':a;s/^\(\s*\)o/\10/;ta'
s 's/x/y/;tend;s/o/0/;: end'
s '/one/{n;s/^/> /}'
s '2{h;d};${G}'
s '1!G;$!h'
s '$!N;P;D'
s l
s 'l;p'
s -n l
s =
s = -n
s 1,2=
s 's/b/\
/;P;D'
s -n 'N;ty;s/a/X/;P;D;:y;s/^/Y/;p'
s -n '1{N;N;d};1p;2,3p;3p;4p'
s -n '1{n;n;n};2,3p'
s '2,4{n;d}'
s -- p
s -n -- 1p
s p -- f1
s -nn p
s --quiet p
s --silent 1p
s --regexp-extended 's/(o)/[\1]/'
s --expression=p
s -rE p
