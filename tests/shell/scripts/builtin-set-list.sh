env -i sh -c 'x=1; y="a b"; z="it'"'"'s"; e=; n="l1
l2"; set' | grep -v -E '^(PPID|HOSTNAME|LINENO)='
