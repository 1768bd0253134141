# a comment at the start
echo a # at the end
echo b#c '#d' "#e" \#f
echo g;# after a semicolon
#
echo h # with 'quotes "open
echo ${#} # $(not run
