#!/bin/bash
# The emulated shell against the real BusyBox, byte by byte: scripts for the whole of the language and for
# every applet, what attackers were seen to type, and scripts from a grammar;
# and turns of one step against turns without a budget.
# GENERATE is how many scripts the grammar makes (2000), SEED the first of them (1).
set -uo pipefail
tools=$(dirname "$TEITEN")
differ=(python3 "$TEITEN_SOURCE/tests/shell/differ.py" --build "$tools")

for word in python3 busybox "$tools/shell-cell" "$tools/shell-batch"; do
    if ! command -v "$word" >/dev/null; then
        echo "SKIP: needs $word"
        exit 77
    fi
done
if ((EUID != 0)); then
    echo "SKIP: only root can give scripts users other than itself"
    exit 77
fi
if ! unshare --user --map-root-user --pid --fork --mount --net true 2>/dev/null; then
    echo "SKIP: no namespaces are to be had here"
    exit 77
fi

failed=0
"${differ[@]}" --scripts --corpus --generate "${GENERATE:-2000}" --seed "${SEED:-1}" || failed=1
"${differ[@]}" --goldens || failed=1
"${differ[@]}" --budget --scripts --corpus --generate 100 || failed=1
exit "$failed"
