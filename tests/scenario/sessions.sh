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
fields="'id start end source source_port destination destination_port service persona logged_in commands downloads client'"
json "[' '.join(r) for r in d] == [$fields] * 3" sessions
json "[r['id'][-2:] for r in d] == ['a3', 'a2', 'a1'] and d[0]['end'] is None and d[0]['logged_in']" sessions
json "[r['id'][-2:] for r in d] == ['a3', 'a1']" sessions --command uname
json "[r['id'][-2:] for r in d] == ['a2']" sessions --source 198.51.100.0/24 --persona router --port 23
json "len(d) == 3" sessions --user root --password wrong
json "d == []" sessions --user root --password nothing
json "[r['id'][-2:] for r in d] == ['a3']" sessions --from 30m --limit 5
json "len(d) == 1" sessions --limit 1
json "' '.join(list(d)[:13]) == $fields and d['source'] == '198.51.100.4' and d['client'] == 'fd01 vt100'" session a2
json "[e['type'] for e in d['events']] == 'open client login login command download unknown file close'.split()" session a2
json "all(e['time'].endswith('Z') for e in d['events']) and d['events'][7]['kept'] is True" session a2
json "d[3]['data'] == '\\x1b]0;title\\x07answer\\r\\n# ' and d[2]['direction'] == 'visitor'" replay a2
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
for command in "replay a2" "session a2" sessions; do
    # shellcheck disable=SC2086 # its words
    script -qec "$TEITEN $command --state $TEITEN_STATE" /dev/null </dev/null >"$TMPDIR/seen" || fail "$command"
    ! grep -q "$(printf '[\033\007]')" <(sed 's/\x1b\[[0-9;]*m//g' "$TMPDIR/seen") || fail "$command: a stranger's control bytes"
done
began=$(date +%s%N)
"$TEITEN" replay a2 --speed 2 >/dev/null
(($(date +%s%N) - began > 700000000)) || fail "replay does not keep time"
"$TEITEN" replay a2 --speed 0 >"$TMPDIR/all"
grep -qF '\x1b]0;title\x07answer' "$TMPDIR/all" || fail "replay lacks what was said"

for wrong in "session zz" "replay 1g" "session 12345678901234567" "top commands --port 23" "session a2 --csv" "sessions --source x"; do
    code=0
    # shellcheck disable=SC2086
    "$TEITEN" $wrong >/dev/null 2>&1 || code=$?
    ((code == 2)) || fail "$wrong: exit $code"
done
code=0 && "$TEITEN" session 1 >/dev/null 2>&1 || code=$?
((code == 1)) || fail "session 1: exit $code"
"$TEITEN" sessions --csv >"$TMPDIR/all"
grep -q '^id,start,end,source,' "$TMPDIR/all" || fail "no CSV"

# As a source, in what was typed, in a URL and in a made file.
"$TEITEN" forget 198.51.100.4 >/dev/null
json "[r['source'] for r in d] == ['2001:db8::5', '0.0.0.1', '0.0.0.1']" sessions
json "d['events'][4]['command'] == 'wget http://xxxxxxxxxxxx/bins.sh' and 'kept' not in d['events'][7]" session a2
json "d['sound']" verify
! grep -q 198.51.100.4 "$TEITEN_STATE"/teiten.db* || fail "the address is left in the store"
