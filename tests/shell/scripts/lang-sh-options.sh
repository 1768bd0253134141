sh -c 'echo $0 $1 $#' zero one two
sh -c 'echo $-'
sh -e -c 'false; echo no'; echo $?
sh -ec 'echo a; false; echo no'; echo $?
sh -u -c 'echo $x'; echo $?
sh -x -c 'echo a'
sh -n -c 'echo a'
sh -f -c 'echo /etc/h*'
sh +f -c 'echo /etc/hosts'
sh -o noglob -c 'echo /e*'
sh -z; echo $?
sh -c; echo $?
echo 'echo s $0 $1 $2' | sh -s a b
echo 'echo d $0 $1' | sh - a
sh -- /srv/data/plain.sh q; echo $?
