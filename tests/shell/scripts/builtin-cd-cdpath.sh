CDPATH=/srv/data:/etc; cd deep; pwd; cd init.d; pwd; cd ./nosuch; CDPATH=; cd /; cd tmp; pwd; unset HOME; cd; echo $?; HOME=/etc cd; pwd; OLDPWD=/tmp; cd -; unset OLDPWD; cd -; echo $?
