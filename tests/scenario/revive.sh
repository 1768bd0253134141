#!/bin/bash
# The worker is killed twenty times at random moments under steady traffic, once while the supervisor does not
# read: every packet is stored once, the period goes on as if nothing had been, and nothing was dropped.
set -uo pipefail
# shellcheck source=tests/live/netns.sh
source "$TEITEN_SOURCE/tests/live/netns.sh"
send=$(dirname "$TEITEN")/send
kills=20 rate=5000 count=120000 # of 2000 frames, so 60 of each

if ! why=$(netns_can); then
    echo "SKIP: $why"
    exit 77
fi
for word in sqlite3 python3 "$send"; do
    if ! command -v "$word" >/dev/null; then
        echo "SKIP: needs $word"
        exit 77
    fi
done

fail() {
    echo "FAIL: $*"
    tail -n 30 "$TMPDIR/log" 2>/dev/null
    exit 1
}

query() {
    sqlite3 -readonly "$TMPDIR/state/teiten.db" "$1" 2>/dev/null
}

# waits SECONDS COMMAND...: until the command says yes
waits() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.02
    done
}

observes() {
    [[ $(query "select count(*) from coverage") -ge 1 ]]
}

stored_all() {
    [[ $(query "select ifnull(sum(packets), 0) from run where state=1") -ge $count ]]
}

worker_lives() {
    sense=$(pgrep -P "$observer" -f teiten-sense | shuf -n 1) && [[ $sense ]]
}

# Each source has one port of its own, so that a packet that is lost and one that is doubled do not make up for
# each other.
make_frames() {
    PYTHONPATH=$TEITEN_SOURCE/tests/captures python3 - "$TMPDIR/numbered.pcap" <<'PY'
import sys
from craft import IPV4, SYN, TCP, ethernet, ipv4, tcp
from write import ETHERNET, pcap_header, pcap_record

with open(sys.argv[1], "wb") as out:
    out.write(pcap_header(ETHERNET))
    for i in range(2000):
        source, target = f"198.18.{i >> 8}.{i & 255}", f"203.0.113.{i & 255}"
        packet = ipv4(source, target, TCP, tcp(source, target, 40000, 1000 + i, SYN))
        out.write(pcap_record(i * 1000, ethernet(packet, IPV4)))
PY
}

# What the worker has to say waits in the channel, and what comes waits in the ring.
kill_while_nobody_reads() {
    kill -STOP "$observer"
    sleep 1.5
    waits 5 worker_lives || fail "no worker before the stop"
    kill -KILL "$sense"
    sleep 1.5
    kill -CONT "$observer"
}

kill_again_and_again() {
    local i
    for ((i = 0; i < kills; i++)); do
        sleep "0.$((RANDOM % 9))$((RANDOM % 10))"
        waits 5 worker_lives || fail "no worker before kill $i"
        kill -KILL "$sense" || fail "not killed"
    done
}

# Every port as often as it was sent to
check_each() {
    "$TEITEN" top ports --json --limit 0 --state "$TMPDIR/state" >"$TMPDIR/ports.json" || fail "no answer"
    python3 - "$TMPDIR/ports.json" $((count / 2000)) <<'PY'
import json
import sys

expected = int(sys.argv[2])
found = {int(row["port"]): row["packets"] for row in json.load(open(sys.argv[1]))}
wrong = {port: found.get(port, 0) for port in range(1000, 3000) if found.get(port, 0) != expected}
if wrong or len(found) != 2000:
    print(f"{len(found)} ports, {len(wrong)} of them not {expected} times: {dict(list(wrong.items())[:10])}")
    sys.exit(1)
PY
}

make_frames || fail "no frames made"
trap netns_down EXIT
netns_up 1500 || fail "no namespaces"
netns_start SENSOR "$TEITEN" observe --interface sensor0 --state "$TMPDIR/state" --prefix 203.0.113.0/24 \
    2>"$TMPDIR/log"
observer=$netns_pid
waits 10 observes || fail "it does not observe"
netns_start SENDER "$send" sender0 "$TMPDIR/numbered.pcap" --rate $rate --count $count >"$TMPDIR/sent"
sender=$netns_pid
kill_again_and_again
kill_while_nobody_reads
wait "$sender" || fail "not sent"
waits 10 stored_all
netns_stop "$observer" || fail "observe ended with $?"

deaths=$(sed -n 's/.* stopped .*restarts=\([0-9]*\) .*/\1/p' "$TMPDIR/log")
((deaths >= kills / 2)) || fail "only $deaths deaths were noticed"
stored=$(query "select sum(packets) from run where state=1")
[[ $stored == "$count" ]] || fail "$stored packets stored of $count, after $deaths deaths"
check_each || fail "not every packet once"
seen=$(query "select count(*), sum(packets), sum(drops) from coverage")
[[ $seen == "1|$count|0" ]] || fail "periods, packets, drops: $seen"
echo "$count packets over $((kills + 1)) kills, in one period"
echo "PASS"
