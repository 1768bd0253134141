awk 'function f(x){return x*2} BEGIN{print f(3), f (4)}'
awk 'function f(x){x[1]=5} BEGIN{f(a); print a[1]}'
awk 'function f(x){g(x)} function g(y){y["k"]="v"} BEGIN{f(a); print a["k"], length(a)}'
awk 'function f(x,y){y[1]=2; return y[1]+x} BEGIN{print f(1), f(2)}'
awk 'function f(a,b){a=5; return a b} BEGIN{z=1;print f(z,2) z}'
awk 'function f(n){return n<=1?1:n*f(n-1)} BEGIN{print f(10), f(20)}'
awk 'function f(f){return f} BEGIN{print f(1)}'
awk 'function f(a,a){return a} BEGIN{print f(1,2)}'
awk 'function f(a){return a} BEGIN{print f(1,2)}'
awk 'function f(a){return a} function f(b){return b+1} BEGIN{print f(1)}'
awk 'function NR(a){return a} BEGIN{print NR(1)}'
awk 'func f(a){return a} BEGIN{print f(1)}'
awk 'function f(a) {
return a }
BEGIN { print f(1)
}'
awk 'function f(a)
{return a} BEGIN{print f(1)}'
awk 'function f(a){g(a)} BEGIN{print 1; f(2)}'; awk 'function f(a,b){print a; return} BEGIN{x=f(1); print "[" x "]", x+0; print f(2) f(3)}'
awk 'function f(a){while(1){for(k in a){return k}}} BEGIN{a["z"];print f(a)}'; awk 'function f(a){for(;;)if(a++>5)return a} BEGIN{print f(1); for(i=0;i<3;i++){for(j=0;j<3;j++){if(j==1)continue; if(i==1) break; print i,j}}}'
awk 'function f(x){x[1]=5} BEGIN{f(1); print "k"}';awk 'BEGIN{split("a",NR); print NR}'; awk 'BEGIN{split("a b", $1)}'; awk 'BEGIN{x="a"; for (k in x) print k; print 1 in x; print x}'; awk 'function f(x){print x} BEGIN{a[1]=2; f(a); print a[1]}'; awk 'function f(x){x=5} BEGIN{a[1]=2; f(a); print a[1]}'; awk 'function f(x){return x[1]} BEGIN{print f("s")}'; awk 'function f(a){for(k in a)print k} BEGIN{f(5)}'; awk 'function f(a){return length(a)} BEGIN{print f(5), f("abc"), f(b); b[1]; print f(b)}'; awk 'BEGIN{a[1]=1; print a+1, a ""; b=a; print b; print a[1]}'
awk 'function f(a,  i){i[1]=a; if(a>0) f(a-1); return i[1]} BEGIN{print f(3)}'; awk 'function f(n){if(n==0)return 0; return 1+f(n-1)} BEGIN{print f(1000)}'; awk 'function f(a){a["x"]; return g(a)} function g(b){b["y"]; return length(b)} BEGIN{print f(q), length(q); for(k in q) print k}'; awk 'function f(a,b){b[1]=5; return a[1]} BEGIN{print f(z,z)}' ; awk 'function f(a){z=5; a[1]=3; return z} BEGIN{print f(z); print z}'; awk 'function f(a){a=7; return a} BEGIN{f(z); print z+0}'
cat > t <<'X'
axbxc
X
awk 'BEGIN{RS="x"; while(("cat t" | getline l)>0) print l; RS="\n"; FS=","; "cat t" | getline; print $2; print RT "|"}'
awk '{print}' /etc/hostname nofile; awk '{print $1; exit}' /etc/hostname; awk 'BEGIN { while (i < 3) { i++; if (i==2) continue; print i } do { print "do" } while (0) ; for (;;) { break } ; for (i in a) ; { print "blk" } }'; awk '{ print } ; END { print "x" }' /etc/hostname; awk '/de/;/v/' /etc/hostname;  awk '!/x/' /etc/hostname; awk '1' /etc/hostname; awk '0' /etc/hostname; awk '"a"' /etc/hostname; awk 'NR==1{print "a"} NR==1,NR==2{print "b"}; {next} {print "no"}' /etc/hostname; awk 'x' /etc/hostname;awk '' /etc/hostname; awk ' ' /etc/hostname; awk '#c' /etc/hostname
