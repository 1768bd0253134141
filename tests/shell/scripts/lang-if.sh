if true; then echo a; fi
if false; then echo b; else echo c; fi
if false; then echo d; elif true; then echo e; else echo f; fi
if false; then :; elif false; then :; elif true; then echo g; fi
if false; then echo h; fi; echo $?
if true; then false; fi; echo $?
if
true
then
echo i
fi
if (exit 0) then echo j; fi
if { true; } then echo k; fi
