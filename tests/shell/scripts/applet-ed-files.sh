cd /tmp; t() { seq 10 >f; echo "== $1"; printf -- "$1\n,p\n.\nq\nn\n.\nq\ny\n" | ed f; echo; }; printf 'aa bb aa\ncc/dd\n\nx\ty\001\200z\\q\naa\n' >t; rm -f o; t 'r nosuch'; t 'r t'; t '0r t'; t '3r t
.'; t '3,4r t'; t '11r t'; t 'rt'; t 'rx t'; t 'r'; t 'w o'; t 'wo'; t 'w o x'; t '2,3w o'; t 'f'; t 'f x
f'; t 'fx'; t '2f'; t 'f x y
f'; t 'w'; t 'w /nosuch/x'; t '2,3w'; t 'w!'; t '0,3w o'; t '3,2w o'; t '1d
2,3w o
q'; t '1d
w o
q'; t 'q'; t 'q y'; t '2q'; t 'e t'; t 'E t'; t 'W t'; t '1,10d
w o'; t '1,10d
r t'; t 'r t
,l'; t '1d
r o
w'; t 'Q'; t 'h'; t 'H'; t '1d
q
yes'
