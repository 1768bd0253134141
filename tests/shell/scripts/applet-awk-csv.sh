cat > csv <<'X'
name,qty,price
apple,3,1.5
pear,0,2.25
"fig, dried",12,0.1
X
awk -F, 'NR>1 {t += $2*$3; printf "%s=%.2f\n", $1, $2*$3} END {print "total", t}' csv; awk -F, -v OFS='\t' '{$1=$1; print}' csv; awk -F'"' '{print NF, $2}' csv; awk 'BEGIN{FS=","} {n[$1]=$2} END{for (k in n) print k, n[k]}' csv; awk -F, '{c[length($1)]++} END{for(k in c) print k, c[k]}' csv; awk '{n=split($0,a,""); s=""; for(i=n;i>0;i--) s=s a[i]; print s}' csv; awk '{while(match($0,/[0-9]+(\.[0-9]+)?/)){print substr($0,RSTART,RLENGTH); $0=substr($0,RSTART+RLENGTH)}}' csv; awk 'BEGIN{RS=","}{print NR": "$0}' csv; awk 'BEGIN{RS="[,\n]"}{printf "[%s]", $0} END{print ""}' csv; awk 'gsub(/a/,"A")' csv; awk '{print gsub(/[aeiou]/,"<&>"), $0}' csv; awk '/apple/,/fig/{n++; print n": "$0}' csv; awk 'NR==2,NR==3' csv; awk '{sub(/,.*/,""); print}' csv; awk '{print index($0,","), length}' csv; awk -F, '$2{print $1}' csv; awk -F, '$2=="0"{print $1}' csv; awk -F, '!$2' csv; awk -F, '$3>1' csv; awk -F, '$1~/^a/||$1~/^p/{print $1}' csv; awk -F, '{print $1 > ("/tmp/" $2 ".txt")}' csv; cat /tmp/0.txt /tmp/3.txt
