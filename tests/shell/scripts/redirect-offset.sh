printf 'abcdef' > f; exec 3<f; dd bs=2 count=1 <&3 2>/dev/null; echo; dd bs=2 count=1 <&3 2>/dev/null; echo; cat <&3; echo
exec 4>g; echo one >&4; (echo two >&4); { echo three; } >&4; echo four > g; echo five >&4; od -c g
exec 5>>h; echo a >&5; echo b >h; echo c >&5; cat h
(echo x; echo y) > i; { echo p; cat; echo q; } < i; { read l; cat; } < i
