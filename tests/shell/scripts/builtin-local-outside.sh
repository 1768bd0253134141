local x=1
echo after $? ${x-u}
