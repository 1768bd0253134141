case a in a) (exit 3);; esac; echo $?
case a in b) ;; esac; echo $?
false; case a in a) ;; esac; echo $?
case a in a) echo x; esac
case a in esac; echo $?
