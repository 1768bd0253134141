#!/bin/bash
# rate.sh [PACKETS_PER_SECOND [SECONDS]]: what live capture costs, and whether it drops. Sends 0.6 million
# packets a second for ten seconds over a veth pair of two network namespaces that it makes itself, to
# `teiten observe`, and prints drops, and the processor time a packet of teiten-sense. Two senders share the
# rate, since one does not reach it; they go before other work, and the observer before them. Needs root. The
# program is $TEITEN_RELEASE (else build/teiten), the sender $TEITEN_SEND (else one that it builds).
# Exit 0 done, 1 trouble, 77 not possible here.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/live/netns.sh
source "$here/netns.sh"
root=$(realpath "$here/../..")
teiten=${TEITEN_RELEASE:-$root/build/teiten}
rate=${1:-600000}
seconds=${2:-10}

fail() {
    echo "rate: $*" >&2
    cat "$work/log" >&2 2>/dev/null
    exit 1
}

if ! why=$(netns_can); then
    echo "SKIP: $why"
    exit 77
fi
work=$(mktemp -d)
trap 'netns_down; rm -rf "$work"' EXIT
[[ -x $teiten ]] || fail "no program $teiten; ./run builds it"
send=${TEITEN_SEND-}
if [[ -z $send ]]; then
    send=$work/send
    cc -std=gnu17 -D_GNU_SOURCE -O2 -I"$root/src" -o "$send" "$root"/tests/{send,veth}.c || fail "no sender"
fi

# A darknet's mix: many sources, few ports, SYNs with options and some datagrams
PYTHONPATH=$root/tests/captures PYTHONDONTWRITEBYTECODE=1 python3 - "$work/mix.pcap" <<'END' || fail "no capture"
import random
import sys
from craft import IPV4, SYN, TCP, UDP, ethernet, ipv4, tcp, udp
from write import ETHERNET, pcap_header, pcap_record

chance = random.Random(1)
with open(sys.argv[1], "wb") as out:
    out.write(pcap_header(ETHERNET))
    for i in range(50000):
        source = f"198.18.{chance.randrange(256)}.{chance.randrange(256)}"
        target = f"203.0.113.{chance.randrange(256)}"
        if i % 10:
            port = chance.choices([23, 2323, 445, 80, 8080, 22], [32, 16, 11, 8, 6, 5])[0]
            body = tcp(source, target, chance.randrange(1024, 65536), port, SYN,
                       seq=chance.randrange(2**32), options=bytes.fromhex("020405b4"))
            packet = ipv4(source, target, TCP, body, ident=chance.randrange(65536))
        else:
            packet = ipv4(source, target, UDP, udp(source, target, 40000, 53413, b"AA"))
        out.write(pcap_record(i * 1000, ethernet(packet, IPV4)))
END

# ticks PID: processor time so far, user and kernel, in clock ticks
ticks() {
    local stat
    stat=$(<"/proc/$1/stat") || return
    # shellcheck disable=SC2086 # the fields behind the name, which may hold anything
    set -- ${stat##*) }
    echo $((${12} + ${13}))
}

netns_up 1500 || fail "no namespaces"
netns_start SENSOR "$teiten" observe --interface sensor0 --prefix 203.0.113.0/24 --state "$work/state" \
    2>"$work/log"
observer=$netns_pid
for ((try = 0; try < 100; try++)); do
    grep -q " started " "$work/log" && break
    sleep 0.05
done
sense=$(pgrep -P "$observer" -f teiten-sense) || fail "no worker"

sense_before=$(ticks "$sense")
observer_before=$(ticks "$observer")
chrt -f -p 2 "$sense" && chrt -f -p 2 "$observer" || fail "no priority"
half() {
    netns_in SENDER chrt -f 1 "$send" sender0 "$work/mix.pcap" --rate $((rate / 2)) --seconds "$seconds"
}
half >"$work/first" &
first=$!
half >"$work/second" || fail "not sent"
wait "$first" || fail "not sent"
sent=$(paste -d' ' "$work/first" "$work/second")
sleep 1
sense_after=$(ticks "$sense")
observer_after=$(ticks "$observer")
netns_stop "$observer" || fail "observe ended with $?"

sqlite3 -readonly -separator ' ' "$work/state/teiten.db" \
    "select sum(packets), sum(drops), (select sum(packets) from run where state=1) from coverage" |
    awk -v sent="$sent" -v hertz="$(getconf CLK_TCK)" -v sense=$((sense_after - sense_before)) \
        -v observer=$((observer_after - observer_before)) '{
        split(sent, word, " ")
        total = word[1] + word[6]
        printf "sent      %d packets in %s s, %.0f a second\n", total, word[4], total / word[4]
        printf "seen      %d packets, %d stored\n", $1, $3
        printf "dropped   %d packets\n", $2
        printf "sense     %.1f ns a packet\n", sense / hertz * 1e9 / $1
        printf "store     %.1f ns a packet\n", observer / hertz * 1e9 / $1
    }'
