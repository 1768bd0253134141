cd /srv/data/names
x='a*'; echo $x "$x"; x=*; echo $x; echo "$x"
for i in a* z*; do echo $i; done; set -- *b*; echo $#
x=[ab]; echo $x; x='\*'; echo $x; x='\*star'; echo $x; x='[\*]*'; echo $x; y='*'; echo \$y $y"star" "$y"star
case a* in 'a*') echo same;; esac; v=a*; echo "$v"
echo $(echo a\*) "$(echo a\*)"; echo ${u:-a*} "${u:-a*}" ${u:-"a*"}
cat < a.*c; echo > n*w; ls n*
