echo 1 | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat
seq 100 | sort -n | uniq | wc -l
yes | head -n 3
yes abc | head -c 10; echo
seq 1000 | tail -n 1
seq 20000 | wc -c
cat /dev/zero | head -c 100000 | wc -c
