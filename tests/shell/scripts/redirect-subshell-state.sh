exec 3>f; (echo in >&3; exec 3>&-; echo lost >&3); echo out >&3; cat f; (exec >g; echo sub); echo main; cat g; x=$(echo a >&2) 2>&1; echo "<$x>"
f() { exec 4>h; }; f; echo four >&4; cat h
