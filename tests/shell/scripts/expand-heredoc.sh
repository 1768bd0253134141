x=1; cat <<EOF
plain $x ${x} "$x" '$x' \$x \\ \" \a `echo bq` $(echo cs) $((x+1))
  * ~ {a,b} "quotes" ${u:-"d q"} ${u:-'s q'}
cont\
inued \
end
EOF
cat <<'EOF'
raw $x `no` \$ \\ $(no)
EOF
cat <<\EOF
raw2 $x
EOF
cat <<"E O F"
raw3 $x
E O F
