#!/bin/bash
# Sessions at the trap, made by tests/make-sessions.c, as the commands show them: fields as promised, nothing of a
# stranger's that acts on a terminal, and an address that is forgotten is nowhere.
set -euo pipefail
make=$(dirname "$TEITEN")/make-sessions
export TEITEN_STATE=$TMPDIR/state
fail() {
    echo "sessions: $*"
    exit 1
}
mkdir "$TEITEN_STATE"
"$make" "$TEITEN_STATE" "$(date +%s)"
json() { # PYTHON COMMAND...: an assertion over the document d
    local check=$1
    shift
    "$TEITEN" "$@" --json | python3 -c "import json, sys; d = json.load(sys.stdin); assert $check, d" ||
        fail "$*: not $check"
}
two=00000000000000a2
fields="'id start end source source_port destination destination_port service protocol persona logged_in commands downloads client'"
json "[' '.join(r) for r in d] == [$fields] * 3" sessions
json "[r['id'][-2:] for r in d] == ['a3', 'a2', 'a1'] and d[0]['end'] is None and d[0]['logged_in']" sessions
json "[r['id'][-2:] for r in d] == ['a3', 'a1']" sessions --command uname
json "[r['id'][-2:] for r in d] == ['a2']" sessions --source 198.51.100.0/24 --persona router --port 23
json "len(d) == 3" sessions --user root --password wrong
json "d == []" sessions --user root --password nothing
json "[r['id'][-2:] for r in d] == ['a3']" sessions --from 29m --limit 5
json "len(d) == 1" sessions --limit 1
json "' '.join(list(d)[:14]) == $fields and d['source'] == '198.51.100.4' and d['client'] == 'fd01 vt100'" session "$two"
json "[e['type'] for e in d['events']] == 'open client login login command download unknown file close'.split()" session "$two"
json "all(e['time'].endswith('Z') for e in d['events']) and d['events'][7]['kept'] is True" session "$two"
json "d[3]['data'] == '\\x1b]0;title\\x07answer\\r\\n# ' and d[2]['direction'] == 'visitor'" replay "$two"
top="'name count sources rank previous previous_rank'"
json "[(r['name'], r['count'], r['sources'], r['rank']) for r in d] == [('root/wrong', 3, 2, 1), ('root/xc3511', 3, 2, 2)]" top credentials
json "' '.join(d[0]) == $top and d[0]['name'] == 'uname -a' and d[0]['previous'] is None" top commands
json "[r['name'] for r in d] == ['http://198.51.100.4/bins.sh']" top downloads
json "[(r['name'], r['count']) for r in d] == [('router', 2), ('recorder', 1)]" top personas --from 24h
json "[r['name'] for r in d] == ['dvrHelper']" top unknown-commands
json "d[0]['sessions'] == 2 and d[0]['accesses'] == 0" host 198.51.100.4
json "d == []" host 198.51.100.5
json "d['sound'] and d['sessions'] == 3" verify

# On a terminal, too: no escape, no bell; as fast as it was.
for command in "replay $two" "session $two" sessions; do
    # shellcheck disable=SC2086 # its words
    script -qec "$TEITEN $command --state $TEITEN_STATE" /dev/null </dev/null >"$TMPDIR/seen" || fail "$command"
    ! grep -q "$(printf '[\033\007]')" <(sed 's/\x1b\[[0-9;]*m//g' "$TMPDIR/seen") || fail "$command: a stranger's control bytes"
done
began=$(date +%s%N)
"$TEITEN" replay "$two" --speed 2 >/dev/null
(($(date +%s%N) - began > 700000000)) || fail "replay does not keep time"
"$TEITEN" replay "$two" --speed 0 >"$TMPDIR/all"
grep -qF '\x1b]0;title\x07answer' "$TMPDIR/all" || fail "replay lacks what was said"

for wrong in "session zz" "replay 000000000000001g" "session a2" "session 12345678901234567" "session $two --asciicast --json" "export cowrie --json" "export x" "top commands --port 23" "session $two --csv" "sessions --source x"; do
    code=0
    # shellcheck disable=SC2086
    "$TEITEN" $wrong >/dev/null 2>&1 || code=$?
    ((code == 2)) || fail "$wrong: exit $code"
done
code=0 && "$TEITEN" session 0000000000000001 >/dev/null 2>&1 || code=$?
((code == 1)) || fail "a session that is none: exit $code"
"$TEITEN" sessions --csv >"$TMPDIR/all"
grep -q '^id,start,end,source,' "$TMPDIR/all" || fail "no CSV"

# As others read them. A header, then pieces with their seconds; lines of Cowrie's, one session after the other.
"$TEITEN" session "$two" --asciicast >"$TMPDIR/cast"
python3 - "$TMPDIR/cast" <<'END' || fail "asciicast"
import json, sys
head, *rows = [json.loads(line) for line in open(sys.argv[1])]
assert head["version"] == 2 and head["env"]["TERM"] == "vt100", head
assert [r[1] for r in rows] == ["o", "o", "i", "o"], rows
assert rows[3][2] == "\x1b]0;title\x07answer\r\n# " and rows == sorted(rows), rows
END
"$TEITEN" export cowrie --set sensor.name=harbour >"$TMPDIR/cowrie"
python3 - "$TMPDIR/cowrie" <<'END' || fail "export cowrie"
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
assert all(r["sensor"] == "harbour" and r["timestamp"].endswith("Z") and r["message"] for r in rows), rows
ids = {s: [r["eventid"][7:] for r in rows if r["session"] == s] for s in dict.fromkeys(r["session"] for r in rows)}
begin = ["session.connect", "client.var", "login.failed", "login.success", "command.input"]
assert list(ids) == ["00000000000000a1", "00000000000000a2", "ffffffffffffffa3"], ids
assert ids["00000000000000a1"] == begin + ["log.closed", "session.closed"], ids
assert ids["00000000000000a2"] == begin + ["session.file_download.failed", "command.failed", "session.file_upload",
                                           "log.closed", "session.closed"], ids
assert ids["ffffffffffffffa3"] == begin, ids
assert rows[0]["src_ip"] == "198.51.100.4" and rows[0]["dst_port"] == 23, rows[0]
assert [r["size"] for r in rows if r["eventid"] == "cowrie.log.closed"][0] == 46, rows
END
[[ $("$TEITEN" export cowrie --source 2001:db8::/32 | wc -l) == 5 ]] || fail "export cowrie --source"
[[ $("$TEITEN" export cowrie --to 45m | grep -c connect) == 1 ]] || fail "export cowrie --to"

# As a source, in what was typed, in a URL and in a made file.
"$TEITEN" forget 198.51.100.4 >/dev/null
json "[r['source'] for r in d] == ['2001:db8::5', '0.0.0.1', '0.0.0.1']" sessions
json "d['events'][4]['command'] == 'wget http://xxxxxxxxxxxx/bins.sh' and 'kept' not in d['events'][7]" session "$two"
json "d['sound']" verify
! grep -q 198.51.100.4 "$TEITEN_STATE"/teiten.db* || fail "the address is left in the store"
