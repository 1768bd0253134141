sh -c 'cat <<<(x)'; echo $?
sh -c 'cat <<<(echo x)'; echo $?
sh -c 'cat <<<(x) <<<(y)'; echo $?
sh -c 'cat 3<<<(x); echo $?'; echo $?
sh -c 'echo a <<<(x)y'; echo $?
sh -c 'cat <<< (x)'; echo $?
sh -c 'cat <<<x'; echo $?
sh -c 'cat <<<"a b"'; echo $?
sh -c 'cat <<(x)
(x)
'; echo $?
sh -c 'cat <<<<(x)'; echo $?
sh -c 'cat <<<(x)z
a
(x)z
'; echo $?
sh -c 'cat <<<(echo a
echo b)
c'; echo $?
sh -c 'cat << <(x)
a
'; echo $?
sh -c 'cat <<>(x)
b
<(x)
>(x)
'; echo $?
sh -c 'cat << >(x)
b
'; echo $?
sh -c 'cat <<a<(x)
b
a<(x)
a
'; echo $?
sh -c 'cat <<<(x"y)
q
'; echo $?
sh -c 'cat <<<(x\
q
'; echo $?
sh -c 'cat <<-<(x)
\tq
'; echo $?
sh -c 'echo $(cat <<<(x)
q
)'; echo $?
sh -c 'cat <<a>(x)b$c
b
a<(x)
a
'; echo $?
sh -c 'f() { cat <<<(x)
f$HOME
}; f'; echo $?
