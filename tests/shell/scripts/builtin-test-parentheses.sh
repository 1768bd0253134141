[ \( -t a \) ]; echo $?; [ \( -t 'a*' \) ]; echo $?; [ \( -t 0 \) ]; echo $?; [ ! \( -t a \) ]; echo $?; [ \( -t a \) -a x ]; echo $?; [ \( -f a \) ]; echo $?; test \( -t '' \); echo $?
