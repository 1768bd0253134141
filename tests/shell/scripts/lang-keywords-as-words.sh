echo if then else fi do done case esac while for in { } !
for in in in; do echo $in; done
if=1; echo $if
case if in if) echo k;; esac
for for in for; do echo $for; done
