set -u
echo ${x-def}
x=1; echo $x
echo "${@}" $#
echo $nosuch
echo never
