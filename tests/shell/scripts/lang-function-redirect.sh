f() { echo out; echo err >&2; } > log 2>&1
f; echo done; cat log
g() { cat; } <<EOF
from here
EOF
g; g
h() { echo $1; } >> log
h 1; h 2; cat log
