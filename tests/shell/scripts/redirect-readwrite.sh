echo hello > f; cat <> f; exec 3<>f; read x <&3; echo $x; echo more >&3; exec 3>&-; cat f; <> new; ls new; echo x 1<> f; cat f
