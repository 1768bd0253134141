echo a > f; cat f; echo b > f; cat f; >f; wc -c f; >g; ls -1; echo c >f d e; cat f; > h echo first; cat h
echo i>f; cat f; echo 1>f; cat f; echo 1 >f; cat f; echo a1>f; cat f; echo "x" 1>f; cat f
:> k; ls k; true > l; ls l; false > m; echo $? ; ls m
