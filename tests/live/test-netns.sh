#!/bin/bash
# test-netns.sh SEND: the namespaces of netns.sh and the sender SEND, proven by tcpdump: a thousand
# frames sent are a thousand frames seen, byte for byte, and nothing else is on the wire.
# Exit 0 passed, 1 failed, 77 skipped.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/live/netns.sh
source "$here/netns.sh"
send=$(realpath "${1:?usage: test-netns.sh SEND}")

fail() {
    echo "FAIL: $*"
    exit 1
}

if ! why=$(netns_can); then
    echo "SKIP: $why"
    exit 77
fi
if ! command -v tcpdump >/dev/null; then
    echo "SKIP: needs tcpdump"
    exit 77
fi

work=$(mktemp -d)
trap 'netns_down; rm -rf "$work"' EXIT

# A thousand frames: IPv4 and IPv6, with one VLAN tag and with two, of many lengths.
python3 - "$work/sent.pcap" <<'END' || fail "no capture made"
import struct, sys

def udp(n, pad):
    return struct.pack("!HHHHI", 40000 + n, 53413, 12 + pad, 0, n) + bytes(pad)

def ip4(n, pad):
    body = udp(n, pad)
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), n, 0, 64, 17, 0,
                       bytes((203, 0, 113, n % 250 + 1)), bytes((198, 51, 100, 77))) + body

def ip6(n, pad):
    body = udp(n, pad)
    address = bytes((0x20, 1, 0x0d, 0xb8)) + bytes(10)
    return struct.pack("!IHBB", 6 << 28, len(body), 17, 64) + address + struct.pack("!H", n) + \
        address + b"\xff\xff" + body

KINDS = (("0800", ip4), ("86dd", ip6), ("810000070800", ip4), ("88a80009810000070800", ip4))
with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for n in range(1000):
        head, body = KINDS[n % len(KINDS)]
        frame = bytes.fromhex("020000000001" "020000000002" + head) + body(n, n * 7 % 1400)
        out.write(struct.pack("<IIII", n, 0, len(frame), len(frame)) + frame)
END

"$send" lo "$work/sent.pcap" 2>"$work/refused" && fail "sent on the host's interface"
grep -qE "system's network namespace|only veth" "$work/refused" ||
    fail "refused for another reason: $(cat "$work/refused")"

netns_up 1500 || fail "no namespaces"
netns_in SENDER "$send" lo "$work/sent.pcap" 2>"$work/refused" && fail "sent on what is no veth"
grep -q "only veth" "$work/refused" || fail "refused for another reason: $(cat "$work/refused")"

netns_start SENSOR tcpdump -i sensor0 -Z root -U -B 16384 -w "$work/seen.pcap" 2>"$work/log"
capture=$netns_pid
for ((try = 0; try < 250; try++)); do
    grep -q "listening on" "$work/log" && break
    sleep 0.02
done
netns_in SENDER "$send" sender0 "$work/sent.pcap" --rate 20000 || fail "not sent"
sleep 1
netns_stop "$capture" INT || fail "tcpdump: $(cat "$work/log")"

dump() {
    tcpdump -r "$1" -n -t -xx 2>/dev/null
}
seen=$(tcpdump -r "$work/seen.pcap" -n 2>/dev/null | wc -l)
[[ $seen == 1000 ]] || fail "$seen frames seen of 1000 sent"
cmp <(dump "$work/sent.pcap") <(dump "$work/seen.pcap") || fail "frames are not as they were sent"

# A closed port says so: packets go both ways.
netns_in SENDER timeout 5 bash -c '>/dev/tcp/198.51.100.1/9' 2>"$work/refused"
grep -q "Connection refused" "$work/refused" || fail "the two sides do not reach each other"
netns_down
[[ ! -e /run/netns/$netns_sensor && ! -e /run/netns/$netns_sender ]] || fail "a namespace is left"
echo "PASS: 1000 frames"
