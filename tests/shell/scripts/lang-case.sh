case abc in abc) echo 1;; esac
case abc in a*) echo 2;; *) echo no;; esac
case abc in x|abc|y) echo 3;; esac
case abc in (abc) echo 4;; esac
case abc in ab) echo no;; esac; echo $?
case "a b" in "a b") echo 5;; esac
case '*' in \*) echo 6;; esac
case x in '*') echo no;; ?) echo 7;; esac
case abc in [a-c]*) echo 8;; esac
case abc in [!a]*) echo no;; *) echo 9;; esac
case "" in "") echo 10;; esac
case x in
x) echo 11
   ;;
*) echo no
esac
case x in y) ;; esac
