ls nosuch /etc/hosts &> f; cat f; ls nosuch /etc/hosts >& g; cat g; echo a &>> f; echo $?; wait; cat f
