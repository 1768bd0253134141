yes | wc -c
