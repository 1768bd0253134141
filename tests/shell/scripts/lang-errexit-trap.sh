set -e
trap 'echo exit $?' EXIT
echo a
false
echo never
