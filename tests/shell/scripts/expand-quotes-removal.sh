echo a"b"c 'd'e "f"'g' \h "\i" '\j' "" ''"" x''y
set -- "" '' a"" ; echo $#; x="'a'"; echo $x "$x"; x='"b"'; echo $x
x='a\ b'; echo $x; set -- $x; echo $#; x='\'; echo $x
echo "a\
b" 'a\
b'
echo "\"" "\\" "\`" "\$" "\!" "\'" "\n" "\a"
