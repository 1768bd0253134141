#!/bin/bash
# Live capture between two network namespaces: known traffic is counted exactly and soon, what the sensor
# host itself fetches and resolves is no access, a Mirai-type SYN is recognised behind NAT, a stop of six
# hours changes no rate, and workers and the whole may die and go on.
set -uo pipefail
# shellcheck source=tests/live/netns.sh
source "$TEITEN_SOURCE/tests/live/netns.sh"
release=$TEITEN_RELEASE
[[ -x $release ]] || release=$TEITEN
send=$(dirname "$TEITEN")/send
prefix=203.0.113.0/24,2001:db8:77::/120

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
    tail -n 20 "$TMPDIR"/*.log 2>/dev/null
    exit 1
}

ask() {
    local what=$1
    shift
    python3 "$TEITEN_SOURCE/tests/live/traffic.py" "$what" "$TEITEN" "$@"
}

# is WHAT EXPECTED STATE...: what traffic.py answers
is() {
    local what=$1 expected=$2 found
    shift 2
    found=$(ask "$what" "$@") || fail "$what: no answer"
    [[ $found == "$expected" ]] || fail "$what of ${*}: $found, not $expected"
}

# Packets stored and shown so far, tallies and all
stored() {
    sqlite3 -readonly "$1/teiten.db" "select ifnull(sum(packets), 0) from run where state=1" 2>/dev/null
}

# until_stored STATE N SECONDS
until_stored() {
    local end=$((SECONDS + $3))
    until [[ $(stored "$1") == "$2" ]]; do
        ((SECONDS < end)) || return 1
        sleep 0.02
    done
}

# observe NAME PROGRAM WORDS...: begins, in state folder $TMPDIR/NAME, and waits until it observes
observe() {
    local name=$1 program=$2 try
    shift 2
    netns_start SENSOR "$program" observe --interface sensor0 --state "$TMPDIR/$name" "$@" \
        2>>"$TMPDIR/$name.log"
    observer=$netns_pid
    for ((try = 0; try < 500; try++)); do
        # The log may be of an earlier life; this worker's first period is what tells.
        if [[ $(sqlite3 -readonly "$TMPDIR/$name/teiten.db" "select count(*) from coverage" 2>/dev/null) -gt \
            ${periods[$name]-0} ]]; then
            periods[$name]=$((${periods[$name]-0} + 1))
            return
        fi
        kill -0 "$observer" 2>/dev/null || break
        sleep 0.02
    done
    fail "observe $name does not begin"
}
declare -A periods=()

# end STATE_NAME: it ends in order
end() {
    netns_stop "$observer" || fail "observe $1 ended with $?"
    grep -q " stopped " "$TMPDIR/$1.log" || fail "observe $1 did not say that it stopped"
}

transmit() {
    local file=$1
    shift
    netns_in SENDER "$send" sender0 "$TMPDIR/$file.pcap" "$@" >/dev/null || fail "$file was not sent"
}

python3 "$TEITEN_SOURCE/tests/live/traffic.py" make "$TMPDIR" || fail "no captures made"
trap netns_down EXIT
netns_up 1500 || fail "no namespaces"

# --- exact, soon, and to the last packet ------------------------------------------------------------

exact_and_soon() {
    local round start took=()
    observe exact "$release" --prefix "$prefix"
    for round in 1 2 3; do
        transmit mix --rate 20000
        start=${EPOCHREALTIME/./}
        until_stored "$TMPDIR/exact" $((round * 4000)) 10 ||
            fail "$(stored "$TMPDIR/exact") packets stored, not $((round * 4000))"
        took+=($((${EPOCHREALTIME/./} - start)))
        if ((round == 1)); then
            ask counts "$TMPDIR/exact" "$TMPDIR/known.json" || fail "counts differ while it observes"
        fi
    done
    end exact
    mapfile -t took < <(printf '%s\n' "${took[@]}" | sort -n)
    ((took[1] <= 1000000)) || fail "stored only after ${took[*]} microseconds"
    echo "stored after ${took[*]} microseconds"
}

# Sent, and stopped in the same breath: the last packets count, too.
to_the_last() {
    observe last "$TEITEN" --prefix "$prefix"
    transmit mix
    end last
    ask counts "$TMPDIR/last" "$TMPDIR/known.json" || fail "counts differ after the stop"
    is total 500 "$TMPDIR/last" foreign
}

# --- who else observes here; a worker that dies -----------------------------------------------------

refused_and_revived() {
    local sense
    observe twice "$TEITEN" --prefix "$prefix"
    netns_in SENSOR "$TEITEN" observe --interface sensor0 --state "$TMPDIR/twice" 2>"$TMPDIR/refused"
    [[ $? == 1 ]] && grep -q "another 'teiten observe'" "$TMPDIR/refused" || fail "two observe one folder"
    netns_in SENSOR setpriv --bounding-set=-net_raw "$TEITEN" observe --interface sensor0 \
        --state "$TMPDIR/bare" 2>"$TMPDIR/refused"
    [[ $? == 1 ]] && grep -q CAP_NET_RAW "$TMPDIR/refused" || fail "does not say which right it lacks"
    netns_in SENSOR "$TEITEN" observe --interface none0 --state "$TMPDIR/bare" 2>"$TMPDIR/refused"
    [[ $? == 1 ]] && grep -q "no such interface" "$TMPDIR/refused" || fail "captures on nothing"

    transmit mix --rate 20000
    until_stored "$TMPDIR/twice" 4000 10 || fail "not stored"
    for sense in $(pgrep -P "$observer" -f teiten-sense); do
        kill -KILL "$sense"
    done
    sleep 3
    transmit mix --rate 20000
    until_stored "$TMPDIR/twice" 8000 10 || fail "$(stored "$TMPDIR/twice") packets after a worker died"
    grep -q " sense-died " "$TMPDIR/twice.log" || fail "a worker's death was not said"
    end twice
}

# --- the sensor's host is a host --------------------------------------------------------------------

serve_files() {
    mkdir -p "$TMPDIR/www"
    head -c 300000 /dev/zero >"$TMPDIR/www/file"
    netns_start SENDER python3 -m http.server --directory "$TMPDIR/www" --bind :: 80 \
        >"$TMPDIR/http.log" 2>&1
    servers=("$netns_pid")
    netns_start SENDER dnsmasq --keep-in-foreground --no-resolv --no-hosts --user=root --pid-file= \
        --conf-file=/dev/null --bind-interfaces --listen-address=198.51.100.2 \
        --address=/example.com/198.51.100.2 --address=/example.com/2001:db8:1::2 >"$TMPDIR/dns.log" 2>&1
    servers+=("$netns_pid")
    sleep 1
}

# What a host does all day; each must work, or nothing is proven.
be_a_host() {
    echo "nameserver 198.51.100.2" >"$TMPDIR/resolv.conf"
    netns_in SENSOR bash -c "mount --bind '$TMPDIR/resolv.conf' /etc/resolv.conf &&
        getent ahostsv4 example.com && getent ahostsv6 www.example.com &&
        curl -4 -sS --max-time 10 -o /dev/null http://example.com/file &&
        curl -6 -sS --max-time 10 -o /dev/null http://example.com/file" >"$TMPDIR/host.log" 2>&1 ||
        fail "the sensor's host cannot fetch: $(cat "$TMPDIR/host.log")"
    netns_in SENSOR python3 - <<'END' || fail "the sensor's host cannot ping"
import socket, struct

def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff

# An echo request, and the answer
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
s.settimeout(5)
head = struct.pack(">BBHHH", 8, 0, 0, 4711, 1)
s.sendto(struct.pack(">BBHHH", 8, 0, checksum(head), 4711, 1), ("198.51.100.2", 0))
while s.recv(1500)[20] != 0:
    pass
# A closed port: refused by TCP, and by ICMP for UDP
try:
    socket.create_connection(("198.51.100.2", 9), 5)
    raise SystemExit("port 9 is open")
except ConnectionRefusedError:
    pass
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.connect(("198.51.100.2", 9))
u.settimeout(5)
u.send(b"anyone?")
try:
    u.recv(100)
    raise SystemExit("port 9 answers")
except ConnectionRefusedError:
    pass
END
}

own_traffic() {
    local word
    for word in dnsmasq curl; do
        if ! command -v "$word" >/dev/null; then
            echo "skipped: own traffic: needs $word"
            return
        fi
    done
    ip -n "$netns_sensor" address add 2001:db8:1::1/64 dev sensor0 nodad
    ip -n "$netns_sender" address add 2001:db8:1::2/64 dev sender0 nodad
    serve_files
    observe host "$TEITEN" # without --prefix: the addresses of the interface
    be_a_host
    sleep 1
    transmit knock # that accesses are counted here at all
    end host
    kill "${servers[@]}"
    wait "${servers[@]}" 2>/dev/null
    is total 3 "$TMPDIR/host" access
    is total 0 "$TMPDIR/host" backscatter
    (($(ask total "$TMPDIR/host" solicited) > 20)) || fail "too little was solicited"
    [[ $(sqlite3 -readonly "$TMPDIR/host/teiten.db" "select distinct addresses from coverage") == 2 ]] ||
        fail "the interface has two addresses"
}

# --- two interfaces are one sensor ------------------------------------------------------------------

two_interfaces() {
    observe both "$TEITEN" --interface lo
    sleep 1
    end both
    # 198.51.100.1, 2001:db8:1::1 where the host was one, and 127.0.0.1
    local addresses
    addresses=$(sqlite3 -readonly "$TMPDIR/both/teiten.db" "select max(addresses) from coverage")
    [[ $addresses == "$1" ]] || fail "$addresses addresses on two interfaces, not $1"
    [[ $(sqlite3 -readonly "$TMPDIR/both/teiten.db" "select count(*) from coverage a, coverage b
        where a.id < b.id and a.end > b.start and b.end > a.start") == 0 ]] || fail "periods overlap"
}

# --- Mirai behind NAT -------------------------------------------------------------------------------

mirai_behind_nat() {
    observe nat "$TEITEN" --set sensor.public=198.51.100.1=203.0.113.9
    local first=$observer
    observe plain "$TEITEN"
    transmit mirai
    sleep 1
    end plain
    observer=$first
    end nat
    is total 4 "$TMPDIR/nat" access
    is total 4 "$TMPDIR/plain" access
    is marks mirai "$TMPDIR/nat"
    is marks "" "$TMPDIR/plain"
}

# --- six hours' stop --------------------------------------------------------------------------------

# A hundred accesses a second all the while; the clock leaps while nobody observes. Seconds of coverage are
# whole, so eight of them may be seven or nine.
near_hundred() {
    awk -v rate="$1" 'BEGIN { exit !(rate > 80 && rate < 125) }'
}

six_hours() {
    local sender before after
    netns_start SENDER "$send" sender0 "$TMPDIR/steady.pcap" --rate 100 --seconds 60 >/dev/null
    sender=$netns_pid
    observe steady "$TEITEN" --prefix 203.0.113.0/24
    sleep 8
    end steady
    before=$(ask rate "$TMPDIR/steady" 256)
    sleep 1
    observe steady "$TEITEN" --prefix 203.0.113.0/24 --clock-offset 21600
    sleep 8
    end steady
    after=$(ask rate "$TMPDIR/steady" 256)
    kill "$sender"
    wait "$sender" 2>/dev/null
    near_hundred "$before" || fail "$before accesses a second before the stop, not 100"
    near_hundred "$after" || fail "$after accesses a second with the stop, not 100"
    is gap 5 "$TMPDIR/steady"
    echo "$before accesses a second, $after with six hours' stop"
}

exact_and_soon
to_the_last
refused_and_revived
own_traffic
two_interfaces "$([[ -e $TMPDIR/host ]] && echo 3 || echo 2)"
mirai_behind_nat
six_hours
echo "PASS"
