awk 'BEGIN{print(1)(2), 3; print (1,2)in a; print (1) in a}'
awk 'BEGIN{print (1)+2, (3)}'
awk 'BEGIN{printf("%s-%s\n", "a", "b"); printf "%s\n", "x" "y"; printf("%s\n", "q") > "/dev/stderr"}'
awk 'BEGIN{for(i=0;i<3;i++)print i; for(;;){if(i++>4)break}; print i; while(i-->0)if(i%2)continue;else printf i; print ""; do{i++}while(i<3); print i; do i++; while(i<10); print i}'
awk 'BEGIN{if(1)print "a";else print "b"; if(0)print "a"; else print "b"; if(1){print "c"}else{print "d"}
if (0)
 print "e"
else
 print "f"
if (0) print "g"
else if (1) print "h"
else print "i"; if(1);else print "j"}'
awk 'BEGIN{if(1)
;
else print 2}'
awk 'BEGIN{a[length]=1}'; awk 'BEGIN{x=length; y=length}'; awk 'BEGIN{x=length
y=length;}';  awk 'BEGIN{print length -x}';awk 'BEGIN{print length /x/}';awk 'BEGIN{x = length getline; print x}' </dev/null; awk 'BEGIN{x = length substr("abc",2); print x}';awk 'BEGIN{x = length f(2); print x} function f(a){return a}'; awk 'BEGIN{{x=length}}'; awk 'BEGIN{f(length,1)} function f(a,b){print a}';  awk 'BEGIN{f(length)} function f(a,b){print a}'; awk 'BEGIN{length=3}'; awk 'BEGIN{print length]'
awk 'BEGIN{x = 5 ? y = 3 : 2}'; awk 'BEGIN{x = 5 ? (y = 3) : 2; print x}';awk 'BEGIN{x = 5 ? 3 : y = 2}'; awk 'BEGIN{$0 = "a b"; $1 = $2 = "z"; print; $(1+1) = 5; print; $NF = "q"; print; $NF-- ; print; $(NF)++; print; print $NF^2}' ; awk 'BEGIN{i=1; $0="5 6 7"; print $i++, i; print $++i, i; print $i--; print -$1, !$1, $1$2, $$1; print $1 - $2, $1 -$2, $1-$2}'; awk 'BEGIN{$0="3 4 5"; print $NF-1, $(NF-1), $NF " " $1, $NF/$1 }'; awk 'BEGIN{$0="1 2"; print $-1}'; awk 'BEGIN{$0="1 2"; print $!0, $+1, $"2"}'; awk 'BEGIN{$0="2 x"; print $$1, $$$1, $ 1, $(1)}'; awk 'BEGIN{a["x"]=1;$0="a b c"; print $a["x"], $length, $f(1)} function f(x){return 2}' ; awk 'BEGIN{print $length}';  awk 'BEGIN{print $NR, $x[1]}'
awk 'BEGIN{print 1,2,}'; awk 'BEGIN{print ,1}'; awk 'BEGIN{print 1 2,3 4; print(1), 2; print (1), (2)}'; awk 'BEGIN{if(1)print 1; print 2; else print 3}'; awk 'BEGIN{if(1){print 1};else print 3}'; awk 'BEGIN{if(1){print 1}
;else print 3}'; awk 'BEGIN{if(1) print 1
else print 3}';  awk 'BEGIN{if(1) print 1;
else print 3; if (0) {print 2}
else print 4}'; awk 'BEGIN{if(1) print 1;;else print 3}'; awk 'BEGIN{do print 1; while(0) print 2}'; awk 'BEGIN{do print 1
while(0)
print 2}'; awk 'BEGIN{do {print 1} while(0); print 2; do {print 5}
while(0); while (i++<2) print i; for(;j<2;j++) print j;for(k=0;k<2;) {print k; k++} for(x in y);}'; awk 'BEGIN{for(;;)break; for(i=0
i<3;i++)print}'; awk 'BEGIN{for(i=0;i<2;i++){}; for (i in a) {} print "x"; for ((i) in a) print 5; }'; awk 'BEGIN{for(i=0,j=1;i<2;i++)print}'; awk 'BEGIN{for(i in a, b)print}'; awk 'BEGIN{a["q"]; for(x["k"] in a) print x["k"]; for($1 in a) print; for (k in a) {print k} print k}'
awk 'BEGIN{while(i<2) {i++; print i}; while(j++<2); print j; while(0)
print 2
print 3}'
awk 'BEGIN{delete a["x"]["y"]}'; awk 'BEGIN{delete (a)}'; awk 'BEGIN{delete a[1,2]; a[1]; delete(a[1]); print length(a)}'; awk 'BEGIN{exit(3)}'; awk 'function f(){return(3)} BEGIN{print f(); exit (4)}'; awk 'BEGIN{return 1,2}'; awk 'BEGIN{getline < "/etc/hostname"; print; getline x y; print x}' </dev/null; awk 'BEGIN{getline(x)}' </dev/null
awk 'BEGIN{x = getline; print x; while (getline < "/etc/hostname") n++; print n; getline x[1] < "/etc/hostname"; close("/etc/hostname"); getline x["a"] < "/etc/hostname"; print x["a"]; "cat /etc/hostname" | getline x["b"] ; print x["b"]; print getline y < "/etc/hostname"; y = "cat /etc/passwd" | getline; print y $0}' </dev/null
