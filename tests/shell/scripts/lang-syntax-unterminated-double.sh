echo before
echo "open
more
