IFS=:; echo $(echo a:b:c) "$(echo a:b)"; for i in $(echo 1:2); do echo $i; done
IFS=o; for i in $(echo foobar); do echo "<$i>"; done; for i in foobar; do echo $i; done
IFS=0; echo $((1001)) "$((1001))"; x=101; echo $x ${#x}
