echo 'echo $0 $@' > s; sh s a b; sh -c 'echo $0 $@' x y; ash -c 'echo ash $0'; echo 'echo in $0 $1' | sh; echo 'echo in $0 $1' | sh -s p; sh -e s; sh nosuch; echo $?; sh /srv/data; echo $?; sh -c 'exit 5'; echo $?; sh -c ''; echo $?; sh -c ' '; echo $?; sh < s; sh -x s 1; sh -v s; sh -n s; sh -i -c 'echo i' 2>/dev/null; sh -l -c 'echo $FROM_PROFILE'; sh -lc 'echo $0'; sh --help; echo $?; sh --nosuch; echo $?; sh -o; echo $? ; sh -c 'echo $#' a b c; sh -c 'echo "$1"' x 'a b'; sh -ce 'false; echo no'; echo $?; cat s | sh -x; sh -c 'cat' < s; echo 'read x; echo "<$x>"
data' | sh; busybox sh -c 'echo bb'; busybox ash -c 'echo $0'; sh -c 'sh -c "sh -c \"echo deep\""'; sh s <<EOF
unused
EOF
sh <<'EOF'
echo heredoc $0
exit 4
EOF
echo $?; /bin/sh -c 'echo abs'; (exec sh -c 'echo ex'); sh -p -c 'echo p'; echo $?; sh -c 'echo a' -c 'echo b'; sh -s < s z; sh - < s; bash -c 'echo b'; echo $?; sh -c 'set -- a; echo $1; shift; echo $#'; sh -o pipefail -c 'false | true'; echo $?; sh -cx 'echo cx'; sh +x -c 'echo plus'
