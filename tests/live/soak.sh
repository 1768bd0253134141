#!/bin/bash
# soak.sh: whether memory stays flat. SOAK_MINUTES (else 20) of mixed load over a veth pair of two network
# namespaces that it makes itself: quiet, a steady darknet, bursts of 100,000 packets a second, a source a
# packet, IPv6, backscatter, malformed frames, each some seconds and then all over again. Every ten seconds it
# prints the memory of each process and the size of the store. Flat is: of every process the mean of the last
# quarter is at most 1.1 times that of the second. Needs root. The program is $TEITEN_RELEASE (else build/teiten),
# the sender $TEITEN_SEND (else one that it builds). Exit 0 flat, 1 not, or trouble, 77 not possible here.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/live/netns.sh
source "$here/netns.sh"
root=$(realpath "$here/../..")
teiten=${TEITEN_RELEASE:-$root/build/teiten}
minutes=${SOAK_MINUTES:-20}
every=10

fail() {
    echo "soak: $*" >&2
    tail -n 20 "$work/log" >&2 2>/dev/null
    exit 1
}

if ! why=$(netns_can); then
    echo "SKIP: $why"
    exit 77
fi
work=$(mktemp -d)
chmod 711 "$work" # the observer becomes a user who must reach its state folder
load=
stop() {
    [[ -z $load ]] || kill "$load" 2>/dev/null
    netns_down
    rm -rf "$work"
}
trap stop EXIT
[[ -x $teiten ]] || fail "no program $teiten; ./run builds it"
send=${TEITEN_SEND-}
if [[ -z $send ]]; then
    send=$work/send
    cc -std=gnu17 -D_GNU_SOURCE -O2 -I"$root/src" -o "$send" "$root"/tests/{send,veth}.c || fail "no sender"
fi
PYTHONDONTWRITEBYTECODE=1 python3 "$here/mixes.py" "$work" darknet sources ipv6 backscatter malformed ||
    fail "no captures"

# MIX RATE SECONDS
phases="darknet 5000 10
darknet 100000 5
quiet 0 10
ipv6 2000 5
backscatter 5000 5
sources 20000 10
malformed 1000 5
sources 100000 2
quiet 0 8"

apply_load() {
    local mix rate seconds
    while true; do
        while read -r mix rate seconds; do
            if [[ $mix == quiet ]]; then
                sleep "$seconds"
            else
                netns_in SENDER "$send" sender0 "$work/$mix.pcap" --rate "$rate" --seconds "$seconds" || return
            fi
        done <<<"$phases"
    done
}

# tree PID: it and its descendants
tree() {
    local child
    echo "$1"
    for child in $(pgrep -P "$1"); do
        tree "$child"
    done
}

# sample SECONDS: a line a process: seconds name pid kB, and one of the store
sample() {
    local pid
    for pid in $(tree "$observer"); do
        awk -v at="$1" -v pid="$pid" '/^Name:/ { name = $2 } /^VmRSS:/ { print at, name, pid, $2 }' "/proc/$pid/status"
    done
    echo "$1 store - $(du -sk "$work/state" | cut -f1)"
}

netns_up 1500 || fail "no namespaces"
netns_start SENSOR "$teiten" observe --interface sensor0 --prefix 203.0.113.0/24,2001:db8:77::/120 \
    --state "$work/state" 2>"$work/log"
observer=$netns_pid
for ((try = 0; try < 100; try++)); do
    grep -q " started " "$work/log" && break
    sleep 0.05
done
apply_load >"$work/sent" &
load=$!

began=$SECONDS
printf '%8s  %s\n' "seconds" "kB by process, and of the store"
for ((at = every; at <= minutes * 60; at += every)); do
    sleep $((began + at - SECONDS > 0 ? began + at - SECONDS : 0))
    kill -0 "$observer" 2>/dev/null || fail "the observer is gone"
    kill -0 "$load" 2>/dev/null || fail "the load is gone"
    sample "$at" >"$work/now" 2>/dev/null
    cat "$work/now" >>"$work/samples"
    printf '%8d  %s\n' "$at" "$(awk '{ printf "%s %d  ", $2, $4 }' "$work/now")"
done
kill "$load"
wait "$load" 2>/dev/null
load=
netns_stop "$observer" || fail "observe ended with $?"

sqlite3 -readonly -separator ' ' "$work/state/teiten.db" \
    "select 'seen', sum(packets), 'packets, dropped', sum(drops) from coverage"
grep -c " sense-died " "$work/log" | sed 's/^/workers died: /'
awk -v all=$((minutes * 60)) '
    $2 == "store" { next }
    !($3 in name) { name[$3] = $2 }
    $1 > all / 4 && $1 <= all / 2 { second[$3] += $4; second_n[$3]++ }
    $1 > all * 3 / 4 { last[$3] += $4; last_n[$3]++ }
    END {
        flat = 1
        for (pid in name) {
            if (!second_n[pid] || !last_n[pid]) {
                printf "%s (%d) was not there all the time\n", name[pid], pid
                flat = 0
                continue
            }
            a = second[pid] / second_n[pid]; b = last[pid] / last_n[pid]
            printf "%s: second quarter %.0f kB, last %.0f kB, %.3f times\n", name[pid], a, b, b / a
            flat = flat && b <= 1.1 * a
        }
        print flat ? "flat" : "NOT FLAT"
        exit !flat
    }' "$work/samples"
