f() { break; echo not; }
for i in 1 2; do f; echo $i; done
g() { for k in 1 2; do return 3; done; }
g; echo $?
for i in 1 2; do (break; echo s); echo t$i; done
