#!/bin/bash
# The Telnet trap in the real program with real clients, in a network namespace of its own: who is let in, what is kept,
# what outlives a worker, what a crowd costs.
set -uo pipefail
# shellcheck source=tests/live/scenario.sh
source "$TEITEN_SOURCE/tests/live/scenario.sh"
visit=$TEITEN_SOURCE/tests/trap/visit.py

needs telnet busybox nc expect python3 sqlite3 pgrep

# begin NAME PROGRAM SECTION.KEY=VALUE...: observes into $TMPDIR/NAME, with a device whose prompts visit.py knows
begin() {
    local name=$1 program=$2 set=(--set trap.persona=hi3520-recorder) one
    shift 2
    for one in "$@"; do
        set+=(--set "$one")
    done
    : >"$TMPDIR/$name.log"
    netns_start SENSOR "$program" observe --interface sensor0 --state "$TMPDIR/$name" "${set[@]}" 2>>"$TMPDIR/$name.log"
    observer=$netns_pid
    until_true 20 said "$name" " started " || fail "$name does not begin"
    until_true 20 has_workers || fail "no workers of $name"
}

has_workers() {
    [[ $(workers | wc -l) -ge 1 ]]
}

workers() {
    pgrep -P "$observer" -f '^teiten-trap$'
}

end() {
    netns_stop "$observer" || fail "$1 ended with $?"
    said "$1" " stopped " || fail "$1 did not say that it stopped"
}

visit() {
    netns_in SENSOR python3 "$visit" "$@"
}

number() { # NAME SQL
    sqlite3 -readonly "$TMPDIR/$1/teiten.db" "$2"
}

# ---- clients as people and programs have them ----

# What one keeps of a session is what its client showed.
clients() {
    local id tail follow
    begin clients "$TEITEN" trap.telnet=127.0.0.1:2323,[::1]:2323 trap.login=any
    "$TEITEN" tail --json --state "$TMPDIR/clients" >"$TMPDIR/tail.json" &
    tail=$!
    "$TEITEN" export cowrie --follow --state "$TMPDIR/clients" >"$TMPDIR/follow.json" &
    follow=$!
    netns_in SENSOR expect -f - >"$TMPDIR/telnet.out" <<'END' || fail "telnet: $(<"$TMPDIR/telnet.out")"
set timeout 20
spawn telnet 127.0.0.1 2323
expect "login: " { send "root\r" } timeout { exit 2 }
expect "assword: " { send "xc3511\r" } timeout { exit 2 }
expect "\\]\$ " { send "uname -m; echo \$((7*9))\r" } timeout { exit 2 }
expect -re "armv.*63\r\n.*\\$ " { send "exit\r" } timeout { exit 3 }
expect eof { exit 0 } timeout { exit 4 }
END
    netns_in SENSOR expect -f - >"$TMPDIR/busybox.out" <<'END' || fail "busybox telnet: $(<"$TMPDIR/busybox.out")"
set timeout 20
spawn busybox telnet ::1 2323
expect "login: " { send "admin\r" } timeout { exit 2 }
expect "assword: " { send "admin\r" } timeout { exit 2 }
expect "\\]\$ " { send "/bin/busybox ECCHI\r" } timeout { exit 2 }
expect "ECCHI: applet not found" { send "\004" } timeout { exit 3 }
expect eof { exit 0 } timeout { exit 4 }
END
    { sleep 1; printf 'root\n'; sleep 1; printf 'root\n'; sleep 1; printf 'cat /proc/mounts\nexit\n'; sleep 1; } |
        netns_in SENSOR nc 127.0.0.1 2323 >"$TMPDIR/nc.out"
    grep -aq "rootfs / " "$TMPDIR/nc.out" || fail "nc: $(<"$TMPDIR/nc.out")"
    end clients
    until_true 10 eval '(($(grep -c "cowrie.session.closed" "$TMPDIR/follow.json") == 3))' || fail "Cowrie's lines do not come"
    until_true 10 eval '(($(grep -c "\"type\":\"close\"" "$TMPDIR/tail.json") == 3))' || fail "events do not come: $(<"$TMPDIR/tail.json")"
    kill "$tail" "$follow"
    wait "$tail" && wait "$follow" || fail "tail or export --follow does not end in order"
    "$release" export cowrie --state "$TMPDIR/clients" | sort >"$TMPDIR/cowrie.json"
    sort "$TMPDIR/follow.json" | cmp -s - "$TMPDIR/cowrie.json" || fail "what was followed is not what is kept"
    (($(wc -l <"$TMPDIR/tail.json") == $(number clients "select sum(events) from session"))) || fail "tail left out events"
    holds clients "len(d) == 3 and all(s['logged_in'] and s['end'] and s['persona'] == 'hi3520-recorder' for s in d)" sessions ||
        fail "$("$release" sessions --state "$TMPDIR/clients")"
    holds clients "d[0]['name'] == 'ECCHI'" top unknown-commands || fail "unknown commands are not told"
    holds clients "sorted(r['name'] for r in d) == ['admin/admin', 'root/root', 'root/xc3511']" top credentials ||
        fail "credentials are not told"
    holds clients "d[0]['name'] == 'hi3520-recorder'" top personas || fail "personas are not told"
    id=$(number clients "select printf('%016x', min(id)) from session")
    holds clients "[e['command'] for e in d['events'] if e['type'] == 'command'] == ['uname -m; echo \$((7*9))', 'exit']" \
        session "$id" || fail "$("$release" session "$id" --state "$TMPDIR/clients")"
    "$release" replay "$id" --speed 1000 --state "$TMPDIR/clients" >"$TMPDIR/replay" || fail "no replay"
    grep -q "armv" "$TMPDIR/replay" || fail "the replay does not show what was said"
    "$release" verify --state "$TMPDIR/clients" >/dev/null || fail "verify finds fault with sessions"
}

# ---- one host finds the pair, another uses it ----

# worker_of NAME SOURCE: which worker its last session met
worker_of() {
    number "$1" "select id % 8 from session where source = x'$(printf '%02x' ${2//./ })' order by id desc limit 1"
}

two_steps() {
    local i first other=
    local pairs=(a:1 b:2 c:3 d:4) settings=(trap.telnet=127.0.0.1:2323 trap.workers=2 trap.login=after:3)
    begin steps "$release" "${settings[@]}"
    [[ $(visit try 127.0.0.2 127.0.0.1 2323 "${pairs[@]}") == "in 3" ]] || fail "A does not get in at its third try"
    [[ $(visit try 127.0.0.2 127.0.0.1 2323 a:1 c:3) == "in 2" ]] || fail "what was refused is accepted, or the other way"
    # A source of another network, that meets the other worker
    for ((i = 3; i < 40; i++)); do
        visit try "127.0.$i.2" 127.0.0.1 2323 b:2 >/dev/null
        until_true 5 eval '[[ $(worker_of steps "127.0.$i.2") ]]' || fail "a session is not stored"
        first=$(worker_of steps 127.0.0.2)
        if [[ $(worker_of steps "127.0.$i.2") != "$first" ]]; then
            other=127.0.$i.2
            break
        fi
    done
    [[ $other ]] || fail "all sources meet one worker"
    [[ $(visit try "$other" 127.0.0.1 2323 c:3) == "in 1" ]] || fail "the other worker does not know the pair"
    [[ $(visit try "$other" 127.0.0.1 2323 b:2) == out ]] || fail "the other worker accepts what was refused"
    kill -KILL $(workers)
    [[ $(visit try "$other" 127.0.0.1 2323 c:3) == "in 1" ]] || fail "a new life of the workers does not know the pair"
    end steps
    begin steps "$release" "${settings[@]}"
    [[ $(visit try 127.0.0.77 127.0.0.1 2323 c:3) == "in 1" ]] || fail "B does not get in at its first try after a restart"
    [[ $(visit try 127.0.0.78 127.0.0.1 2323 a:1) == out ]] || fail "what was refused is accepted after a restart"
    end steps
}

# ---- who is there when a worker dies ----

killed() {
    local pid
    begin killed "$release" trap.telnet=127.0.0.1:2323 trap.workers=2 trap.login=any
    coproc HOLD { visit hold 60 127.0.0.1 2323; }
    pid=$HOLD_PID
    read -r -t 30 -u "${HOLD[0]}" held && [[ $held == "held 60" ]] || fail "not held: ${held-}"
    kill -KILL $(workers | head -1)
    [[ $(visit race 40 127.0.0.1 2323 root:root) == "answered 40" ]] || fail "who came while a worker was dead was lost"
    exec {HOLD[1]}>&-
    read -r -t 30 -u "${HOLD[0]}" left
    wait "$pid"
    [[ $left == "left "* ]] && ((${left#left } > 5 && ${left#left } < 55)) || fail "one worker's visitors, and no other's: $left"
    said killed " trap-died " || fail "a death is not said"
    end killed
    holds killed "len([s for s in d if s['end'] is None]) == 0 and len(d) == 100" sessions --limit 0 || fail "sessions are left open"
    (($(number killed "select count(*) from session_event where type=11 and instr(blob, 'lost')") > 5)) ||
        fail "lost sessions are not told"
}

# ---- more than there is room for ----

# processor time of the workers in hundredths
used() {
    local pid sum=0
    for pid in $(workers); do
        sum=$((sum + $(awk '{ print $14 + $15 }' "/proc/$pid/stat")))
    done
    echo "$sum"
}

crowd() {
    local before
    begin crowd "$release" trap.telnet=127.0.0.1:2323 trap.workers=1 trap.login=any trap.sessions=500
    coproc HOLD { visit hold 1500 127.0.0.1 2323; }
    read -r -t 60 -u "${HOLD[0]}" held && [[ $held == "held 1500" ]] || fail "a crowd is not let in: ${held-}"
    before=$(used)
    sleep 2
    (($(used) - before < 50)) || fail "silent visitors cost $(($(used) - before)) hundredths of processor time in 2 s"
    [[ $(visit race 20 127.0.0.1 2323 root:root) == "answered 20" ]] || fail "nobody new is let in"
    exec {HOLD[1]}>&-
    wait "$HOLD_PID"
    end crowd
    said crowd " trap sessions=1520 .*shed=10[0-9][0-9] " || fail "shed is not counted: $(grep ' trap ' "$TMPDIR/crowd.log")"
}

# Fewer descriptors than visitors, where the keeper may not raise what there is.
no_files() {
    local before
    : >"$TMPDIR/files.log"
    netns_start SENSOR bash -c 'ulimit -n 80; exec "$@"' bash "$release" observe --interface sensor0 --state "$TMPDIR/files" \
        --set trap.telnet=127.0.0.1:2323 --set trap.workers=1 --set trap.login=any \
        --set trap.persona=hi3520-recorder 2>>"$TMPDIR/files.log"
    observer=$netns_pid
    until_true 20 said files " started " || fail "files does not begin"
    if ! said files " open-files most=80 "; then
        echo "skipped: no_files, the keeper may raise limits here"
        end files
        return
    fi
    coproc HOLD { visit hold 200 127.0.0.1 2323; }
    read -r -t 60 -u "${HOLD[0]}" held && [[ $held == "held 200" ]] || fail "not held: ${held-}"
    [[ $(visit race 20 127.0.0.1 2323 root:root) == "answered 20" ]] || fail "nobody new is let in"
    before=$(used)
    sleep 2
    (($(used) - before < 50)) || fail "it spins where descriptors have run out: $(($(used) - before)) hundredths in 2 s"
    exec {HOLD[1]}>&-
    wait "$HOLD_PID"
    end files
}

# ---- a store that is away ----

away() {
    begin away "$release" trap.telnet=127.0.0.1:2323 trap.workers=2 trap.login=any
    visit run 127.0.0.2 127.0.0.1 2323 root:root 'echo before' >/dev/null || fail "not let in"
    python3 - "$TMPDIR/away/teiten.db" <<'END' &
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("begin immediate")
time.sleep(12)
db.execute("rollback")
END
    sleep 0.5
    [[ $(visit race 100 127.0.0.1 2323 root:root) == "answered 100" ]] || fail "a store that is away is felt at the trap"
    wait $!
    until_true 20 holds away "len(d) == 101 and all(s['commands'] for s in d)" sessions --limit 0 ||
        fail "$("$release" sessions --limit 0 --state "$TMPDIR/away" | wc -l) lines of sessions"
    end away
}

# A full disk: what was told waits, and is stored once there is room.
full_disk() {
    local room=$TMPDIR/full
    mkdir "$room"
    mount -t tmpfs -o size=4m,mode=755 tmpfs "$room" || { echo "skipped: full_disk, no tmpfs" && return; }
    begin full "$release" trap.telnet=127.0.0.1:2323 trap.workers=2 trap.login=any
    visit run 127.0.0.2 127.0.0.1 2323 root:root 'echo before' >/dev/null || fail "not let in"
    dd if=/dev/zero of="$room/ballast" bs=64k 2>/dev/null
    [[ $(visit race 150 127.0.0.1 2323 root:root) == "answered 150" ]] || fail "a full disk is felt at the trap"
    until_true 20 said full " store-stuck " || fail "did not say that the disk is full"
    rm "$room/ballast"
    mount -o remount,size=64m "$room"
    until_true 30 holds full "len(d) == 151 and all(s['commands'] for s in d)" sessions --limit 0 ||
        fail "$("$release" sessions --limit 0 --state "$room" | wc -l) lines of sessions"
    end full
    "$release" verify --state "$room" >/dev/null || fail "verify finds fault after a full disk"
    umount "$room"
}

# ---- those who never come in ----

# Connections begun from thousands of sources and never finished: each is answered twice at most, and who comes is let in.
half_open() {
    local before answers
    begin half "$release" trap.telnet=0.0.0.0:23 trap.workers=2 trap.login=any
    before=$(used)
    answers=$(netns_in SENDER python3 "$TEITEN_SOURCE/tests/trap/half-open.py" sender0 198.51.100.1 23 4000 8)
    ((answers >= 1000 && answers <= 8000)) || fail "4000 half-open connections had $answers answers"
    [[ $(netns_in SENDER python3 "$visit" try - 198.51.100.1 23 root:root) == "in 1" ]] || fail "nobody is let in behind a flood"
    (($(used) - before < 100)) || fail "what never came in cost $(($(used) - before)) hundredths of processor time"
    end half
    holds half "len(d) == 1" sessions --limit 0 || fail "half-open connections are told as sessions"
}

# ---- a new configuration ----

# listener PORT: another program that listens there; its process
listener() {
    rm -f "$TMPDIR/listener"
    netns_start SENSOR python3 -c '
import socket, sys, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen()
open(sys.argv[2], "w").close(); time.sleep(60)' "$1" "$TMPDIR/listener"
    until_true 10 test -e "$TMPDIR/listener" || fail "no listener"
    other=$netns_pid
}

reload() {
    mkdir "$TMPDIR/conf"
    printf '[trap]\npersona=hi3520-recorder\ntelnet=127.0.0.1:2323\nlogin=any\n' >"$TMPDIR/conf/teiten.conf"
    chmod 755 "$TMPDIR/conf"
    : >"$TMPDIR/reload.log"
    netns_start SENSOR "$release" observe --interface sensor0 --state "$TMPDIR/reload" --config "$TMPDIR/conf/teiten.conf" \
        2>>"$TMPDIR/reload.log"
    observer=$netns_pid
    until_true 20 said reload " started " || fail "reload does not begin"
    [[ $(visit try 127.0.0.2 127.0.0.1 2323 a:b) == "in 1" ]] || fail "not let in"
    printf '[trap]\npersona=hi3520-recorder\ntelnet=127.0.0.1:2323 127.0.0.1:2424\nlogin=never\n' >"$TMPDIR/conf/teiten.conf"
    kill -HUP "$observer"
    until_true 20 said reload " reloaded " || fail "the new configuration is not followed"
    [[ $(visit try 127.0.0.2 127.0.0.1 2424 x:y) == out ]] || fail "nobody answers at the new place"
    # What another has cannot be had, and all goes on.
    listener 2525
    printf '[trap]\ntelnet=127.0.0.1:2525\n' >"$TMPDIR/conf/teiten.conf"
    kill -HUP "$observer"
    until_true 20 said reload " reload-refused " || fail "a place that is taken is not refused"
    [[ $(visit try 127.0.0.2 127.0.0.1 2424 x:y) == out ]] || fail "the old configuration is not followed any more"
    netns_stop "$other"
    # What listens stays: who is let in may change without a keeper.
    kill -KILL "$(pgrep -P "$observer" -f '^teiten-keeper$')"
    until_true 10 said reload " keeper-died " || fail "a keeper's death is not said"
    printf '[trap]\npersona=hi3520-recorder\ntelnet=127.0.0.1:2323 127.0.0.1:2424\nlogin=any\n' >"$TMPDIR/conf/teiten.conf"
    kill -HUP "$observer"
    until_true 20 eval '(($(grep -c " reloaded " "$TMPDIR/reload.log") == 2))' || fail "not followed without a keeper"
    [[ $(visit try 127.0.0.3 127.0.0.1 2424 q:r) == "in 1" ]] || fail "nobody is let in after a reload without a keeper"
    printf '[trap]\ntelnet=127.0.0.1:2626\n' >"$TMPDIR/conf/teiten.conf"
    kill -HUP "$observer"
    until_true 20 eval '(($(grep -c " reload-refused " "$TMPDIR/reload.log") == 2))' || fail "a new place without a keeper"
    [[ $(visit try 127.0.0.4 127.0.0.1 2323 q:r) == "in 1" ]] || fail "the old places are gone"
    end reload
}

# ---- where the trap cannot be had ----

taken() {
    listener 2323
    netns_in SENSOR "$release" observe --interface sensor0 --state "$TMPDIR/taken" --set trap.telnet=127.0.0.1:2323 \
        2>"$TMPDIR/taken.err" && fail "it begins where another listens"
    grep -q "127.0.0.1:2323.*trap.telnet" "$TMPDIR/taken.err" || fail "$(<"$TMPDIR/taken.err")"
    netns_stop "$other"
    netns_in SENSOR "$release" observe --interface sensor0 --state "$TMPDIR/taken" --set trap.persona=toaster \
        2>"$TMPDIR/taken.err" && fail "it begins as a device that there is not"
    grep -q "toaster: there is no such persona" "$TMPDIR/taken.err" || fail "$(<"$TMPDIR/taken.err")"
}

# ONLY: some of them
netns_up || fail "no namespaces"
for what in ${ONLY:-clients two_steps killed crowd no_files away full_disk half_open reload taken}; do
    "$what"
done
echo PASS
