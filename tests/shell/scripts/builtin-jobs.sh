jobs; echo $?; true & wait; jobs; jobs -l; jobs -p; jobs %1; echo $?; fg; echo $?; bg; echo $?; fg %1; echo $?; sleep 0 & fg; echo $?; wait; set -m; sleep 0; jobs; kill %1; echo $?; disown; echo $?
