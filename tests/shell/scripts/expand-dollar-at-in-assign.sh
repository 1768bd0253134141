set -- 'a  b' c
x=$@; echo "$x"; x="$@"; echo "$x"; x=$*; echo "$x"; x=${@:-d}; echo "$x"; export y=$@ 2>/dev/null; echo "$y"
readonly z="$*"; echo "$z"; local_test() { local l=$1; echo "$l"; }; local_test 'p  q'
export w=$(echo 'a  b'); echo "$w"
