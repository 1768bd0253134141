awk 'BEGIN{a["x"];a["y"];a["z"]; for(k in a){delete a; print k}}'; awk 'BEGIN{a["x"];a["y"];a["z"]; for(k in a){delete a["y"]; a["w"]; print k}; print length(a)}'; awk 'BEGIN{for(i=0;i<3;i++)a[i]; for(k in a) for (j in a) {if(j==1)break; print k,j}; print length(a)}'
cat > p1 <<'X'
BEGIN{print 1}

BEGIN{print 2; x=1/0}
X
cat > p2 <<'X'
function f(x) { return x+1 }
BEGIN{print f(2)}
X
cat > p3 <<'X'
BEGIN {
 print 1 +
}
X
cat > p4 <<'X'
#!/bin/awk -f
{ print $1 }
X
awk -f p2 -f p1; awk -f p3; awk -f p4 p1; awk -e 'BEGIN{print 1}' -e 'BEGIN{print 2}'; awk -e 'BEGIN{print 1' -e '}'; awk -f p2 -e 'BEGIN{print f(5)}' ; awk -f p2 'BEGIN{print 7}'; awk -- 'BEGIN{print 1}'; awk --version; awk -W version; awk -h; awk -F; awk -f; awk -f p1 -f /nonexist; awk -f - < p2;  awk -f /dev/stdin < p2
awk 'BEGIN{print "x" > ""}'; awk 'BEGIN{print "x" > "/nonexist/x"}'; awk 'BEGIN{print "x" | ""}'; awk 'BEGIN{"" | getline; print getline < ""}'; awk 'BEGIN{print "x" > "/"}'; awk 'BEGIN{print (getline x < "/"), ERRNO}'
cat > t <<'X'
x
X
awk 'BEGIN{next; print 1} BEGIN{print 2} {print}' </dev/null; awk 'BEGIN{next; print 1} BEGIN{print 2} {print} END{print "e"}' t; awk 'function f(){next} BEGIN{f(); print 1} BEGIN{print 2} {print} END{f(); print "e"} END{print "e2"}' t; awk '{return; print} {print "2" $0} BEGIN{return; print "no"} BEGIN{print "2"}' t t; awk '{getline; print "got " $0} END{next; print "no"} END{print "e2"}' t
awk 'END{print NR, $0}' </dev/null
awk 'BEGIN{x=5; x[1]=2; print x, x[1]; x=6; print x, x[1], length(x); x="ab"; print length(x), x[1]; x[3]; print x}'; awk 'BEGIN{x[1]=2; x=x; print x[1]; x=3; print (1 in x), x}'; awk 'function f(a,  i){i[1]=1; i[2]; return length(i)} BEGIN{print f(1)}'; awk 'function f(i){i=3; i[1]=7; return i i[1]} BEGIN{print f(1)}'; awk 'function f(i){i[1]=7; i=3; return i i[1]} BEGIN{a[1]=0;print f(a), a[1]; print f(b), b[1]; print b}'; awk 'BEGIN{delete x; print length(x); x=1; delete x; print x}'; awk 'BEGIN{NR[1]=5; print NR, NR[1]; ENVIRON=3; $0="a b"; print length($0), length(NF), length(NR)}'
