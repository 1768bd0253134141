cat <<A; cat <<B
first
A
second
B
cat <<A <<B
lost
A
kept
B
cat 3<<X <&3
three
X
cat <<A && cat <<B || echo no
x
A
y
B
