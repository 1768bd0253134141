#!/bin/bash
# A storm of `kill -9` over a running observer, under steady known traffic between two network namespaces:
# tests/live/storm.py has what must hold after each. STORM_KILLS=N (else 200), STORM_SEED=N repeats a storm,
# STORM_RINGS=no where a worker's ring dies with it.
set -uo pipefail
# shellcheck source=tests/live/netns.sh
source "$TEITEN_SOURCE/tests/live/netns.sh"
release=$TEITEN_RELEASE
[[ -x $release ]] || release=$TEITEN
steady=$(dirname "$TEITEN")/steady

if ! why=$(netns_can); then
    echo "SKIP: $why"
    exit 77
fi
for word in python3 "$steady"; do
    if ! command -v "$word" >/dev/null; then
        echo "SKIP: needs $word"
        exit 77
    fi
done

trap netns_down EXIT
netns_up 1500 || exit 1
netns_start SENDER "$steady" sender0 "$TMPDIR/truth" --rate 2000 --slot 100 --seconds 1800
sender=$netns_pid
netns_in SENSOR python3 "$TEITEN_SOURCE/tests/live/storm.py" "$release" "$TMPDIR/state" "$TMPDIR/truth" \
    "$TMPDIR/log" "$sender"
code=$?
if ((code)); then
    tail -n 20 "$TMPDIR/log"
    exit 1
fi
wait "$sender" || exit 1
echo "PASS"
