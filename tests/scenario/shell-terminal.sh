#!/bin/bash
# `teiten shell` on a terminal beside the real BusyBox on another: the same keys, the same screen.
set -uo pipefail
tools=$(dirname "$TEITEN")

for word in python3 busybox "$tools/shell-cell"; do
    if ! command -v "$word" >/dev/null; then
        echo "SKIP: needs $word"
        exit 77
    fi
done
if ((EUID != 0)) || ! unshare --user --map-root-user --pid --fork --mount --net true 2>/dev/null; then
    echo "SKIP: needs root and namespaces"
    exit 77
fi

machine=$TMPDIR/machine
python3 "$TEITEN_SOURCE/tests/shell/tree.py" "$machine" || exit 1
python3 "$TEITEN_SOURCE/tests/shell/terminal.py" "$tools/shell-cell" "$TEITEN" "$machine"
