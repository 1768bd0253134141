cd /srv/data; exec 2>&1; t() { echo "# $*"; "$@" >/dev/full; echo "= $?"; "$@" >&-; echo "= $?";  }; t sed p poem.txt nosuch; t sed p poem.txt; t sed p nosuch; t sed p nosuch poem.txt; t sed p poem.txt nosuch words.txt;  t sed -n p poem.txt; t sed q5 poem.txt; t sed y/a/b/ lines100; t sed = lines100;  sed p poem.txt nosuch deep >/dev/full; t sed -n 'w /dev/full' poem.txt; t sed 1q empty; t sed -n '1p;1e' poem.txt; t sed 'r poem.txt' sorted1; t sed ':a
p
ba' poem.txt; t sed l poem.txt; t sed -n '$=' poem.txt; t sed -i p nosuch
