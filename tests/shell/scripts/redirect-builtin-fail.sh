echo a > /no/such/file; echo $?; : > /no/x; echo still $?; true < /nosuch; echo $?; cd /tmp > /no/x; pwd; echo $?; x=1 > /no/x; echo "<$x>" $?; > /no/x; echo $?; set -- a > /no/x; echo $# $?
eval 'echo b' > /no/x; echo $?; f() { echo f; }; f > /no/x; echo $?; export q=1 > /no/x; echo "$q"
