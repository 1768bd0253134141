#!/bin/bash
# rate.sh [PACKETS_PER_SECOND [SECONDS]]: what live capture costs, whether it drops, and whether it grows. Sends
# 0.6 million packets a second for ten seconds (RATE_SECONDS) over a veth pair of two network namespaces that it makes itself, to
# `teiten observe`, and prints drops, memory, and the processor time a packet of teiten-sense. The kernel makes the
# packets (tests/flood.c); where it does not do that, two senders share the rate, since one does not reach it.
# Nobody has a priority of its own. Needs root. The program is $TEITEN_RELEASE (else
# build/teiten), the senders lie in the folder $TEITEN_SENDERS (else it builds them).
# Exit 0 done, 1 trouble, 77 not possible here.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/live/netns.sh
source "$here/netns.sh"
root=$(realpath "$here/../..")
teiten=${TEITEN_RELEASE:-$root/build/teiten}
rate=${1:-600000}
seconds=${2:-${RATE_SECONDS:-10}}

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
chmod 711 "$work" # the observer becomes a user who must reach its state folder
watch=
trap '[[ -z $watch ]] || kill "$watch" 2>/dev/null; netns_down; rm -rf "$work"' EXIT
[[ -x $teiten ]] || fail "no program $teiten; ./run builds it"
senders=${TEITEN_SENDERS:-$work}
for tool in send flood; do
    [[ -x $senders/$tool ]] ||
        cc -std=gnu17 -D_GNU_SOURCE -O2 -I"$root/src" -o "$senders/$tool" "$root"/tests/{$tool,veth}.c || fail "no sender"
done
PYTHONDONTWRITEBYTECODE=1 python3 "$here/mixes.py" "$work" darknet || fail "no capture"

# memory PID...: resident, in kB, all together
memory() {
    local pid
    for pid; do
        cat "/proc/$pid/status"
    done | awk '/^VmRSS:/ { sum += $2 } END { print sum }'
}

# ticks PID...: processor time so far, user and kernel, in clock ticks, all together
ticks() {
    local pid stat sum=0
    for pid; do
        stat=$(<"/proc/$pid/stat") || return
        # shellcheck disable=SC2086 # the fields behind the name, which may hold anything
        set -- ${stat##*) }
        sum=$((sum + ${12} + ${13}))
    done
    echo "$sum"
}

netns_up 1500 || fail "no namespaces"
netns_start SENSOR "$teiten" observe --interface sensor0 --prefix 203.0.113.0/24 --state "$work/state" \
    2>"$work/log"
observer=$netns_pid
for ((try = 0; try < 100; try++)); do
    grep -q " started " "$work/log" && break
    sleep 0.05
done
mapfile -t sense < <(pgrep -P "$observer" -f teiten-sense)
((${#sense[@]})) || fail "no worker"

half() {
    netns_in SENDER "$senders/send" sender0 "$work/darknet.pcap" --rate $((rate / 2)) --seconds "$seconds"
}
flood() {
    netns_in SENDER "$senders/flood" sender0 --rate "$1" --seconds "$2"
}
transmit() {
    if [[ $floods ]]; then
        flood "$rate" "$seconds" >"$work/first" || return
        echo "0 0 0 0 0" >"$work/second"
        return
    fi
    half >"$work/first" &
    half >"$work/second" || return
    wait $!
}
floods=
if netns_in SENSOR ethtool -K sensor0 gro on 2>/dev/null && flood 1000 1 >/dev/null 2>"$work/why"; then
    floods=1
else
    echo "two senders: $(cat "$work/why" 2>/dev/null)"
fi
sleep 1
before=$(sqlite3 -readonly "$work/state/teiten.db" "select ifnull(sum(packets), 0) from coverage")

sense_before=$(ticks "${sense[@]}")
observer_before=$(ticks "$observer")
while sleep 1; do
    echo "$(memory "${sense[@]}") $(memory "$observer")"
done >"$work/memory" &
watch=$!
transmit || fail "not sent"
kill "$watch"
wait "$watch" 2>/dev/null
sent=$(paste -d' ' "$work/first" "$work/second")
sleep 1
sense_after=$(ticks "${sense[@]}")
observer_after=$(ticks "$observer")
netns_stop "$observer" || fail "observe ended with $?"

sqlite3 -readonly -separator ' ' "$work/state/teiten.db" \
    "select sum(packets) - $before, sum(drops), (select sum(packets) from run where state=1) - $before from coverage" |
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
# Of a half each: what is had once is had for good.
awk '{ sense[NR] = $1; store[NR] = $2 }
    function most(of, from, to,    i, m) { for (i = from; i <= to; i++) if (of[i] > m) m = of[i]; return m }
    END {
        half = int(NR / 2)
        printf "memory    teiten-sense at most %d kB in the first half, %d kB in the second\n",
            most(sense, 1, half), most(sense, half + 1, NR)
        printf "          teiten at most %d kB in the first half, %d kB in the second\n",
            most(store, 1, half), most(store, half + 1, NR)
    }' "$work/memory"
