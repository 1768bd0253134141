#!/bin/bash
# Programs that are made for a persona hold what they are given and nothing of the reference's: looked through
# from outside, and with strings in the shell of a machine that has them.
set -uo pipefail

for word in python3 busybox; do
    if ! command -v "$word" >/dev/null; then
        echo "SKIP: needs $word"
        exit 77
    fi
done

machine=$TMPDIR/machine
python3 "$TEITEN_SOURCE/tests/shell/tree.py" "$machine" || exit 1
failed=0
for cpu in mips mipsel arm armeb ppc sh4 x86 x86_64; do
    made=$machine/root/usr/bin/made-$cpu
    python3 "$TEITEN_SOURCE/scripts/make-program.py" "$cpu" 60000 "$made" "told of $cpu" || failed=1
    if grep -aqE 'Debian|1\.35\.0|deb12' "$made"; then
        echo "made for $cpu: it names the reference"
        failed=1
    fi
    said=$("$TEITEN" shell --machine "$machine" -c "strings /usr/bin/made-$cpu" </dev/null)
    if ! grep -q "told of $cpu\$" <<<"$said" || grep -qE 'Debian|1\.35\.0|deb12' <<<"$said"; then
        echo "strings of what is made for $cpu: $(grep -E 'told|Debian|1\.35|deb12' <<<"$said")"
        failed=1
    fi
done
exit "$failed"
