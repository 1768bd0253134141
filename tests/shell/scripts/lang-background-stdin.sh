#@ input line one\nline two\n
cat & wait
read x; echo "$x"
{ cat; } & wait; echo end
