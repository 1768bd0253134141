#!/bin/bash
# The generated captures are what they claim to be: tshark sees in them what was noted while they were made.
set -euo pipefail
captures=$TEITEN_SOURCE/tests/captures
python3 "$captures/make.py" "$TMPDIR/made"
python3 "$captures/compare.py" generator "$TMPDIR/made"
