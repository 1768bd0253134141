exec {fd}>f; echo $?; echo {a}>g; cat g
