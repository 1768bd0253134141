cmd=export; x="1 2"
$cmd a=~ b=x:~; echo "$a" "$b"; $cmd a=$x; echo "$a"; $cmd "a"=~ "b=~" c"="~ d=~nobody:~ ; echo "$a" "$b" $c $d
$cmd a=~nosuch/b b=~root/c:~root; echo $a $b; $cmd a=${z:-~} b=${z:-x:~}; echo "$a" "$b"; $cmd a=b=~ c=d:~e; echo $a $c
c="export z=1"; $c a=~; echo "$a $z"; c=command; $c export a=~; echo $a; $c export a=$x; echo $a; $c command -p -- export a=~; echo $a
e=; $e export a=~; echo $a; $e export a=$x; echo $a; "export" a=~; echo $a; \export a=~; echo $a; ex"port" a=~ b=$x; echo $a $b
command export a=$x; echo "$a"; command -p export a=$x b=~; echo $a $b
c=readonly; $c r=~; echo $r; f() { x=local; $x a=~ b=$y; echo $a; }; y="1 2" f
$(echo export) a=~ b=x:~; echo $a $b; `echo export` a=~/x b=x:~/b:~; echo $a $b
cmd=alias; $cmd a=~ b=$x; alias a; alias b; a=~ export b=~; echo $b
cmd=printf; $cmd '%s\n' a=~ b=:~ c=~root/x:~nobody 'd'=~ a=${z:-~} b=${w:-x:~} ${w:-a=~} a=${w:-~root:y} $x
alias() { echo "$@"; }; alias a=~; x=alias; $x a=~; y="1 2"; $x a=$y; command alias c=~; command alias c
cd /etc; c=export; $c B=/etc/h*:~; echo "$B"; export B=h*; echo "$B"
cd /tmp; echo a=~*; >'a=~x*y'; >'a=~xzy'; echo a=~x*; x=export; $x a=~x*; echo "$a"
