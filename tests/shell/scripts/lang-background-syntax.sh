true & true & wait
for i in 1 2; do true & done; wait; echo ok
& echo a
