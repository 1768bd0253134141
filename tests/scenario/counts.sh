#!/bin/bash
# teiten counts exactly what was noted while each capture was made: links, headers, fragments, malformed
# packets, broken files, own traffic, marks; also compressed, from standard input, and once only.
set -euo pipefail
captures=$TEITEN_SOURCE/tests/captures
python3 "$captures/make.py" "$TMPDIR/made"
python3 "$captures/compare.py" generated "$TEITEN" "$TMPDIR/made"
