awk 'BEGIN{print int(3.9), int(-3.9), int("4x"), int(""), int(1e18), int(1e19), int("0x1f")}'
awk 'BEGIN{print and(12,10), or(12,10), xor(12,10), compl(0), lshift(1,4), rshift(256,4), lshift(1,33), and(-1,255), rshift(-1,1), compl(1)}'
awk 'BEGIN{print systime()>1e9; print strftime("%Y-%m-%d %H:%M:%S", 0), strftime("%c",86400), mktime("2020 01 02 03 04 05"), mktime("2020 13 02 03 04 05"), mktime("bad"), mktime("2020 01 02 03 04 05 1")}'
awk 'BEGIN{print length(strftime()), strftime("%s|%e|%j|%U|%Z|%%|%Q|%n|%D|%T|%R|%p|%I|%a %A %b %B|%u%w|%y %C|%G-%V|%k|%l|%P|%z|%x|%X|%r|%h|%F", 1600000000); print strftime("")}'
awk 'BEGIN{print gensub(/a/,"b","g","aaa"), gensub(/a/,"b",2,"aaa"), gensub(/(a)(b)/,"\\2\\1",1,"abab"), gensub(/x/,"y","g"), gensub("a","[\\0&]","G","banana")}'
awk 'BEGIN{print tolower()}'; awk 'BEGIN{print substr("a")}'; awk 'BEGIN{print split("a")}'; awk 'BEGIN{print index("a")}'; awk 'BEGIN{print length(1,2)}'; awk 'BEGIN{print sub("a")}'
awk 'BEGIN{print 1/0}'; awk 'BEGIN{print 1%0}'; awk 'BEGIN{foo(1)}'; awk 'BEGIN{print $(-1)}'; awk 'BEGIN{x=1; x[1]=2}'; awk 'BEGIN{x[1]=1; print x}'; awk 'BEGIN{x[1]=1; x=2; print x}'; awk 'BEGIN{print'; awk 'BEGIN{print "abc}'; awk 'BEGIN{print /abc}'; awk 'BEGIN{print 1'; awk 'BEGIN{print 1}}'; awk 'BEGIN{print )}'; awk 'BEGIN{if}'; awk '}'; awk 'foo('
awk
awk -f /nonexist
awk -z
awk '{print}' /nonexist
awk 'BEGIN{getline x < "/nonexist"; print x; print (getline y < "/nonexist")}'
awk 'BEGIN{print 1; x=split("a")}'; awk 'BEGIN{print 1; x=length(1,2)}'; awk 'BEGIN{print 1; foo(2)}'; awk 'BEGIN{print 1; x=int()}';awk 'BEGIN{print 1; x=sqrt(1,2)}'; awk 'BEGIN{print 1; break}'; awk 'BEGIN{print 1; delete 5}'; awk 'BEGIN{print 1; (}'; awk 'BEGIN{print 1; /(/}'; awk 'BEGIN{print 1; x = "((";  "a" ~ x; print 2; split("a",b,x); }'; awk 'BEGIN{print 1; split("a",5); split("a","b"); split("a", f()); print 2}'; awk 'BEGIN{print 1; for(k in 5)print}'; awk 'BEGIN{print 1 in 5}';awk 'BEGIN{print (1 in f())}'
cat > p5 <<'X'
{


print 1/0
}
X
awk -f p5 p5; awk '


BEGIN{print 1; 
print (1/0)}'; awk 'BEGIN{x=5
y=6
print x @ y}'; awk 'BEGIN{print 1;' ; awk '{print $1'; awk '{print $1}}'; awk '{print $1)'; awk 'BEGIN{for(i=0;i<3;i++)}'; awk 'BEGIN{while(1)}' ; awk 'BEGIN{if(1)}' ; awk 'BEGIN{a b c d; 1 2; 3+; }'; awk 'BEGIN{return 1}'; awk 'BEGIN{break}'; awk 'BEGIN{continue; print 2}'; awk 'BEGIN{next}'; awk 'END{next}' </dev/null;  awk 'function f(){next} {f()} END{print NR}' p5; awk 'BEGIN{nextfile}'; awk 'BEGIN{getline; getline x; print "a"}' p5; awk 'function f(x){print x; exit 5} BEGIN{f(1); print 2} END{print "end"}'; awk 'BEGIN{exit 1+1; }' ; awk 'BEGIN{exit -1}';awk 'BEGIN{exit 256}';awk 'BEGIN{exit "abc"}';awk 'END{exit} BEGIN{exit 4}'
awk 'BEGIN {function}'; awk 'function'; awk 'function f'; awk 'function f(' ; awk 'function f(a'; awk 'function f(a,'; awk 'function f(a)'; awk 'function f(1){}'; awk 'function f(a){'; awk 'function print(){}'; awk 'function length(){}'; awk 'BEGIN{f=1; f(2)}'; awk 'function f(){} BEGIN{f=1}'; awk 'function f(){} BEGIN{f[1]=1}'; awk 'function f(x){x()} BEGIN{f(1)}'
