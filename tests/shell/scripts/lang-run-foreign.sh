cd /srv/data; ./mips; echo $?; cp mips /tmp/m; chmod 777 /tmp/m; /tmp/m arg; echo $?
cd /tmp; >x; chmod +x x; echo -ne "\x7f\x45\x4c\x46\x01\x02\x01" >> x; ./x; echo $?
printf "\177ELF" > y; chmod +x y; ./y; echo $?; sh ./y; echo $?
printf "\0\1\2" > z; chmod +x z; ./z; echo $?
printf "echo a\0b\n" > w; chmod +x w; ./w; sh w
head -c 300 /srv/data/noise.bin > n; chmod +x n; ./n 2>/dev/null; echo $?
