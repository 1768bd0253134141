awk 'BEGIN{print length, length(), length("abc"); $0="hello w"; print length, length $1}'
awk 'BEGIN{$0="a b c"; $5="e"; print; print NF; NF=2; print; $0="x y"; print $1; $3="z"; print $0; $1=$1; print}'
awk 'BEGIN{OFS="-"; $0="a b c"; $1=$1; print; print $1,$2; NF=NF; print; NF=5; print; $2=""; print}'
awk 'BEGIN{$0="a b c"; NF="x"; print; print NF}'
awk 'BEGIN{$3="c"; print; print NF; $0="";print NF}'
awk 'BEGIN{NF=-1}'
awk 'BEGIN{print $1e10}'
awk 'BEGIN{OFS=":"; $0="a b"; $1=$1; OFS="-"; print; $3="c"; OFS="+"; print}'
cat > t1 <<'X'
a b c
d e f

g h
X
awk '{print NR": "$0}' t1; awk -F: '{print $1, NF}' /etc/passwd; awk 'NR==1,NR==2' t1; awk '/a/,/a/{print "r", $0} /d/,/nope/' t1; awk 'BEGIN{RS=""}{print NR, NF, $1; for(i=1;i<=NF;i++) printf "%s,", $i; print ""}' t1; awk 'BEGIN{RS="";FS=":"}{for(i=1;i<=NF;i++) printf "[%s]", $i; print ""}' t1; awk 'BEGIN{RS="[be]"}{print NR "(" $0 ")" RT}' t1; awk 'BEGIN{RS=" "}{print NR "(" $0 ")"}' t1; awk 'BEGIN{RS="b"}{print NR "(" $0 ")"}' t1; awk 'BEGIN{RS="."}{print NR "(" $0 ")"}' t1;  awk 'BEGIN{RS="\\."}{print NR "(" $0 ")"}' t1
cat > t2 <<'X'



x:y
z



w


X
awk 'BEGIN{RS="";FS=":"}{for(i=1;i<=NF;i++) printf "[%s]", $i; print ""; print length(RT)}' t2; awk 'BEGIN{RS=""}{print NR "(" $0 ")" length(RT)}' t2; awk 'BEGIN{RS="\n\n+"}{print NR "(" $0 ")" length(RT)}' t2; awk 'BEGIN{RS="";FS="\n"}{print $1; print $2}' t2
cat > t1 <<'X'
a b c
d e f

g h
X
awk -F '' '{print NF, $1}' t1; awk -F ' ' '{print NF, $1}' t1; awk -F '\t' '{print NF, $1}' t1; awk -F '|' '{print NF, $1}' t1; awk -F. '{print NF, $1}' t1; awk -F '[ b]+' '{print NF, $1 "," $2}' t1; awk 'BEGIN{FS="b*"}{print NF, $1 "," $2}' t1; awk 'BEGIN{FS="x*"}{print NF, $1 "," $2}' t1; awk 'BEGIN{FS="^a"}{print NF, $1 "," $2}' t1; awk 'BEGIN{FS="\\"}{print NF, $1 "," $2}' t1; awk 'BEGIN{FS="("}{print NF, $1 "," $2}' t1; awk 'BEGIN{FS="(("}{print NF, $1 "," $2}' t1
awk -v 'x=a\tb\n' 'BEGIN{print x}'; awk -v x 'BEGIN{print x}'; awk -v 1x=3 'BEGIN{print x}'; awk -v x=010 'BEGIN{print x+0, x==8, x==10}'
awk 'BEGIN{1=2}'; awk 'BEGIN{x+1=2}'; awk 'BEGIN{"a"=2}'; awk 'BEGIN{f()=1}'; awk 'BEGIN{(x)=1; print x}'; awk 'BEGIN{++x; print x; ++5}'; awk 'BEGIN{5++}'; awk 'BEGIN{NR=10; print NR; NF=3; print $0 "|"; FNR="x"; print FNR}'; awk '{NR=10; print NR}' /etc/passwd
cat > t <<'X'
a:b c
d:e f
X
awk '{FS=":"; print $1}' t; awk '{FS=":"; $0=$0; print $1}' t
