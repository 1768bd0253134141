echo ~ ~/x "~" '~' \~ a~ ~root ~user ~nosuch ~/ ~root/y
x=~; echo $x; x=~/a:~/b; echo $x; x=a~; echo $x; x=a:~; echo $x; x="~"; echo $x
echo a=~ a:~ --p=~/x
HOME=/h; echo ~ ~/x; HOME=; echo ~ "<~>"; unset HOME; echo ~; cd ~; echo $?
echo ${u:-~} "${u:-~}" ${u:=~}
for i in ~ ~/b; do echo $i; done; case ~ in ~) echo m;; esac
echo ~+ ~- ~0
