clear | od -c; clear x | od -c; clear -x; echo $?; TERM=dumb clear | od -c
