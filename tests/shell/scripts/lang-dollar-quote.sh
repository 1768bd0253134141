echo $'a\tb' $'c\nd' $'\x41\102\x' $'\'' $'\\' $'\e[0m' | od -c
echo $'\u0041' $'\q' $'a\0b' "$'x'"
x=$'1\n2'; echo "$x"
