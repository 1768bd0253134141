cd /tmp
for name in gzip gunzip zcat "gzip -c" "gzip -d" "gzip -dc" "gunzip -t" "gunzip -f"; do
    $name <&- | od -An -tx1; $name <&- >/dev/null; echo "$name $?"
    $name - - <&- >/dev/null; echo "$name - - $?"
    $name - - </dev/null >/dev/null; echo "$name - - $?"
    $name - <&- >&-; echo "$name - $?"
done
gzip </etc | od -An -tx1; gunzip </etc; echo $?; zcat </etc; echo $?
echo a | gzip >x.gz; gunzip - x.gz <x.gz; echo $?; ls
zcat nosuch - <&-; echo $?
