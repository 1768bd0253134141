cd /tmp
s() { echo "[$*]"; printf "${in:-one\ntwo\nthree\n}" | sed "$@"; echo "rc=$?"; }
printf 'a\nb\n' > f1; printf 'c\nd' > f2; printf 'e' > f3; : > f0; mkdir dd
s 0,/one/d
s 0,/two/d
s 0,/one/p
s 0d
s '0!d'
s 0,2d
s 0,0d
s 1,0d
s 2,0d
s 2,1p
s 3,1p
s '$,1p'
s '1,$p'
s '$,$p'
s /t/,/t/p
s /one/,2p
s /two/,2p
s /three/,2p
s 2,/t/p
s 2,/one/p
s 1,+0p
s /o/,+1p
s 2,+1d
s '$!{$!d}'
s '1!d'
s '! d'
s '1 ! d'
s '1!{2!d}'
s '2!{p}'
s '1!p;1!p'
s '1,2!p'
s 01p
s 2,+01p
s 99999999999p
s 4294967297p
s 2147483648p
s 4294967295p
s 1,4294967295p
s 1,99999999999p
s '\xonexp'
s '\,wor\,ld,p'
s '/one/,/three/{/two/d}'
s '/one/,/three/{//d}'
s -n '/one/,/two/{//!p}'
s -n ':x;1p;s/one/b/;tx'
s -n '2{N;N};2,3p'
s -n '2,/x/{2d;p}'
s '2,1c x'
s '2,2c x'
s '/two/,/one/c x'
s '$c x'
s '2,+1c x'
s '2,3!c x'
s '1,2c x'
s '2,3c x'
s '2,9c x'
s '2!c x'
s '1,2!c x'
s '/[/]/p'
s '/o\/h/p'
s /two/s//2/
s 's/o/x/;s//y/'
s '/t/,+1{=;p}'
