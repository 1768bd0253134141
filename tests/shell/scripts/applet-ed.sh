cd /tmp; seq 3 >f; seq 2 >g; printf 'x\ty\001\200\377z\\q\177\r\b\033\n' >l; printf '1l\n1p\nq\n' | ed l; printf 'p\nq\n' | ed -p '> ' f; printf 'p\n1d\nq\nn\nq\ny\n' | ed -p '> ' f; echo; printf 'a\nx\n.\nq\ny\n' | ed -p '> ' f; ed a b; echo $?; ed -z; echo $?; ed -p; echo $?; ed nosuch </dev/null; echo $?; printf 'a\nx\n.\nw\nw new\nf\nw\nq\n' | ed; echo $?; cat new; printf 'w\nq\n' | ed; mkdir dd; printf 'q\n' | ed dd; printf 'r dd\nw dd\nq\n' | ed f; printf 'no newline' >n; printf 'p\nl\nw\nq\n' | ed n; cat n; printf 'a\nmore\n.\n,p\nw\nq\n' | ed n; cat n; printf 'a\0b\nc\n' >z; printf ',p\n,l\nw\nq\n' | ed z; printf 'p' | ed f; printf 'a\nabc' | ed f; echo; printf '1d\n' | ed f; echo $?; printf 'q\n' | ed -; printf '   \n\t2p\n 2p \n2p\t\nq\n' | ed f; printf 'q\n' | ed ''; : >em; printf 'p\n.\n=\n$=\n,p\n1p\n-\n\n/x/\na\nx\n.\nw\nq\n' | ed em; printf 'r\nf\nq' | ed f; printf 'r f\nf\nw\nq' | ed; printf 'f q\nw\nr\nf\nq\n' | ed; printf 'f\nq\n' | ed; ln f hl; chmod 640 f; printf '1d\nw\nq\n' | ed f; cat hl; printf 'q\n' | ed f g; printf '1s/2/two/\nw\nq\n' | ed f >/dev/null; cat f; ed f <<X
$a
last
.
w
q
X
cat f; ls; printf '1d\nq\n n\nq\nY\n' | ed f; printf '1d\nq\n y\n,p\n' | ed f; printf '1d\nq\nyes\n,p\n' | ed f; printf '1d\nq\n\n,p\n' | ed f; printf '\n\n\n\n' | ed f
