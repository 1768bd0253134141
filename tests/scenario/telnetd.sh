#!/bin/bash
# The trap's Telnet and log-in beside the real telnetd and login of BusyBox, in namespaces of their own: the same bytes,
# the same answers. SEED is that of the bytes that are thrown (1).
set -uo pipefail
talk=$(dirname "$TEITEN")/trap-talk

for word in python3 busybox openssl "$talk"; do
    if ! command -v "$word" >/dev/null; then
        echo "SKIP: needs $word"
        exit 77
    fi
done
# Another BusyBox may speak otherwise.
if ! busybox | head -1 | grep -q '^BusyBox v1\.35\.'; then
    echo "SKIP: this BusyBox is not 1.35, which the dialect is of"
    exit 77
fi
if ((EUID != 0)); then
    echo "SKIP: only root can give a namespace the users that login wants"
    exit 77
fi
if ! unshare --user --map-root-user --pid --fork --mount --net true 2>/dev/null; then
    echo "SKIP: no namespaces are to be had here"
    exit 77
fi
exec python3 "$TEITEN_SOURCE/tests/trap/telnetd.py" "$talk"
