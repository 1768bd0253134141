cat > f <<'X'
              total        used        free
Mem:            991         345         220
Swap:             0           0           0
X
cat f | awk '/Mem/{print $2 ,$3,$4,$5}'; awk 'FNR == 2 {print $2;}' f; awk '{sum+=$2} END {print "Sum:", sum, sum/NR}' f; awk '{ if ($2 > max) max = $2 } END { print max }' f; awk '{for (i=NF; i>0; i--) printf("%s ", $i); printf("\n")}' f; awk 'length($0) > 40' f; awk '{$2 = ""; print}' f; awk '{ print NR ": " $0 }' f; awk '{ $1 = $1; print }' OFS=, f; awk 'BEGIN { FS = ":" } ; { print $2 }' f; awk '{ gsub(/[ \t]+/, " "); print }' f; awk '!($1 in seen) { seen[$1] = 1; print $1 }' f f; awk '{ a[NR] = $0 } END { for (i = NR; i > 0; i--) print a[i] }' f; awk 'NF' f; awk '{ print toupper(substr($1,1,1)) tolower(substr($1,2)) }' f; awk '{ t = $1; $1 = $2; $2 = t } 1' f; awk 'ORS=NR%2?",":"\n"' f; awk '{ printf "%-10s|%5d|%05.1f\n", $1, $2, $3 }' f
