echo 'l1
l2' > f; cat < f; read x < f; echo $x; < f cat; wc -l <f; cat <f >g; cat g; cat 0<f; while read y; do echo "<$y>"; done < f
cat < nosuch; echo $?; read z < nosuch; echo $?; { echo no; } < nosuch; echo $?; cat < /srv/data; echo $?
