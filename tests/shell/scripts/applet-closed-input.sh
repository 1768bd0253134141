cd /etc
for name in head "head -c 3" "head -n -1" expand unexpand od "od -c" "od -N 2" "wc -c" cat; do
    $name <&-; echo "$name $?"
    $name - <&-; echo "$name - $?"
    $name </srv; echo "$name $?"
done
for name in head expand unexpand od "od -N3" wc cat; do
    $name hosts <&-; echo "$name $?"
    $name - hosts <&-; echo "$name $?"
    $name hosts - <&-; echo "$name $?"
    $name nosuch <&-; echo "$name $?"
    $name - - <&-; echo "$name $?"
done
stty </dev/null; stty <&-; stty -a <&-; stty -echo <&-; stty size </etc; stty - <&-; stty - </etc
od -S 3 hosts <&-; od -j 300 hosts <&-; od -An -N0 <&-; echo $?
