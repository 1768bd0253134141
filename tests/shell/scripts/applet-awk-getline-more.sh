awk 'BEGIN{getline x; getline; getline y < "f"; "c" | getline; "c" | getline z; print getline + 1; x = getline < "f" "g"; print x}' </dev/null
awk 'BEGIN{print getline < "/etc/hostname" + 1}'; awk 'BEGIN{"cat /etc/" "hostname" | getline x; print x}';  awk 'BEGIN{print ("cat " "/etc/hostname" | getline x), x}'
awk 'BEGIN{while ("cat /etc/passwd" | getline x > 0) print x}'
awk 'BEGIN{while (("cat /etc/passwd" | getline x) > 0) print x}'; awk 'BEGIN{while ((getline x < "/etc/hostname") > 0) print "ok"}'; awk 'BEGIN{while (getline x < "/etc/hostname" > 0) print "ok2"}'
awk 'BEGIN{if (!(getline x < "/nonexist") ) print "no"; if ((getline x < "/nonexist") < 0) print "neg"; print ERRNO}'
awk 'BEGIN{getline a[1] < "/etc/hostname"; print (length(a[1])>0); getline $2 < "/etc/hostname"; print NF; "cat /etc/hostname" | getline $1; print $1}'
awk 'BEGIN{print("cat /etc/hostname" |getline)}'; awk 'BEGIN{print 1 >= 2, 1 >>2}'; awk 'BEGIN{print 1 | "cat" | "cat"}'; awk 'BEGIN{print 1 > "/dev/stderr" | "cat"}';awk 'BEGIN{print 1 > "a" > "b"}'; cat 0; awk 'BEGIN{print 1, 2 > "a", "b"}'; cat ab
awk 'BEGIN{"cat /etc/hostname" | getline x | getline y; print x y}'
awk 'BEGIN { "cat /etc/hostname" | getline x + 1; print x }'; awk 'BEGIN{x = "/etc/"; getline y < x "hostname"; print y; close (x "hostname"); getline y < (x "hostname"); print y; z = getline y < "/etc/hostname" ".x" ? "a" : "b"; print z}'
cat > t1 <<'X'
a b c
d e f

g h
X
cat > t2 <<'X'
1
2
X
awk '{print x, $1}' x=1 t1 x=2 t1; awk '{print x, $1}' x=1 < t1; awk '{print FILENAME, ARGIND, ARGC, ARGV[0], ARGV[1]}' t1; awk 'BEGIN{ARGV[1]="t1"; ARGC=2}{print}'; awk 'BEGIN{ARGV[1]=""}{print}' t2 t1; awk 'BEGIN{delete ARGV[1]}{print}' t2 t1; awk '{print}' - < t1; awk '{print FILENAME; nextfile}' t1 t2; awk '{print FILENAME; next} END{print "e", FILENAME}' t1; awk 'FNR==NR{a[$1]=1;next} ($1 in a){print "in", $1}' t1 t1; awk '{print}' . ; awk '{print}' /nonexist t1; awk '{print}' t1 /nonexist; awk 'BEGIN{while((getline l < "t1")>0) n++; print n, NR, l}'; awk '{getline; print}' t1; awk '{getline x; print x, NR}' t1; awk '{while((getline y)>0) last=y} END{print last, NR, $0}' t1
