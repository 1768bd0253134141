#!/bin/bash
# Real captures: teiten counts what tshark and tcpdump count. $TEITEN_CORPUS names a folder of more.
set -euo pipefail
shopt -s nullglob
corpus=${TEITEN_CORPUS-$TEITEN_SOURCE/../shared/corpus/pcaps}
files=("$TEITEN_SOURCE"/tests/pcaps/*.pcap*)
if [[ -d $corpus ]]; then
    files+=("$corpus"/*.pcap*)
else
    echo "skipped: no folder $corpus; set TEITEN_CORPUS to compare more captures"
fi
python3 "$TEITEN_SOURCE/tests/captures/compare.py" captures "$TEITEN" "${files[@]}"
