echo '* * * * * true' | crontab -; crontab -l
crontab - <&-; echo $?; crontab -l; echo $?
crontab - </etc; echo $?; crontab /tmp; echo $?; crontab -c /tmp - <&-; echo $?; cat /tmp/root
crontab -u nobody - <&-; echo $?
