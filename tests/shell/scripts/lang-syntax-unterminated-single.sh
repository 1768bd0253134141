echo before
echo 'open
