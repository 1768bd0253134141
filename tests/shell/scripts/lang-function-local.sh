x=global
f() { local x=in y; y=2; echo $x $y; g; }
g() { echo g sees $x; x=changed; }
f; echo $x ${y-unset}
h() { local x; echo "<${x-unset}>"; }
h
local z=1; echo $?
i() { local a=1 b=2 c; echo $a $b; }; i; echo ${a-u} ${b-u}
j() { local -x q 2>/dev/null; echo $?; }; j
