cat <<EOF
no end
of it
