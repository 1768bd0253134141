#!/bin/bash
# What is kept is vouched for: verify is content with what teiten wrote, finds what others changed, and knows
# a head that was written down. A store of an older teiten gets its evidence when it is first written to.
set -uo pipefail
pcaps=$TEITEN_SOURCE/tests/pcaps
state=$TMPDIR/state
bad=0

fail() {
    echo "evidence: $*"
    bad=1
}
# expect CODE WORDS...: teiten's exit code; what it said is in $TMPDIR/out and $TMPDIR/err
expect() {
    local code=$1
    shift
    "$TEITEN" "$@" --state "$state" >"$TMPDIR/out" 2>"$TMPDIR/err"
    local got=$?
    [[ $got == "$code" ]] || fail "teiten $*: exit $got, not $code: $(cat "$TMPDIR/out" "$TMPDIR/err")"
}
said() {
    grep -q -- "$1" "$TMPDIR/$2" || fail "'$1' is not in: $(cat "$TMPDIR/$2")"
}
sql() {
    sqlite3 "$state/teiten.db" "$1" || fail "sqlite3: $1"
}
# altered SQL WORDS: verify finds it, and says the words
altered() {
    cp "$state/teiten.db" "$TMPDIR/kept.db"
    sql "$1"
    expect 1 verify
    said "$2" out
    rm -f "$state/teiten.db-wal" "$state/teiten.db-shm"
    cp "$TMPDIR/kept.db" "$state/teiten.db"
    expect 0 verify
}

expect 1 verify # nothing there
said "nothing was counted here yet" err
expect 0 ingest "$pcaps/ncsa-port-scan.pcap"
expect 0 verify
said "^Faults  *0$" out
said "^Copied  *none of them in log/ yet" out
head=$(sed -n 's/^Head *//p' "$TMPDIR/out")
[[ ${#head} == 64 ]] || fail "the head is '$head'"
expect 0 verify --head "$head"
said "^Head given  *in the chain since 20..-..-..T..:..:..Z$" out
expect 2 verify --head "${head:1}"
expect 2 verify --csv
expect 1 verify --head "${head:1}${head:0:1}"
said "is not in the chain" out
cp "$state/teiten.db" "$TMPDIR/early.db"
expect 1 ingest "$pcaps/ncsa-scan-with-zero-windows.pcap" "$pcaps/ncsa-multiport-scan.pcap" # its clock jumps
expect 0 verify --head "$head" --json
said '"sound": true' out
said '"head_since": "20' out
late=$(sed -n 's/.*"head": "\(.*\)".*/\1/p' "$TMPDIR/out")
[[ $late != "$head" && ${#late} == 64 ]] || fail "the head is still '$late'"

altered "update run set packets=packets-1 where id=(select min(id) from run where state=1)" "totals or census"
altered "delete from run where id=(select max(id) from run where state=1)" "is missing"
altered "update coverage set end=end+60 where id=1" "its coverage is not"
altered "update ingest set name='other.pcap' where id=1" "its name, digest"
altered "update day set zone='Asia/Tokyo'" "the day that begins"
altered "update event set text=replace(text, 'packets=10', 'packets=11') where event='file'" "is not what was linked"
altered "delete from event where seq=(select max(seq)-1 from event)" "is missing"

# A check that meets a table that is gone goes on, and tells of both.
cp "$state/teiten.db" "$TMPDIR/kept.db"
sql "update run set packets=packets-1 where id=(select min(id) from run where state=1); drop table coverage"
expect 1 verify --json
said "totals or census are not what was kept" out
said "no such table: coverage" out
said '"sound": false' out

# Who forgets in a damaged store is told that not all could be looked through.
cp "$TMPDIR/kept.db" "$state/teiten.db"
rm -f "$state"/teiten.db-*
sql "update summary set census=x'00010203' where run=(select min(id) from run where state=1)"
expect 1 forget 0.0.0.0/0
said "^[1-9][0-9]* address.* of 0.0.0.0/0 forgotten" out
said "1 runs, days or sessions are damaged and could not be looked through" err
rm -f "$state"/teiten.db-*

# An earlier copy of the store is sound in itself; the head tells.
cp "$TMPDIR/early.db" "$state/teiten.db"
expect 0 verify
expect 1 verify --head "$late"
said "is not in the chain" out

# An hour later the copy in log/ has the chain, too, and outlives a store that is put back.
sql "update vouch set at=at" # a WAL, as another's writing leaves it
rm -rf "$state"
expect 0 ingest "$pcaps/ncsa-port-scan.pcap"
cp "$state/teiten.db" "$TMPDIR/early.db"
timeout 60 "$TEITEN" observe --interface lo --clock-offset 7200 --state "$state" >/dev/null 2>"$TMPDIR/observe" &
observe=$!
for ((try = 0; try < 100; try++)); do
    compgen -G "$state/log/*.chain" >/dev/null && break
    kill -0 "$observe" 2>/dev/null || break
    sleep 0.1
done
if kill -0 "$observe" 2>/dev/null; then
    expect 0 verify # while a sensor runs
    kill "$observe"
    wait "$observe"
    expect 0 verify
    said "^Copied  *[1-9]" out
    cp "$TMPDIR/early.db" "$state/teiten.db"
    rm -f "$state"/teiten.db-*
    expect 1 verify
    said "is not in the chain" out
else
    wait "$observe"
    echo "skipped: observe cannot run here: $(tail -1 "$TMPDIR/observe")"
fi

# As an older teiten left it: readable, told, and brought up to date by the first that writes.
rm -rf "$state"
expect 0 ingest "$pcaps/ncsa-port-scan.pcap"
sql "drop index run_unkept; drop index run_odd; drop index coverage_ingest; alter table run drop column hash; alter table run drop column minutes;
     alter table run drop column kept; drop table event; drop table vouch; drop table segment;
     drop table worker; drop table session; drop table session_batch; drop table session_event;
     drop table spoken; drop table made; drop table fact; drop table sample; drop table sample_origin; drop table sample_band; drop table wanted; drop table wanted_try; pragma user_version=1"
expect 1 verify
said "before evidence was kept" err
expect 0 status --json
said '"workers": \[\]' out
expect 0 ingest "$pcaps/ncsa-scan-with-zero-windows.pcap"
expect 0 verify
sql "pragma user_version=99"
expect 1 verify
said "newer teiten" err
exit $bad
