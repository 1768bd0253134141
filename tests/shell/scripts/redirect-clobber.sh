set -C; echo a > f; echo b > f; echo $?; echo c >| f; cat f; >g; >g; echo $?; echo d > /dev/null; echo $?; { echo e; } > f; echo $?; exec 3>f; echo $?
