set -u
(echo $nosuch; echo no)
echo $?
echo ${#nosuch}
echo never
