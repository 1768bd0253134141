1f() { :; }
1f; echo $?
a.b() { echo dot; }
a.b
if() { :; }
