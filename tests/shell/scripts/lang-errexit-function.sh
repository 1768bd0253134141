set -e
f() { false; echo still; }
f || echo caught
if f; then echo ok; fi
x=$(false) || echo sub
f
echo never
