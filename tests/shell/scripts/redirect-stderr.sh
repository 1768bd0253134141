ls nosuch 2> f; cat f; ls nosuch 2>> f; cat f; ls nosuch /etc/hosts > g 2>&1; cat g; ls nosuch 2>&1 > h | cat; wc -c < h
echo a >&2 2>/dev/null; echo b 2>/dev/null >&2; { echo c >&2; } 2>&1; nosuch 2>f; cat f; nosuch 2>/dev/null; echo $?
