echo a > f
set -C
echo b > f; echo $?
echo c >| f; cat f
echo d >> f; cat f
echo e > g; cat g
echo x > /dev/null; echo $?
set +C
echo h > f; cat f
