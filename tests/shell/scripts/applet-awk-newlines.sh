awk 'BEGIN { print 1,
 2; x = 1 &&
 0; y = 1 ||
 0; print x y; if (x ||
 y) print "t"; a["x"]=1; for (k in
 a) print k
}'
awk 'BEGIN { print 1 ; ; print 2;; }'; awk ';BEGIN{print 1}'; awk 'BEGIN{print 1};BEGIN{print 2}'; awk 'BEGIN{print 1} BEGIN{print 2} END{print 3} END{print 4}' </dev/null
awk 'BEGIN{print 1}
# comment
BEGIN { # c2
print 2 # c3
}'; awk 'BEGIN{print 1 \
+ 2}'
awk 'BEGIN{print "a\
b"}'; awk 'BEGIN{print "a
b"}'; awk 'BEGIN{print /a
b/}'
awk 'BEGIN{x = 1 +
2; print x}'; awk 'BEGIN{x =
2; print x}'; awk 'BEGIN{print
2}';  awk 'BEGIN{x = (
2
); print x}'; awk 'BEGIN{print (1,
2
)}';  awk 'BEGIN{print 1
, 2}'; awk 'BEGIN{print !
2}'; awk 'BEGIN{print -
2}'; awk 'BEGIN{print 1
+ 2}'; awk 'BEGIN{print 1 ?
2 :
3}'; awk 'BEGIN{print 1
? 2 : 3}'; awk 'BEGIN{print f(
1
)} function f(a){return a}'; awk 'BEGIN{a[
1
]=2; print a[1]}';  awk 'BEGIN{a[1,
2]=2; print a[1,2]}'; awk 'BEGIN{print substr(
"abc"
, 2)}'; awk 'BEGIN{if (
1
) print 2}'
awk 'BEGIN{while (
i++<1
) print 2}'; awk 'BEGIN{for (i=0;
i<1;
i++
) print 2}'; awk 'BEGIN{for
(i=0;i<1;i++) print 2}'; awk 'BEGIN{if
(1) print 2}'; awk 'BEGIN{print "a" ~
/a/}'; awk 'BEGIN{print $
1}'; awk 'BEGIN{print "a"
"b"}'; awk 'BEGIN{print 1 >
"/dev/stderr"}'; awk 'BEGIN{getline x <
"/etc/hostname"; print x}'; awk 'BEGIN{"date" |
getline x; print (x != "")}';  awk 'BEGIN{getline
x}' </dev/null; awk 'BEGIN{exit
}';  awk 'BEGIN{x++
++y; print x y}'; awk 'BEGIN{function
f(){}}'; awk 'function
f(){}'; awk 'function f
(){}'; awk 'function f(
){} BEGIN{print 1}';awk 'function f(a
){} BEGIN{print 1}'; awk 'BEGIN{do
print 1
while
(0)}'; awk 'BEGIN{a["x"]; for(k
in a) print k; for (k in
a
) print k}'; awk 'BEGIN{print 1 in
a}'; awk 'BEGIN{return
}'; awk 'BEGIN{print;
}
END

{}'
awk 'BEGIN{};;BEGIN{print 2}'; awk 'BEGIN{};
;
BEGIN{print 3}'; awk '

BEGIN{print 3}


'; awk '{print};;{print}' /etc/hostname; awk '{print};' /etc/hostname;  awk '/v/ /m/' /etc/hostname; awk '/v/
{print "x"}' /etc/hostname; awk '/v/,
/m/' /etc/hostname; awk 'NR==1 ,NR==2 {print "r"}' /etc/hostname; awk 'BEGIN,END{}'; awk 'BEGIN'; awk 'END'; awk 'END;{print 1}'; awk 'function f(){};' ; awk 'function f(){} function g(){} BEGIN{print 1}'; awk 'function f(a
,b){} BEGIN{print 5}'; awk 'function f(a,
b){} BEGIN{print 5}'; awk 'function f (a,b){} BEGIN{print 5}'; awk 'BEGIN{f(1,
2)}
function f(a,b){print a b}'
