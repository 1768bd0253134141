(echo a; echo b)
x=1; (x=2; echo $x); echo $x
(cd /tmp; pwd); pwd
(exit 7); echo $?
( (echo nested) )
((echo not arithmetic) ; echo c)
(echo d) > f; cat f
(f() { echo in; }; f); f
echo $?
