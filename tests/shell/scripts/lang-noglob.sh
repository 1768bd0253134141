cd /srv/data/names
echo a*
set -f
echo a* [ab]
set +f
echo a*
