for y in 1582 1600 1700 1751 1753 1800 1999 4 100 8 400; do for m in 1 2 3 9 10 12; do cal $m $y; cal -jm $m $y; done; done
