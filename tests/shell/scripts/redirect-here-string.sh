cat <<< word; echo $?
