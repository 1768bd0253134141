trap 'echo bye; exit 5' EXIT
echo a
exit 3
