awk 'BEGIN{for(i=0;i<5;i++){if(i==1)continue; if(i==4)break; print i} while(j<2){print "w" j++} do {print "d" k++} while(k<2); for(;;){if(++n>2)break} print n; if(0) print "no"; else if(1) print "yes"; else print "no"; for(;m<2;m++); print m; {print "blk"}; ;}'; awk 'BEGIN{exit} END{print "end"}'; echo $?; awk 'BEGIN{exit 3} END{print "end"}'; echo $?; awk 'END{exit 2+2}' /dev/null; echo $?; awk '{exit} END{print NR}' /srv/data/words.txt; awk 'BEGIN{while(i<3){i++; if(i==2)continue; print i}}'; awk 'BEGIN{if(1)
print "nl"
else
print "no"
x = 1 &&
1; print x}'; awk 'BEGIN { print "a" ; # comment
print "b" } # more'; awk 'BEGIN{print 1,
2; print "long" \
"er"}'; awk 'BEGIN{exit 1; print "no"} END{exit}'; echo $?; awk 'BEGIN{switch(1){case 1: print "s"}}'; echo $?
