x=set e=
echo ${x-d} ${x:-d} "<${e-d}>" "<${e:-d}>" ${u-d} ${u:-d}
echo ${u:-} ${u-} "<${u:-a b}>" ${u:-"a  b"} ${u:-$x} ${u:-${v:-deep}}
echo ${u:-'single'} "${u:-'single'}" "${u:-"double"}"
echo ${u:-a}b${u-c}d
echo "${u:-a}b" "${u:-}" ${u:-*}x
for i in ${u:-a b c}; do echo $i; done
for i in "${u:-a b c}"; do echo $i; done
echo ${u:-}}
echo ${u-\}} "${u-\}}"
