x=$(printf 'a\0b'); echo "$x" ${#x}
echo "$(cat /srv/data/nul.bin)"
