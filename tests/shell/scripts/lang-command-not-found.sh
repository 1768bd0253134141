nosuchcommand; echo $?
nosuch a b c 2>/dev/null; echo $?
/no/such; echo $?
./nosuch; echo $?
/srv/data/nox.sh; echo $?
/srv/data; echo $?
/srv/data/badint.sh; echo $?
"" ; echo $?
'a b'; echo $?
$empty; echo $?
/etc/passwd/x; echo $?
/mnt/noexec/run.sh; echo $?
sh /mnt/noexec/run.sh; echo $?
