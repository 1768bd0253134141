f() { echo f "$#" "$@"; }
f; f a 'b c'
g() echo compound
g() { echo g; }
g
h () ( echo sub; exit 3 )
h; echo $?
i() if true; then echo if; fi
i
function j { echo j $1; }
j x
function k() { echo k; }
k
f-x() { echo dash; }
f-x
