#@ user
id; pwd; echo $HOME $USER
echo > /etc/x; echo $?
cat /srv/data/secret; echo $?
cat /srv/data/theirs
ls /srv/data/closed
cd /srv/data/closed; echo $?
rm /srv/data/poem.txt; echo $?
echo mine > /tmp/f; cat /tmp/f
echo a > /srv/data/ro.txt
echo b >> /srv/data/open; cat /srv/data/open
cd /root; echo $?
