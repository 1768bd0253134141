: < /nosuch
echo after $?
. /srv/data/lib.sh < /nosuch
echo after $?
