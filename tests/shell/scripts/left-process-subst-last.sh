f() { cat "$1" "$2"; }; wc -l <(echo hi; echo ho) | sed 's/[0-9]*$//'; (cat <(echo in)); f <(echo a) <(echo b); sort -r <(echo a; echo b) <(echo c)
