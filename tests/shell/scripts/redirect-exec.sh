exec 3>&1 >f; echo to file; exec >&3 3>&-; echo to out; cat f; exec 2>g; nosuch; exec 2>/dev/null; exec < f; read x; echo $x; cat; cat g
