awk 'BEGIN{print "0x1A"+0, 0x1A, 011, 1e3, .5, 1e, 100000000000000000000, 0.1+0.2, 1e6, 1e300*1e300, -1e300*1e300, log(-1)}'
awk 'BEGIN{print 1e3 "" , 123456789012 "", 0.1 "", 1e20 "", 9007199254740993, 1e18, 1e19, 123456789.123,2147483648,-2147483648,-2147483649, 1e15,1e16,1e17, 3.0,  1e-5, 0.000001}'
awk 'BEGIN{printf "%d %d %i %d\n", 2147483648, 9007199254740993, "0x10", "1e3"; printf "%c%c%c\n", 65, "hello", 256+65; printf "%5c|%-5c|\n", "x", 66}'
awk 'BEGIN{print -0, -0.0, 0*-1, "nan"+0, "inf"+0, "+5"+0, "-5x"+0, ".5."+0, "1e+5"+0,"1e5x"+0, "0x11"+0,"011"+0, " 12 "+0}'
awk 'BEGIN{OFMT="%.2f"; x=3.14159; print x, x ""; print 17, 17 ""; print 1e20, 1e20 ""}'
awk 'BEGIN{CONVFMT="%d"; a[3.7]=1; for(k in a) print k}'
awk 'BEGIN{print 08}'; awk 'BEGIN{print 018}';awk 'BEGIN{print 0xg}';awk 'BEGIN{print .}';awk 'BEGIN{print 1e+}';awk 'BEGIN{print 09.5, 01.5, 1.e2, 0x1F, 1E2, 0X1f}'; awk 'BEGIN{print 1..5}'; awk 'BEGIN{print 0777777777777777777777777, 0xffffffffffffffffffffffff, 18446744073709551616}'
awk '{print ($1==$2), ($1==$3), ($1==$4), ($1<$5), ($1<$6), ($6<$5), $7+0, $8+0, -$8, $7 "", $1*1 "", ($1=="10"), ($1=="10.0"), ($2==10), ($2=="10"), ($11==0), ($11==""), !$10, !$8, ($8?"t":"f")}' <<'X'
10 10.0 1e1 0xa abc 9 +5 -0 .5 x
X
awk 'BEGIN{x; print (x==0), (x==""), length(x), x+0; y[1]; print (y[1]==0), (y[1]==""); if(!z)print "z"; $0="0"; print ($0?"t":"f"); $0="00"; print ($0?"t":"f"); $0="0x0"; print ($0?"t":"f"); $0=" 0 "; print ($0?"t":"f"); x="0"; print(x?"t":"f"); x=0; print (x?"t":"f"); x="0"+0; print (x?"t":"f"); x=0 ""; print (x?"t":"f")}'
awk 'BEGIN{split("10 9 abc",p); print (p[1]>p[2]), (p[1]>p[3]); "cat /etc/hostname" | getline g; print (g>9); x=substr("123",1,2); print (x<9), (x+0<9); x = "10"; print x<9, x<"9"}'; cat 9
awk 'BEGIN{a[1]=5; a["1"]=6; a[01]=7; a[1.0]=8; a["01"]=9; for(k in a) print k, a[k]; a[0.1+0.2]; a[1e20]; a[123456789012]; a[-1]; a[1e6]; for (k in a) print k}'
awk 'BEGIN{print 1e6, 1e15, 123456.7, 1234567.8, 0.00001, 1e100, 100000 * 100000, 2147483647 + 1, 1/3, 1e-320, -1/3; print 3/2, 7%3, -7%3, 7%-3, 7.5%2, 1e18+1, 1e16+1 ""}'
