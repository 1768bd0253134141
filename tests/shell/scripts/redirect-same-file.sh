echo abc > f; cat f f > g; cat g; sort f -o f; cat f; read x < f > f; echo "<$x>"; cat f; exec 3<g; read a <&3; cat <&3; read b <&3; echo $a $b $?
