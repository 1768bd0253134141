echo $(echo a) "$(echo b)" $(echo c)d e$(echo f)
x=$(printf 'a\nb\n\n\n'); echo "$x|"
echo $(printf 'a\nb') "$(printf 'a\nb')"
echo $(echo 'a  b') "$(echo 'a  b')"
echo "$(echo "q  r")" $(exit 3) $?
echo $() "$()" $( ) x
echo $(cat </srv/data/sorted1)
echo $(</srv/data/sorted1)
echo $(echo a; echo b) $(
echo c
)
echo $( (echo sub) ) $({ echo grp; })
echo $(case a in a) echo case;; esac)
echo $(case a in (a) echo case2;; esac)
echo $(# comment )
echo x)
