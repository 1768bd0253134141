for i in 1 2; do echo $i; done > f; cat f; while read x; do echo "w$x"; done < f > g; cat g; if true; then echo y; fi > h; cat h; case a in a) echo c;; esac > i; cat i; (echo s; echo t >&2) > j 2>&1; cat j; { echo b; } > k; cat k; until true; do :; done < f; for i in a; do cat; done < f
{ echo o; { echo n > inner; }; } > outer; cat outer inner
