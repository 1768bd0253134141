x='a b c'; echo "${x// /_}" ${x// /_} "${x/ /  }"
x='a\b'; echo "${x/\\/S}" "${x//\\/\\\\}"
x=abc; echo "${x/b/'q'}" "${x/b/"q"}" ${x/b/'q r'} "${x/b/\}}"
x=aaa; echo ${x/a/b/c} ${x//a/\/}
y='a b'; echo ${x/a/$y} "${x/a/$y}"
x=$'l1\nl2'; echo "${x/
/+}" "${x//l/L}"
