echo 'echo $0 $@' > s; printf 'echo a\nif true\nthen echo b; fi\n\n# a comment\ncat <<E\nx $HOME\nE\nf() {\necho f; }\nf' > v; sh -v v; sh -xv v; sh -c 'set -v
echo c; echo d
eval "echo e
echo f"
. ./s
set +v
. ./s
echo g'; echo 'echo one
set -v
echo two
set +v
echo three
set -v; echo four
echo five' | sh; sh -vc 'echo z; . ./s'; sh -v < v; printf 'echo a\nfi\necho b\n' > e; sh -v e; echo $?; printf 'read x\nline\necho $x\n' | sh -v; printf 'exit 3\necho no\n' | sh -v; echo $?; set -v; echo last; . ./s
