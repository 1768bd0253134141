#@ input one\ntwo\nthree\nfour\n
head -n 1; echo --; cat
