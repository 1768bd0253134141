cat <<-EOF
	one tab
		two tabs
	  tab and blanks
   blanks
	EOF
cat <<-'X'
	raw $x
	X
if true; then
	cat <<-E
	in if
	E
fi
