#!/bin/bash
# What triage tells of real programs for every CPU that Debian serves, field by field beside readelf.
set -uo pipefail
for word in readelf python3 apt-get dpkg-deb; do
    command -v "$word" >/dev/null || { echo "SKIP: needs $word"; exit 77; }
done
tell=$(dirname "$TEITEN")/tell
list=$(python3 "$TEITEN_SOURCE/scripts/foreign.py" "$TEITEN_SOURCE/build-test/foreign")
code=$?
((code == 0)) || { echo "SKIP: Debian's archive cannot be reached"; exit "$code"; }
mapfile -t files <<<"$list"
exec python3 "$TEITEN_SOURCE/tests/sample/cpus.py" "$tell" "${files[@]}"
