#!/bin/bash
# Every question, in every form, about a capture whose answers are known; what is refused, and why.
set -euo pipefail
python3 "$TEITEN_SOURCE/tests/captures/questions.py" "$TEITEN" "$TMPDIR/questions"
