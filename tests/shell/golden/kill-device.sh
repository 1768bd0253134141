#@ stdin
kill 133; echo $?; ps | grep -c httpd; kill -9 120; ps | grep telnetd; kill -0 1; echo $?; killall syslogd; ps | wc -l; kill -9 88; echo $?
