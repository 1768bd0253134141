#!/bin/bash
# Ports that no service is behind, in the real program, met by real clients: each is told for what it speaks, none is answered
# but who speaks Telnet. In namespaces of its own.
set -uo pipefail
# shellcheck source=tests/live/scenario.sh
source "$TEITEN_SOURCE/tests/live/scenario.sh"

needs curl openssl ssh nc python3

state=$TMPDIR/state
# shellcheck disable=SC2119
netns_up || fail "no namespaces"
: >"$TMPDIR/observe.log"
cat >"$TMPDIR/teiten.conf" <<'END'
[sensor]
prefix = 198.51.100.1
[trap]
persona = hi3520-recorder
login = any
telnet = 0.0.0.0:23
http = 0.0.0.0:80
netis = 0.0.0.0:53413
other = 0.0.0.0:443 0.0.0.0:5555 0.0.0.0:9000
END
netns_start SENSOR "$TEITEN" observe --interface sensor0 --state "$state" --config "$TMPDIR/teiten.conf" 2>>"$TMPDIR/observe.log"
observer=$netns_pid
until_true 20 grep -q " started " "$TMPDIR/observe.log" || fail "it does not begin"

at=198.51.100.1

# client NAME COMMAND...: of the other host; it hears nothing, so how it ends does not matter
client() {
    local name=$1
    shift
    netns_in SENDER timeout 3 "$@" >"$TMPDIR/$name.out" 2>&1 </dev/null
    true
}

# The clients are many and each waits for an answer that does not come: all at once.
clients=()
client tls openssl s_client -connect $at:443 -servername www.example.com -alpn h2,http/1.1 & clients+=($!)
client ssh ssh -v -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=2 -p 5555 root@$at & clients+=($!)
client https curl -sk --resolve cam.example.com:443:$at https://cam.example.com/ & clients+=($!)
client proxy curl -s -p -x http://$at:9000 http://example.com/ & clients+=($!)
client rtsp curl -s rtsp://$at:9000/ch0 & clients+=($!)
client mqtt curl -s mqtt://$at:9000/topic & clients+=($!)
client ldap curl -s ldap://$at:9000/dc=example,dc=com & clients+=($!)
client smb curl -s -u user:x smb://$at:9000/share/file & clients+=($!)
client rtmp curl -s rtmp://$at:9000/live/x & clients+=($!)
client redis bash -c "printf '*1\r\n\$4\r\nINFO\r\n' | nc -q 1 $at 9000" & clients+=($!)
client lines bash -c "printf 'root\r\n' | nc -q 1 $at 9000" & clients+=($!)
client silent bash -c "nc -d -w 3 $at 9000" & clients+=($!)
wait "${clients[@]}"

# What asks Telnet is answered by a device's, up to its shell.
{ printf '\xff\xfd\x03\xff\xfb\x18'; sleep 1; printf 'root\r\n'; sleep 1; printf 'x\r\n'; sleep 1; printf 'uname -m\r\nexit\r\n'; sleep 1; } |
    netns_in SENDER timeout 20 nc -q 2 $at 5555 >"$TMPDIR/telnet.out"
grep -aq "armv" "$TMPDIR/telnet.out" || fail "Telnet is not answered: $(<"$TMPDIR/telnet.out")"

# ADB, SIP, a recorder's own protocol, numbers that mean nothing; 100 kB in one go.
netns_in SENDER python3 - $at <<'END' || fail "what is no client's could not be sent"
import socket, struct, sys
def adb(command, data):
    c = struct.unpack("<I", command)[0]
    return struct.pack("<6I", c, 1 << 24, 1 << 18, len(data), sum(data), c ^ 0xffffffff) + data
said = [
    adb(b"CNXN", b"host::features=cmd\0"),
    b"OPTIONS sip:nm SIP/2.0\r\nUser-Agent: friendly-scanner\r\n\r\n",
    b"\xff\x01\0\0" + bytes(8) + b"\0\0" + struct.pack("<HI", 1000, 20) + b'{"LoginType":"DVR"}\n',
    bytes(range(200, 208)) + bytes(32),
]
for data in said:
    with socket.create_connection((sys.argv[1], 9000), 5) as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        assert s.recv(1) == b"", data
with socket.create_connection((sys.argv[1], 9000), 5) as s:
    s.settimeout(2)
    sent = 0
    try:
        while sent < 64 << 20: # what is not read fills the buffers of both kernels
            sent += s.send(b"x" * 65536)
    except TimeoutError:
        pass
    assert sent < 64 << 20
END

ask() { # PYTHON COMMAND...
    local check=$1
    shift
    "$release" "$@" --json --state "$state" | python3 -c "import json, sys; d = json.load(sys.stdin); sys.exit(not ($check))"
}
names() {
    "$release" top protocols --limit 0 --json --state "$state" | python3 -c 'import json, sys; print(*sorted(r["name"] for r in json.load(sys.stdin)))'
}
# The largest one is closed half a minute after it was silent at the latest; what it was is told before.
wanted="adb ldap mqtt proxy redis rtmp rtsp sip smb1 ssh telnet text tls unknown xiongmai"
all_named() {
    [[ $(names) == "$wanted" ]]
}
until_true 20 all_named || fail "these are named: $(names), not: $wanted"
ask "next(r['count'] for r in d if r['name'] == 'tls') == 2" top protocols || fail "two spoke TLS: $("$release" top protocols --state "$state")"
ask "all(s['service'] == 'other' and s['persona'] == 'hi3520-recorder' for s in d)" sessions --limit 0 || fail "a session is of another service"
ask "sum(s['protocol'] is None for s in d) == 1" sessions --limit 0 || fail "one said nothing: $("$release" sessions --limit 0 --state "$state")"
ask "next(s['commands'] for s in d if s['protocol'] == 'telnet') == 2" sessions --limit 0 || fail "what was typed over Telnet is not told"

# Whom they ask for and what they say of themselves is told.
"$release" sessions --limit 0 --json --state "$state" | python3 -c 'import json, sys; print(*[s["id"] for s in json.load(sys.stdin)])' >"$TMPDIR/ids"
for id in $(<"$TMPDIR/ids"); do
    "$release" session "$id" --json --state "$state"
done | python3 -c '
import json, sys
text, at, told = sys.stdin.read(), 0, {}
decoder = json.JSONDecoder()
while at < len(text):
    session, at = decoder.raw_decode(text, at)
    while at < len(text) and text[at].isspace():
        at += 1
    for e in session["events"]:
        if e["type"] == "protocol":
            told.setdefault(e["protocol"], []).append((e.get("host"), e.get("agent")))
print(told)
assert sorted(h for h, a in told["tls"]) == ["cam.example.com", "www.example.com"]
assert any(a.startswith("TLS 1.3 h2,http/1.1") for h, a in told["tls"])
assert told["ssh"][0][1].startswith("SSH-2.0-OpenSSH")
assert told["proxy"][0][0] == "example.com:80"
assert told["adb"][0][1] == "host::features=cmd"
assert told["sip"][0][1] == "friendly-scanner"
assert told["rtsp"][0][1].startswith("curl/")
' >"$TMPDIR/told.log" || fail "who they are is not told"

# Of what was much 64 KiB are read (to the end of a piece or two), and nothing more until he is left.
last=$(cut -d' ' -f1 "$TMPDIR/ids")
until_true 45 ask "d['end'] is not None" session "$last" || fail "who says much is not left"
ask "65536 <= d['spoken'] < 65536 + 8192 and d['protocol'] == 'text'" session "$last" || fail "$("$release" session "$last" --state "$state")"
# What a visitor sees, from the other host: as it should be, and where it is not that is told. Nobody else is looked at.
check() {
    netns_in SENDER "$TEITEN" trap check --state "$state" --config "$TMPDIR/teiten.conf" "$@"
}
seen() { # PYTHON
    python3 -c "import json, sys; d = {r['port']: r for r in json.load(sys.stdin)}; sys.exit(not ($1))" <"$TMPDIR/check.json"
}
check $at --connect --json >"$TMPDIR/check.json" || fail "$(check $at --connect)"
seen "all(r['seen'] == r['expected'] and r['persona'] == {'tcp': 'hi3520-recorder', 'udp': 'netis-router'}[r['proto']] for r in d.values())" &&
    seen "d[23]['service'] == 'telnet' and d[23]['agrees'] and d[23]['banner'].endswith('login: ')" &&
    seen "all(d[p]['service'] == 'other' and d[p]['agrees'] and d[p]['banner'] is None for p in (443, 5555, 9000))" &&
    seen "d[80]['service'] == 'http' and d[80]['agrees'] and d[80]['banner'].startswith('HTTP/1.')" &&
    seen "d[53413]['agrees'] and d[53413]['proto'] == 'udp' and (d[53413]['sent'], d[53413]['received']) == (29, 46)" &&
    seen "d[22]['seen'] == 'closed' and d[22]['agrees'] is None" || fail "$(<"$TMPDIR/check.json")"
check $at --connect --json --set trap.persona=netis-router --set trap.other=0.0.0.0:443,0.0.0.0:444 >"$TMPDIR/check.json"
(($? == 1)) && seen "[p for p in d if d[p]['agrees'] is False] == [23, 80, 444] and d[443]['agrees']" || fail "$(<"$TMPDIR/check.json")"
check $at --connect --json --claim $at --set trap.catchall=none >"$TMPDIR/check.json"
(($? == 1)) && seen "d[554]['service'] == 'other' and d[554]['seen'] == 'closed' and d[554]['agrees'] is False and d[22]['agrees']" ||
    fail "$(<"$TMPDIR/check.json")"
check 198.51.100.2 --connect >"$TMPDIR/check.out" 2>&1
(($? == 2)) && grep -q "no address of this trap" "$TMPDIR/check.out" || fail "another host is looked at"
check >"$TMPDIR/check.out" && grep -q "^127.0.0.1 .* telnet  *open" "$TMPDIR/check.out" || fail "nothing is told without --connect"

netns_stop "$observer" || fail "it ended with $?"

# A street of devices, all of whose ports are the trap's: what the kernel lets in is what the tables say, at each. Some devices
# are silent where nothing is open.
if [[ -c /dev/net/tun ]]; then
    : >"$TMPDIR/observe.log"
    netns_start SENSOR "$TEITEN" observe --interface sensor0 --state "$state" --claim 203.0.113.0/27 --yes 2>>"$TMPDIR/observe.log"
    observer=$netns_pid
    until_true 20 grep -q " started " "$TMPDIR/observe.log" || fail "it does not begin"
    street=()
    for i in 1 4 9 12 15 17 20 22 25 29; do
        street+=("203.0.113.$i")
    done
    netns_in SENDER "$TEITEN" trap check "${street[@]}" --connect --wait 2 --claim 203.0.113.0/27 --json --state "$state" \
        >"$TMPDIR/street.json" || fail "$(grep '"agrees":false' "$TMPDIR/street.json")"
    python3 -c '
import json, sys
d = json.load(sys.stdin)
assert len({r["address"] for r in d}) == 10 and len({r["persona"] for r in d}) > 2, d
assert all(r["agrees"] for r in d), [r for r in d if not r["agrees"]]
assert sum(r["service"] == "telnet" for r in d) >= 10 and any(r["service"] == "other" for r in d), d
assert all(r["seen"] == r["expected"] or (r["seen"] == "silent" and not r["service"]) for r in d), d' <"$TMPDIR/street.json" || fail "the street is not as it should be"
    netns_stop "$observer" || fail "it ended with $?"
fi
"$release" verify --state "$state" >/dev/null || fail "verify finds fault with the store"
