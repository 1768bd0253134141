echo -e 'a\\b' '\a\b\f\r\v' '\e[1m' '\0101' '\101' '\x41' '\x4' '\xg' '\0' '\q' '\c' never | od -c
echo -e 'stop\chere' more; echo; echo -e '\x41\x42\103\0104' '\08' '\777' '\x' '\' | od -c; echo -e '\u00e9' '\0x41'; echo -e "\\x6b\\x61\\x6d\\x69/dev"; echo -en '\x45\x43\x48\x4f\x44\x4f\x4e\x45'; echo; echo '\x45'; echo -e '\1\12\123\1234' | od -c; echo -e '\x123' '\00000' | od -c
