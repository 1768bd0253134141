#!/bin/bash
# The daemon: who runs as whom, what outlives what, a new configuration, a service manager, little room on the
# disk, few open files.
set -uo pipefail
# shellcheck source=tests/live/scenario.sh
source "$TEITEN_SOURCE/tests/live/scenario.sh"
send=$(dirname "$TEITEN")/send
prefix=203.0.113.0/24,2001:db8:77::/120

needs sqlite3 python3 setpriv pgrep "$send"
if ! id teiten >/dev/null 2>&1; then
    echo "SKIP: needs the user teiten"
    exit 77
fi

# begin NAME WORDS...: observes into $TMPDIR/NAME, which is made where it is missing
begin() {
    local name=$1
    shift
    : >"$TMPDIR/$name.log"
    netns_start SENSOR "$@" --interface sensor0 --state "$TMPDIR/$name" 2>>"$TMPDIR/$name.log"
    observer=$netns_pid
    until_true 20 said "$name" " started " || fail "$name does not begin"
}

end() {
    netns_stop "$observer" || fail "$1 ended with $?"
    said "$1" " stopped " || fail "$1 did not say that it stopped"
}

ask_store() { # NAME SQL
    sqlite3 -readonly "$TMPDIR/$1/teiten.db" "$2" 2>/dev/null
}

packets_are() { # NAME N
    [[ $(ask_store "$1" "select ifnull(sum(packets), 0) from run where state=1") == "$2" ]]
}

until_stored() { # NAME N
    until_true 15 packets_are "$1" "$2" ||
        fail "$(ask_store "$1" "select sum(packets) from run where state=1") packets in $1, not $2"
}

transmit() { # [FILE]
    netns_in SENDER "$send" sender0 "$TMPDIR/${1-mix}.pcap" --rate 20000 >/dev/null || fail "nothing was sent"
}

children() { # PROGRAM: of the observer
    pgrep -P "$observer" -f "^$1\$"
}

user_of() {
    ps -o user= -p "$1" | tr -d ' '
}

rights_of() { # PID: effective capabilities
    awk '/^CapEff/ { print $2 }' "/proc/$1/status"
}

python3 "$TEITEN_SOURCE/tests/live/traffic.py" make "$TMPDIR" || fail "no captures made"
trap netns_down EXIT
netns_up 1500 || fail "no namespaces"

# --- started by root --------------------------------------------------------------------------------

who_is_who() {
    local pid keeper
    begin root "$release" observe --prefix "$prefix"
    [[ $(user_of "$observer") == teiten ]] || fail "the supervisor is $(user_of "$observer")"
    [[ $(rights_of "$observer") == 0000000000000000 ]] || fail "it kept $(rights_of "$observer")"
    keeper=$(children teiten-keeper) || fail "no keeper"
    [[ $(user_of "$keeper") == root ]] || fail "the keeper is $(user_of "$keeper")"
    for pid in $(children teiten-sense); do
        [[ $(rights_of "$pid") == 0000000000000000 ]] || fail "sense kept $(rights_of "$pid")"
    done
    [[ $(stat -c %U "$TMPDIR/root" "$TMPDIR/root/teiten.db" | sort -u) == teiten ]] || fail "files not teiten's"
    [[ $(stat -c %a "$TMPDIR/root/teiten.db") == 640 ]] || fail "the store is open to all"
    transmit
    until_stored root 4000
    end root
    # What root makes there later is the user's, too.
    "$release" ingest --state "$TMPDIR/root" "$TEITEN_SOURCE/tests/pcaps/ncsa-port-scan.pcap" >/dev/null ||
        fail "root may not add to it"
    begin root "$release" observe --prefix "$prefix"
    end root
}

# A folder of somebody's makes it that user.
owner_of_the_folder() {
    mkdir "$TMPDIR/own"
    chown 65534:65534 "$TMPDIR/own"
    # What root began there is his, too.
    "$release" ingest --state "$TMPDIR/own" "$TEITEN_SOURCE/tests/pcaps/ncsa-port-scan.pcap" >/dev/null ||
        fail "root may not begin a store there"
    [[ $(stat -c %u "$TMPDIR"/own/* | sort -u) == 65534 ]] || fail "root left $(ls -ln "$TMPDIR/own")"
    begin own "$release" observe --prefix "$prefix"
    [[ $(ps -o uid= -p "$observer" | tr -d ' ') == 65534 ]] || fail "it did not become the folder's owner"
    end own
}

# One right is enough, handed to the programs that need it.
ordinary_user() {
    mkdir "$TMPDIR/user"
    chown 65534:65534 "$TMPDIR/user"
    begin user setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all,+net_raw \
        --ambient-caps=-all,+net_raw "$release" observe --prefix "$prefix"
    [[ $(rights_of "$observer") == 0000000000000000 ]] || fail "it kept $(rights_of "$observer")"
    transmit
    until_stored user 4000
    end user
}

# --- what outlives what -----------------------------------------------------------------------------

deaths() {
    local pid workers
    begin deaths "$release" observe --prefix "$prefix"
    transmit
    until_stored deaths 4000
    kill -KILL "$(children teiten-keeper)" || fail "no keeper"
    until_true 5 said deaths " keeper-died " || fail "the keeper's death was not said"
    for pid in $(children teiten-sense); do
        kill -KILL "$pid"
    done
    # While nobody reads, the rings do.
    transmit
    until_stored deaths 8000
    [[ $(grep -c " sense-died " "$TMPDIR/deaths.log") -ge 1 ]] || fail "a worker's death was not said"
    end deaths
    [[ $(ask_store deaths "select count(*) from coverage") == 1 ]] || fail "the observation was interrupted"
    begin deaths "$release" observe --prefix "$prefix"
    pid=$(children teiten-keeper)
    workers=$(children teiten-sense)
    kill -STOP $workers # one that does as it likes hears nothing of its channel's end
    kill -KILL "$observer"
    wait "$observer" 2>/dev/null
    until_true 5 test ! -e "/proc/$pid" || fail "the keeper outlives the supervisor"
    for pid in $workers; do
        until_true 5 test ! -e "/proc/$pid" || fail "a worker outlives the supervisor"
    done
}

# Killed from outside before it tells of anything, again and again: that is no fault of what lies in the ring.
killed_young() {
    local i sense
    begin young "$TEITEN" observe --prefix "$prefix" --set sensor.workers=1
    for ((i = 0; i < 7; i++)); do
        until_true 10 has_children teiten-sense 1 || fail "no worker"
        sense=$(children teiten-sense)
        if ((i == 0)); then
            kill -STOP "$sense" # so that all of it waits
            transmit
        fi
        kill -KILL "$sense"
        until_true 5 test ! -e "/proc/$sense" || fail "it does not die"
    done
    until_stored young 4000
    end young
    grep -q " stopped .*drops=0 " "$TMPDIR/young.log" || fail "what waited was given up"
}

# A worker that dies at once, again and again: said once, tried less and less often, and the rest goes on.
dying_workers() {
    mkdir "$TMPDIR/bin"
    cp "$release" "$(dirname "$release")/teiten-keeper" "$TMPDIR/bin" && cp /bin/false "$TMPDIR/bin/teiten-sense" ||
        fail "no programs"
    begin dying "$TMPDIR/bin/teiten" observe --prefix "$prefix" --set sensor.workers=1 --set sensor.mode=dark
    sleep 6
    [[ $(grep -c " sense-died " "$TMPDIR/dying.log") == 1 ]] || fail "a death is said again and again"
    kill -TERM "$observer"
    wait "$observer" || fail "it does not stop in order"
    grep -q " stopped .*restarts=[23] " "$TMPDIR/dying.log" || fail "not held back: $(tail -n 1 "$TMPDIR/dying.log")"
}

# An interface that goes and comes back: the others go on, the keeper is not worn out, and it is captured on again.
interface_goes() {
    begin comes "$release" observe --prefix "$prefix" --interface extra0 --set sensor.workers=1
    netns_in SENSOR ip link del extra0
    sleep 4
    transmit
    until_stored comes 4000
    [[ $(grep -c " sense-died " "$TMPDIR/comes.log") == 1 ]] || fail "a lost interface is told again and again"
    children teiten-keeper >/dev/null || fail "the keeper is gone"
    extra_interface
    until_true 20 has_children teiten-sense 2 || fail "the interface is not captured on again"
    end comes
}
has_children() { # PROGRAM N
    [[ $(children "$1" | wc -l) == "$2" ]]
}
extra_interface() {
    netns_in SENSOR ip link add extra0 type veth peer name extra1 && netns_in SENSOR ip link set extra0 up ||
        fail "no second interface"
}

# --- a new configuration ----------------------------------------------------------------------------

reloads() {
    mkdir "$TMPDIR/conf"
    printf '[sensor]\nprefix = %s\n' "$prefix" >"$TMPDIR/conf/teiten.conf"
    begin reload "$release" observe --config "$TMPDIR/conf/teiten.conf"
    transmit
    until_stored reload 4000
    printf '[sensor]\nprefix = nonsense\n' >"$TMPDIR/conf/teiten.conf"
    kill -HUP "$observer" $(children teiten-sense) $(children teiten-keeper) # as a terminal does
    until_true 10 said reload " reload-refused " || fail "nonsense was not refused"
    transmit
    until_stored reload 8000
    printf '[sensor]\nprefix = 203.0.113.0/25\n' >"$TMPDIR/conf/teiten.conf"
    kill -HUP "$observer"
    until_true 10 said reload " reloaded .*addresses=128 " || fail "a new prefix was not taken"
    transmit
    until_stored reload 12000
    # Other rings
    printf '[sensor]\nprefix = 203.0.113.0/25\nmode = dark\nworkers = 1\n' >"$TMPDIR/conf/teiten.conf"
    kill -HUP "$observer"
    until_true 10 said reload " reloaded .*mode=dark " || fail "a new mode was not taken"
    [[ $(children teiten-sense | wc -l) == 1 ]] || fail "the number of workers was not taken"
    transmit
    until_stored reload 16000
    end reload
    [[ $(ask_store reload "select group_concat(addresses || ':' || dark, ' ') from (select * from coverage order by id)") == \
        "257:0 128:0 128:1" ]] || fail "coverage: $(ask_store reload "select * from coverage")"
    ! said reload " sense-died " || fail "a reload was told as a death"
}

# --- a service manager ------------------------------------------------------------------------------

manager() {
    python3 - "$TMPDIR/notify" >"$TMPDIR/told" <<'END' &
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
s.settimeout(30)
while True:
    text = s.recv(4096).decode()
    print(text.replace("\n", " "), flush=True)
    if "STOPPING" in text:
        break
END
    local listener=$!
    until_true 5 test -S "$TMPDIR/notify" || fail "no manager"
    begin managed env NOTIFY_SOCKET="$TMPDIR/notify" WATCHDOG_USEC=1500000 "$release" observe --prefix "$prefix"
    sleep 2
    kill -HUP "$observer"
    until_true 10 said managed " reloaded " || fail "not reloaded"
    end managed
    wait "$listener" || fail "the manager heard: $(<"$TMPDIR/told")"
    [[ $(head -n 1 "$TMPDIR/told") == READY=1* ]] || fail "first it told $(head -n 1 "$TMPDIR/told")"
    (($(grep -c WATCHDOG=1 "$TMPDIR/told") >= 3)) || fail "too few signs of life"
    grep -q "^RELOADING=1 MONOTONIC_USEC=[0-9]*$" "$TMPDIR/told" || fail "did not tell that it reloads"
    (($(grep -c READY=1 "$TMPDIR/told") == 2)) || fail "did not tell that it had reloaded"
}

status_tells() {
    begin workers "$release" observe --prefix "$prefix"
    transmit
    until_stored workers 4000
    until_true 10 told_workers || fail "status: $("$release" status --json --state "$TMPDIR/workers")"
    end workers
    "$release" status --json --state "$TMPDIR/workers" | python3 -c '
import json, sys
sys.exit(any(w["running"] for w in json.load(sys.stdin)["workers"]))' || fail "status tells of workers that ended"
}
told_workers() {
    "$release" status --json --state "$TMPDIR/workers" | python3 -c '
import json, os, sys
workers = json.load(sys.stdin)["workers"]
names = [w["name"] for w in workers]
good = (names[:2] == ["supervisor", "keeper"] and "sense" in names and
        all(os.path.exists("/proc/%d" % w["pid"]) and w["running"] and w["memory"] > 0 for w in workers) and
        sum(w["packets"] for w in workers) == 4000)
sys.exit(not good)' 2>/dev/null
}

# --- a clock that is set ----------------------------------------------------------------------------

set_clock() { # SECONDS ahead
    python3 -c 'import struct, sys; open(sys.argv[1], "r+b").write(struct.pack("<q", int(sys.argv[2])))' \
        "$TMPDIR/clock/now" "$1"
}

# Forth, back before the start, and right again: every packet once, each step told and kept in the chain.
clock_steps() {
    local step sum=4000
    mkdir "$TMPDIR/clock"
    head -c 8 /dev/zero >"$TMPDIR/clock/now"
    cc -shared -fPIC -O2 -D_GNU_SOURCE -o "$TMPDIR/clock/clock.so" "$TEITEN_SOURCE/tests/live/clock.c" ||
        fail "no clock"
    begin clock env LD_PRELOAD="$TMPDIR/clock/clock.so" TEITEN_TEST_CLOCK="$TMPDIR/clock/now" \
        "$release" observe --prefix "$prefix"
    transmit
    until_stored clock 4000
    for step in 3600 -1800 0; do
        set_clock "$step"
        sleep 1
        transmit
        until_stored clock $((sum += 4000))
    done
    end clock
    [[ $(grep -o "clock-step seconds=[-0-9]*" "$TMPDIR/clock.log" | tr '\n' ' ') =~ \
        =3(600|599|601)" clock-step seconds="-5(400|399|401)" clock-step seconds="1(800|799|801) ]] ||
        fail "the steps were not told"
    [[ $(ask_store clock "select count(*) from event where event='clock-step'") == 3 ]] || fail "steps not kept"
    [[ $(ask_store clock "select sum(packets) from coverage") == "$sum" ]] || fail "coverage lost count"
    [[ $(ask_store clock "select count(*) from coverage where start > end") == 0 ]] || fail "a period ends first"
    "$release" verify --state "$TMPDIR/clock" >/dev/null || fail "verify finds fault"
}

# --- little room ------------------------------------------------------------------------------------

few_files() {
    begin few bash -c 'ulimit -n 64; exec "$@"' bash "$release" observe --prefix "$prefix"
    said few " open-files most=" || echo "skipped: the keeper may raise limits here"
    transmit
    until_stored few 4000
    end few
}

# A full disk: counts are held, then shed and told as drops; once there is room, all goes on by itself.
full_disk() {
    local i room="$TMPDIR/full"
    mkdir "$room"
    mount -t tmpfs -o size=3m,mode=755 tmpfs "$room" || { echo "skipped: full_disk, no tmpfs" && return; }
    begin full "$release" observe --prefix "$prefix" --set daemon.held=1
    transmit
    until_stored full 4000
    dd if=/dev/zero of="$room/ballast" bs=64k 2>/dev/null
    for ((i = 0; i < 30 && $(grep -c " store-shed " "$TMPDIR/full.log") == 0; i++)); do
        transmit wide
    done
    said full " store-stuck " || fail "did not say that the disk is full"
    said full " store-shed " || fail "did not shed beyond the bound"
    rm "$room/ballast"
    mount -o remount,size=64m "$room"
    until_true 20 said full " store-well " || fail "did not resume"
    transmit
    until_true 15 all_told $((8000 + i * 20000)) || fail "$(ask_store full "select packets, drops from coverage")"
    end full
    [[ $(ask_store full "pragma integrity_check") == ok ]] || fail "the store is damaged"
    [[ $(ask_store full "select sum(packets) from run where state=1") == \
        $(ask_store full "select sum(packets) from coverage") ]] || fail "coverage tells of other packets than runs"
    umount "$room"
}
all_told() {
    [[ $(ask_store full "select sum(packets) + sum(drops) from coverage") == "$1" ]]
}

# A store that cannot be written any more is set aside, where it can be asked, and counting goes on.
damaged_store() {
    local page aside
    begin damaged "$release" observe --prefix "$prefix"
    transmit
    until_stored damaged 4000
    end damaged
    page=$(ask_store damaged "select rootpage from sqlite_master where name='run'")
    sqlite3 "$TMPDIR/damaged/teiten.db" "pragma wal_checkpoint(truncate)" >/dev/null
    head -c 200 /dev/zero | tr '\0' '\377' |
        dd of="$TMPDIR/damaged/teiten.db" bs=1 seek=$(((page - 1) * 16384)) conv=notrunc 2>/dev/null
    begin damaged "$release" observe --prefix "$prefix"
    transmit
    until_true 10 said damaged " store-damaged " || fail "a damaged store was not told"
    until_true 15 packets_are damaged 4000 || transmit
    end damaged
    (($(ask_store damaged "select sum(packets) from run where state=1") > 0)) || fail "nothing was counted anew"
    aside=$(echo "$TMPDIR"/damaged/damaged-*)
    [[ -f $aside/teiten.db ]] || fail "the damaged store is not where it should be"
    "$release" verify --state "$TMPDIR/damaged" >/dev/null || fail "the new store is not sound"
    "$release" status --state "$aside" >"$TMPDIR/aside" 2>&1 || grep -q damaged "$TMPDIR/aside" ||
        fail "the damaged store cannot be asked: $(<"$TMPDIR/aside")"
}

who_is_who
owner_of_the_folder
ordinary_user
deaths
killed_young
dying_workers
extra_interface
interface_goes
reloads
manager
status_tells
clock_steps
few_files
full_disk
damaged_store
echo "PASS"
