#!/bin/bash
# The life of a file: the same content counts once however it is packed, a reader or writer that dies leaves
# nothing behind, what is no capture is refused, and every way of saying so has its exit code.
set -uo pipefail
pcaps=$TEITEN_SOURCE/tests/pcaps
state=$TMPDIR/state
bad=0

fail() {
    echo "ingest: $*"
    bad=1
}
# expect CODE WORDS...: teiten's exit code; what it said is in $TMPDIR/out and $TMPDIR/err
expect() {
    local code=$1
    shift
    "$TEITEN" "$@" --state "$state" >"$TMPDIR/out" 2>"$TMPDIR/err"
    local got=$?
    [[ $got == "$code" ]] || fail "teiten $*: exit $got, not $code: $(cat "$TMPDIR/err")"
}
said() {
    grep -q -- "$1" "$TMPDIR/$2" || fail "'$1' is not in: $(cat "$TMPDIR/$2")"
}
# packets N: what is shown
packets() {
    local got
    got=$(sqlite3 "$state/teiten.db" "select coalesce(sum(packets), 0) from run where state=1")
    [[ $got == "$1" ]] || fail "$got packets are shown, not $1"
}

one=$pcaps/ncsa-port-scan.pcap two=$pcaps/ncsa-scan-with-zero-windows.pcap
gzip -c "$one" >"$TMPDIR/one.gz"
zstd -q -c "$one" >"$TMPDIR/one.zst"

expect 0 ingest "$one"
packets 10
expect 0 ingest "$TMPDIR/one.gz"
said "counted before" err
expect 0 ingest "$TMPDIR/one.zst" "$TMPDIR/one.gz"
packets 10
gzip -dc "$TMPDIR/one.gz" | "$TEITEN" ingest - --state "$state" >/dev/null 2>&1 || fail "standard input"
packets 10
expect 0 ingest --again "$one"
packets 20
expect 0 ingest "$two" "$two"
packets 30
expect 0 ingest --filter 'tcp dst port 23' "$two" --json
said '"packets":10' out
packets 40
expect 2 ingest --filter 'tcp dst prt 23' "$two"
expect 2 ingest --prefix 192.0.2.1/24 "$two"
expect 2 ingest
expect 1 ingest "$TEITEN_SOURCE/README.md"
said "neither pcap nor pcapng" err
expect 1 ingest "$TMPDIR/none.pcap"
said "No such file" err
expect 1 ingest "$TMPDIR"
head -c 500 "$two" >"$TMPDIR/cut.pcap"
expect 1 ingest "$TMPDIR/cut.pcap"
said "at offset" err
packets $((40 + $(tcpdump -r "$TMPDIR/cut.pcap" 2>/dev/null | wc -l)))
before=$(sqlite3 "$state/teiten.db" "select sum(packets) from run where state=1")

# A writer is killed in mid-file: a pipe holds its reader until it has begun.
mkfifo "$TMPDIR/slow"
"$TEITEN" ingest - --state "$state" <"$TMPDIR/slow" >/dev/null 2>&1 &
writer=$!
exec 7>"$TMPDIR/slow"
head -c 700 "$pcaps/ncsa-multiport-scan.pcap" >&7
for ((try = 0; try < 100; try++)); do
    pending=$(sqlite3 "$state/teiten.db" "select count(*) from ingest where state=0")
    [[ $pending == 1 ]] && break
    sleep 0.05
done
[[ $pending == 1 ]] || fail "no file is pending"
kill -9 "$writer"
wait "$writer" 2>/dev/null
exec 7>&-
packets "$before"
expect 1 ingest "$pcaps/ncsa-multiport-scan.pcap" # its clock jumps
said "jumps back" err
packets $((before + 16))
[[ $(sqlite3 "$state/teiten.db" "select count(*) from ingest where state=0") == 0 ]] ||
    fail "the dead writer's part is still there"

# A reader is killed: its file is not kept, and is told.
"$TEITEN" ingest - --state "$state" <"$TMPDIR/slow" >/dev/null 2>"$TMPDIR/err" &
writer=$!
exec 7>"$TMPDIR/slow"
head -c 300 "$one" >&7
for ((try = 0; try < 100; try++)); do
    reader=$(pgrep -P "$writer" -f teiten-sense) && break
    sleep 0.05
done
sleep 0.2
kill -9 "$reader"
wait "$writer"
[[ $? == 1 ]] || fail "a killed reader was no trouble"
exec 7>&-
said "ended before the file did" err
packets $((before + 16))

# Asked to stop, it drops what is not whole.
"$TEITEN" ingest - --state "$state" <"$TMPDIR/slow" >/dev/null 2>"$TMPDIR/err" &
writer=$!
exec 7>"$TMPDIR/slow"
head -c 300 "$one" >&7
sleep 0.5
kill -TERM "$writer"
wait "$writer"
[[ $? == 1 ]] || fail "stopping was no trouble"
said "not kept" err
exec 7>&-
packets $((before + 16))

[[ $(sqlite3 "$state/teiten.db" "pragma integrity_check") == ok ]] || fail "the store is damaged"
exit $bad
