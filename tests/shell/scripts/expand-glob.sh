cd /srv/data/names
echo *; echo a*; echo [ab]; echo [!a-z]*; echo ?; echo ??; echo *.*; echo .*; echo .h*
echo nomatch*; echo [z]; echo "*" '*' \*; echo a"*" "a"*
echo \**; echo '['*; echo [[]*; echo *\ *; echo *[[:space:]]*; echo [[:upper:]] [[:digit:]]*
echo -*; echo \$*; echo *\'; echo *\\*; echo *[\\]*
