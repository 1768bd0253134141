cd /tmp; t() { seq 10 >f; echo "== $1"; printf -- "$1\n,p\n.\nq\nn\n.\nq\ny\n" | ed f; echo; }; printf 'aa bb aa\ncc/dd\n\nx\ty\001\200z\\q\naa\n' >t; t 'a x
h
.'; t 'i x
h
.'; t 'c x
h
.'; t 'd x'; t '2d x'; t '3d2'; t '0a
h
.'; t '0i
h
.'; t '0c
h
.'; t '3i
h
k
.'; t '3a
h
k
.
.'; t '3,5c
h
.
.'; t '3,5c
.
.'; t '3,5a
h
.'; t '3,5i
h
.'; t '10a
end
.'; t '11a
x
.'; t '11i
x
.'; t '12i
x
.'; t 'a
..
.x
.'; t 'a
x'; t '1,5d
.='; t '5
2,4d
.'; t '5
5d
.'; t '5
4,6d
.'; t '5
6,7d
.'; t '5
1,5d
.'; t '5
5,10d
.'; t '9,10d
.'; t '1,10d
.'; t '1,10d
p
=
.=
$='; t '1,10d
a
x
.'; t '1,10d
i
x
.'; t '1,10d
d'; t '1,10d
s/a/b/'; t '1,10d
/a/'; t '1,10d
0a
x
.
-
'; t 's/1/x/'; t '1s/1/x/p
.'; t '3
1s/1/x/
.'; t '3
s/4/x/
.'; t '1,5s/3/x/
.'; t '1,10s/1/x/p
.'; t '1,10s/1/x/g'; t '0,3s/1/x/'; t 's/1/a/x'; t 's'; t 's/1'; t 's/1/'; t 's/1/2'; t '10s/1//'; t '10s//z/'; t '10s/1/0/g
//
s//5/g
.'; t '10s,1,x,p'; t '10s/10/&\1/'; t 's 1 2 '; t '10s/1/x/ p'; t '10sa1aba'; t '10s/1/x/pp'; t '10s/0/00/gp'; t '/1/
1,10s//y/'; t 'u'; t 'j'; t 'm'; t 'x'
