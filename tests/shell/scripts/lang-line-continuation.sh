echo a\
b c\
 d
ec\
ho e
echo "f\
g" 'h\
i'
if true \
&& true; then echo j; fi
echo k \

echo l
