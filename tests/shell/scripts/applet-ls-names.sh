cd /srv/data/names; ls; ls -A; ls -1r; ls -l | cut -c1-30; ls -v; ls -X; ls -C; ls -x -w 40; ls -- -dash; ls ./-dash; ls -dash; echo $?; ls '*star' '[b]' 'back\slash'; cd /tmp; touch 'a	b' 'new
line' "$(printf 'c\001d')" "$(printf '\351')"; ls; ls -Q; ls | od -c; ls -l | wc -l; touch a1 a10 a2 a01; ls -v; ls -vr; mkdir e; ls e; ls -a e; ls -R e
