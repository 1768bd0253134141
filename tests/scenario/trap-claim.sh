#!/bin/bash
# Claimed prefixes in the real program: every address of them answers a visitor from elsewhere, and nothing of it is left when
# the program is stopped or killed. What the host itself serves at its only address stays reachable, whatever happens.
set -uo pipefail
# shellcheck source=tests/live/scenario.sh
source "$TEITEN_SOURCE/tests/live/scenario.sh"

needs telnet expect python3
if [[ ! -c /dev/net/tun ]]; then
    echo "SKIP: needs /dev/net/tun"
    exit 77
fi

# begin NAME ARGUMENT...: observes into $TMPDIR/NAME
begin() {
    local name=$1
    shift
    : >"$TMPDIR/$name.log"
    netns_start SENSOR "$release" observe --interface sensor0 --state "$TMPDIR/$name" "$@" \
        >"$TMPDIR/$name.out" 2>>"$TMPDIR/$name.log"
    observer=$netns_pid
    until_true 30 said "$name" " started " || fail "$name does not begin"
}

ours() { # the processes of teiten in the namespace
    local pid
    for pid in $(ip netns pids "$netns_sensor"); do
        grep -q ^teiten "/proc/$pid/comm" 2>/dev/null && echo "$pid"
    done
}

nothing_is_left() {
    [[ -z $(ours) && -z $(ip -n "$netns_sensor" -o link show type tun) &&
        -z $(ip -n "$netns_sensor" route show table local | grep -e 203.0.113 -e 198.18) &&
        -z $(ip -n "$netns_sensor" -6 route show table local | grep 2001:db8:5) ]]
}

# Talks to addresses and ports, and says of each what came: open, refused, silent. usage: knock WAIT ADDRESS PORT...
cat >"$TMPDIR/knock.py" <<'END'
import ipaddress, socket, sys
def knock(address, port, wait):
    s = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET)
    s.settimeout(wait)
    try:
        s.connect((address, port))
        if ipaddress.ip_address(s.getpeername()[0]) != ipaddress.ip_address(address):
            return 'elsewhere'
        try:
            said = s.recv(200)
        except socket.timeout:
            said = b''
        return 'host' if b'SSH-2.0-host' in said else 'open'
    except ConnectionRefusedError:
        return 'refused'
    except socket.timeout:
        return 'silent'
    except OSError as e:
        return type(e).__name__
    finally:
        s.close()
def datagram(address, port):
    s = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(0.3)
    s.connect((address, port))
    try:
        s.send(b'hello')
        return 'host' if s.recv(100) == b'hello' else 'open'
    except socket.timeout:
        return 'silent'
    except ConnectionRefusedError:
        return 'refused'
END
cat >"$TMPDIR/ask.py" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from knock import *
how, address, port = sys.argv[2:5]
print(datagram(address, int(port)) if how == 'udp' else knock(address, int(port), 3))
END
ask() { # tcp|udp ADDRESS PORT
    netns_in SENDER python3 "$TMPDIR/ask.py" "$TMPDIR" "$@"
}

# What a host has at its address: something like sshd, something like a name server.
cat >"$TMPDIR/host.py" <<'END'
import select, socket, sys
tcp = [socket.create_server(('0.0.0.0', int(p))) for p in sys.argv[1].split(',')]
udp = []
for p in sys.argv[2].split(',') if len(sys.argv) > 2 else []:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('0.0.0.0', int(p)))
    udp.append(s)
kept = []
while True:
    for s in select.select(tcp + udp + kept, [], [])[0]:
        if s in tcp:
            c, _ = s.accept()
            c.send(b'SSH-2.0-host\r\n')
            kept.append(c)
        elif s in udp:
            data, to = s.recvfrom(2000)
            s.sendto(data, to)
        else:
            data = s.recv(100)
            if data:
                s.send(data)
            else:
                kept.remove(s)
                s.close()
END

netns_up || fail "no namespaces"
for side in "$netns_sensor sensor0 1" "$netns_sender sender0 2"; do
    read -r name interface last <<<"$side"
    ip -n "$name" -6 address add "2001:db8:ffff::$last/64" dev "$interface" nodad || fail "no IPv6"
done
ip -n "$netns_sender" -6 route add 2001:db8:5::/64 via 2001:db8:ffff::1 || fail "no route for IPv6"
netns_start SENSOR python3 "$TMPDIR/host.py" 22,53 53
until_true 10 eval '[[ $(ask tcp 198.51.100.1 22) == host && $(ask udp 198.51.100.1 53) == host ]]' || fail "no services of the host"

# ---- a /24 and a /64: every address is a device, and open ports are its own ----

begin first --claim 203.0.113.0/24 --claim 2001:db8:5::/64 --yes --set trap.persona=hi3520-recorder --set trap.login=any \
    --set trap.catchall=none
[[ $(grep -c "^claimed: " "$TMPDIR/first.out") == 2 ]] || fail "it does not say what is claimed"
grep -q "own" "$TMPDIR/first.out" && fail "no address of the host's own is claimed: $(cat "$TMPDIR/first.out")"
cat >"$TMPDIR/street.py" <<'END'
import collections, random, sys
sys.path.insert(0, sys.argv[1])
from knock import *
random.seed(7)
seen = collections.Counter()
knock('203.0.113.1', 23, 5), knock('2001:db8:5::1', 23, 5) # whose prefix is then known to be real
for last in range(256):
    for address in '203.0.113.%d' % last, '2001:db8:5:0:%x::%x' % (random.randrange(65536), last):
        seen[23, knock(address, 23, 3)] += 1
        for port in 22, 9999:
            seen[port, knock(address, port, 3)] += 1
for address in '203.0.113.77', '2001:db8:5::77':
    for port in 53, 9999, 1, 65535:
        seen['udp', datagram(address, port)] += 1
print(sorted((str(k), v) for k, v in seen.items()))
END
got=$(netns_in SENDER python3 "$TMPDIR/street.py" "$TMPDIR")
wanted="[(\"('udp', 'silent')\", 8), (\"(22, 'refused')\", 512), (\"(23, 'open')\", 512), (\"(9999, 'refused')\", 512)]"
[[ $got == "$wanted" ]] || fail "the street answers $got"
netns_in SENDER expect -c 'set timeout 15
    spawn telnet 203.0.113.200
    expect "login:" { send "root\r" } timeout { exit 1 }
    expect "assword:" { send "xc3511\r" } timeout { exit 2 }
    expect -re {[#$] } { send "echo a-is-\$((6*7))\r" } timeout { exit 3 }
    expect "a-is-42" { exit 0 } timeout { exit 4 }' >"$TMPDIR/telnet.out" || fail "telnet: $(cat "$TMPDIR/telnet.out")"
[[ $(ask tcp 198.51.100.1 22) == host && $(ask udp 198.51.100.1 53) == host ]] || fail "the host's services beside the claim"
netns_stop "$observer" || fail "it does not stop well"
until_true 5 nothing_is_left || fail "stopped, it leaves: $(ip -n "$netns_sensor" link; ip -n "$netns_sensor" route show table local)"
destinations=$("$release" sessions --state "$TMPDIR/first" --limit 0 --json |
    python3 -c 'import json, sys; print(len({s["destination"] for s in json.load(sys.stdin)}))')
((destinations >= 512)) || fail "sessions at $destinations addresses, not 512"

# ---- whatever is killed, nothing is left ----

begin killed --claim 203.0.113.0/24 --claim 2001:db8:5::/64 --yes --set trap.persona=hi3520-recorder
[[ $(ask tcp 203.0.113.9 1) == refused ]] || fail "the second claim does not hold"
# shellcheck disable=SC2046 # one word a process
kill -KILL $(ours)
wait "$observer" 2>/dev/null
until_true 5 nothing_is_left || fail "killed, it leaves: $(ip -n "$netns_sensor" link; ip -n "$netns_sensor" route show table local)"
begin keeper --claim 203.0.113.0/24 --yes --set trap.persona=sd5115-gpon
got=$(ask tcp 203.0.113.9 9999)
[[ $got == silent ]] || fail "a device that drops what it does not serve is $got"
kill -KILL "$(for pid in $(ours); do grep -qx teiten-keeper "/proc/$pid/comm" && echo "$pid"; done)"
until_true 5 eval '[[ -z $(ip -n "$netns_sensor" -o link show type tun) ]]' || fail "a dead keeper claims on"
netns_stop "$observer" || fail "without its keeper it does not stop"

# ---- the only address of the host ----

begin own --claim 198.51.100.1 --yes --set trap.persona=hi3520-recorder --set trap.telnet=0.0.0.0:0 --set trap.http=0.0.0.0:0 \
    --set trap.netis=0.0.0.0:0 --set trap.catchall=all --set trap.except=0.0.0.0:8888
grep -q "TCP.* 22 53" "$TMPDIR/own.out" && grep -q "UDP.* 53" "$TMPDIR/own.out" && grep -q "8888" "$TMPDIR/own.out" ||
    fail "what is left out is not told: $(cat "$TMPDIR/own.out")"
netns_start SENDER python3 -c '
import socket, sys, time
s = socket.create_connection(("198.51.100.1", 22))
assert s.recv(100).startswith(b"SSH")
open(sys.argv[1], "w").close()
for i in range(200):
    s.send(b"x")
    assert s.recv(10) == b"x"
    time.sleep(0.1)
    try:
        open(sys.argv[2]).close()
        sys.exit(0)
    except FileNotFoundError:
        pass' "$TMPDIR/connected" "$TMPDIR/enough"
stands=$netns_pid
until_true 10 test -e "$TMPDIR/connected" || fail "nobody gets into the host"
for answer in "tcp 23 open" "tcp 4711 open" "tcp 22 host" "tcp 53 host" "tcp 8888 refused" "udp 53 host" "udp 7 silent"; do
    read -r how port wanted <<<"$answer"
    got=$(ask "$how" 198.51.100.1 "$port")
    [[ $got == "$wanted" ]] || fail "at the only address, $how $port is $got, not $wanted"
done
netns_start SENSOR python3 "$TMPDIR/host.py" 4711
later=$netns_pid
until_true 5 eval '[[ $(ask tcp 198.51.100.1 4711) == host ]]' || fail "a service that began later is not found"
# shellcheck disable=SC2046
kill -KILL $(ours)
wait "$observer" 2>/dev/null
until_true 5 nothing_is_left || fail "killed at the only address, it leaves something"
for answer in "tcp 22 host" "tcp 53 host" "udp 53 host" "tcp 4711 host" "tcp 23 refused"; do
    read -r how port wanted <<<"$answer"
    got=$(ask "$how" 198.51.100.1 "$port")
    [[ $got == "$wanted" ]] || fail "after kill -9 of all, $how $port is $got, not $wanted"
done
touch "$TMPDIR/enough"
wait "$stands" || fail "a connection that stood was lost"
netns_stop "$later"

# ---- nobody claims by mistake ----

netns_in SENSOR "$release" observe --interface sensor0 --state "$TMPDIR/none" --claim 203.0.113.0/24 </dev/null \
    >"$TMPDIR/none.out" 2>&1
code=$?
((code == 2)) && grep -q -- --yes "$TMPDIR/none.out" || fail "without a terminal and --yes: exit $code: $(cat "$TMPDIR/none.out")"
netns_in SENSOR "$release" observe --interface sensor0 --state "$TMPDIR/none" --claim 127.0.0.0/8 --yes >"$TMPDIR/none.out" 2>&1
code=$?
((code == 1)) && until_true 5 nothing_is_left || fail "a claim of the loopback: exit $code: $(cat "$TMPDIR/none.out")"
ip -n "$netns_sensor" route add local 203.0.113.0/24 dev lo || fail "no route of ours"
netns_in SENSOR "$release" observe --interface sensor0 --state "$TMPDIR/none" --claim 203.0.113.0/24 --yes >"$TMPDIR/none.out" 2>&1
code=$?
[[ $code == 1 && $(ip -n "$netns_sensor" route show table local) == *203.0.113.0/24\ dev\ lo* ]] ||
    fail "a route that was there: exit $code: $(cat "$TMPDIR/none.out")"
ip -n "$netns_sensor" route delete local 203.0.113.0/24 dev lo
netns_in SENSOR expect -c "set timeout 30
    spawn $release observe --interface sensor0 --state $TMPDIR/asked --claim 203.0.113.0/24
    expect \"press Enter\" {} timeout { exit 1 }
    expect \" started \" { send \"\\r\" } timeout { exit 2 }
    expect \"claim-confirmed\" {} timeout { exit 3 }
    exec kill [exp_pid]
    expect eof { exit 0 } timeout { exit 4 }" >"$TMPDIR/asked.out" || fail "at a terminal: $(cat "$TMPDIR/asked.out")"

# ---- memory does not go by the number of addresses ----

memory() { # kB of the keeper and the workers
    local pid sum=0
    for pid in $(ours); do
        case $(cat "/proc/$pid/comm") in teiten-keeper | teiten-trap) sum=$((sum + $(awk '/^VmRSS/ {print $2}' "/proc/$pid/status"))) ;; esac
    done
    echo "$sum"
}
for prefix in 203.0.113.7/32 198.18.0.0/16; do
    begin "memory-${prefix#*/}" --claim "$prefix" --yes --set trap.workers=1
    address=${prefix%/*}
    for ((i = 0; i < 20; i++)); do
        ask tcp "${address%.*}.$([[ $prefix == */32 ]] && echo 7 || echo "$i")" 23 >/dev/null
    done
    declare "kb_${prefix#*/}=$(memory)"
    netns_stop "$observer" || fail "it does not stop"
done
# shellcheck disable=SC2154 # declared above
echo "keeper and worker: $kb_32 kB with an address, $kb_16 kB with a /16"
((kb_16 < kb_32 + 2048)) || fail "a /16 takes $kb_16 kB, an address $kb_32"
