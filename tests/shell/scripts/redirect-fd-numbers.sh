echo a 10>f; echo $?; exec 9>f; echo nine >&9; cat f; exec 10>g; echo ten >&10; cat g; echo b 12>h >&12; cat h; exec 99>i; echo $?; exec 1000>j; echo $?; echo z 2147483648>k; ls
