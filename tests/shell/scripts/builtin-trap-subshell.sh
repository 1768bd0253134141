trap 'echo exit' EXIT; (echo sub); (trap 'echo subexit' EXIT; echo s2); x=$(echo cs); echo $x; { echo grp; }; echo a | cat; (exit 3); f() { trap 'echo fexit' EXIT; }; f; echo main
