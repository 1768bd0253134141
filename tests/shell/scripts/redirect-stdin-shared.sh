#@ input one\ntwo\nthree\nfour\n
read a; echo $a; sh -c 'read b; echo sub $b'; (read c; echo par $c); cat
