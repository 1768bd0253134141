p='a*'; case abc in $p) echo 1;; esac
case abc in "$p") echo no;; *) echo 2;; esac
x='q r'; case $x in 'q r') echo 3;; esac
case $(echo hi) in h?) echo 4;; esac
case ${u-d} in d) echo 5;; esac
case a in $(echo a)) echo 6;; esac
case '[' in '[') echo 7;; esac
case 'a]' in [a]]) echo 8;; esac
case ']' in []]) echo 9;; esac
case '-' in [a-]) echo 10;; esac
case b in [[:alpha:]]) echo 11;; esac
case 5 in [[:alpha:]]) echo no;; [[:digit:]]) echo 12;; esac
case 'a\b' in 'a\b') echo 13;; esac
case '\' in \\) echo 14;; esac
