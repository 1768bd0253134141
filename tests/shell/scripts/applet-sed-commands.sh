cd /srv/data; sed '2a\
added' sorted1; sed '2a added' sorted1; sed '2a\added' sorted1; sed '2i\
ins' sorted1; sed '1i first' sorted1; sed '2c\
chg' sorted1; sed '2c chg' sorted1; sed '1,2c both' sorted1; sed '$a end' sorted1; sed '$!d' sorted1; sed -n 'l' odd.txt; sed -n l utf8.txt; sed 'N;s/\n/+/' sorted1; sed 'n;d' sorted1; sed '$!N;P;D' sorted1; sed -n 'H;${x;s/\n/,/g;p}' sorted1; sed 'G' sorted1; sed -n '1!G;h;$p' sorted1; sed 'x' sorted1; sed '1h;2g' sorted1; sed '/b/r sorted2' sorted1; sed 'r nosuch' sorted1; sed -n '/b/w /tmp/w' sorted1; cat /tmp/w; sed '2q' sorted1; sed '2q5' sorted1; echo $?; sed 'Q' sorted1; echo $?; sed ':a;s/^\(x\{0,3\}\)b/\1xb/;ta' sorted1; sed ':l;N;$!bl;s/\n/ /g' sorted1; sed 'b;d' sorted1; sed 's/a/A/;t;s/$/-/' sorted1; sed 's/a/A/;T;s/$/-/' sorted1; sed '/a/b end;s/$/!/;:end' sorted1; sed -n '/c/{=;p}' sorted1; sed 'd;p' sorted1; sed '{p;d}' sorted1; sed '2{s/b/B/;q}' sorted1; sed 'a\
one\
two' sorted2; sed 'a\  lead' sorted2; sed '1d;a x' sorted2; sed 'z;s/^$/mt/' sorted2; echo $?; sed 'F' sorted2; echo $?; sed -n '2{p;q}' sorted1; sed 'e' sorted1; echo $?; sed 'y/abc/ABC/;y/A/\n/' sorted1; sed '#comment
p' sorted2; sed '#n
p' sorted2; sed -n '$!{$!p}' sorted1; sed 'i\' sorted2; echo $?; sed '$r sorted2' sorted1; sed '/a/c\' sorted1; sed 'w /dev/stdout' sorted2
