date; date +%s; date -u; date '+%Y-%m-%d %H:%M:%S'; sleep 5; date +%s; touch f; ls -l f; stat -c '%Y' f; date -r f; date -s '2001-01-01 00:00:00'; date
