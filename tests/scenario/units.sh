#!/bin/bash
# The service's unit: nothing in it that systemd does not know, its exposure at most 2.4, and the program runs in
# it for real: under a systemd of its own, in namespaces of its own, it starts as its user with its one right,
# counts what comes, is started again when it is killed, and stops in order. Where systemd cannot be had so, the
# program runs with the unit's user and rights at least.
set -uo pipefail
# shellcheck source=tests/live/netns.sh
source "$TEITEN_SOURCE/tests/live/netns.sh"
release=$TEITEN_RELEASE
[[ -x $release ]] || release=$TEITEN
steady=$(dirname "$TEITEN")/steady
unit=$TEITEN_SOURCE/packaging/systemd/teiten.service
init=
group=

fail() {
    echo "FAIL: $*"
    tail -n 20 "$TMPDIR"/*.log 2>/dev/null
    [[ -z $init ]] || inside cat /run/teiten.log
    exit 1
}

# --- what systemd says of the file ------------------------------------------------------------------

# The program lies where the build put it.
analyze() {
    sed "s|/usr/bin/teiten|$release|" "$unit" >"$TMPDIR/teiten.service"
    systemd-analyze verify --man=no "$TMPDIR/teiten.service" >"$TMPDIR/verify" 2>&1 && [[ ! -s $TMPDIR/verify ]] ||
        fail "systemd-analyze verify: $(cat "$TMPDIR/verify")"
    systemd-analyze security --offline=true --threshold=24 --no-pager "$unit" >"$TMPDIR/security" 2>&1 ||
        fail "systemd-analyze security: $(cat "$TMPDIR/security")"
    tail -n 1 "$TMPDIR/security"
}

# --- the unit's user and rights, without systemd ----------------------------------------------------

# Others may run what is staged here, though the build be in a closed folder. The private programs lie beside
# teiten, as in a build, whatever prefix that was made for.
stage() {
    local folder=$TMPDIR/stage/usr
    mkdir -p "$folder"/{bin,lib/systemd/system,lib/sysusers.d}
    find "$(dirname "$release")" -maxdepth 1 \( -name teiten -o -name 'teiten-*' \) -type f -perm /111 \
        -exec cp {} "$folder/bin/" \;
    cp -r "$TEITEN_SOURCE/personas" "$folder/"
    cp "$unit" "$folder/lib/systemd/system/"
    cp "$TEITEN_SOURCE/packaging/sysusers.d/teiten.conf" "$folder/lib/sysusers.d/"
}

# Packets stored, in the store FILE
stored() {
    sqlite3 -readonly "$1" "select ifnull(sum(packets), 0) from run where state=1" 2>/dev/null
}

# until_true SECONDS COMMAND...
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.05
    done
}

has_stored() {
    [[ $(stored "$1") == "$2" ]]
}

observes() {
    grep -q " started " "$1" 2>/dev/null
}

# Frames sent in a second
transmit() {
    netns_in SENDER "$steady" sender0 "$TMPDIR/truth" --seconds 1 --rate 1000 || fail "nothing was sent"
    awk 'END { print $4 }' "$TMPDIR/truth"
}

as_user() {
    local state=$TMPDIR/state log=$TMPDIR/user.log bin=$TMPDIR/stage/usr/bin sent observer
    install -d -o 61234 -g 61234 -m 700 "$state"
    netns_start SENSOR setpriv --reuid 61234 --regid 61234 --clear-groups --no-new-privs \
        --inh-caps -all,+net_raw --ambient-caps -all,+net_raw --bounding-set -all,+net_raw \
        env -i TEITEN_STATE="$state" "$bin/teiten" observe --interface sensor0 --prefix 203.0.113.0/24 2>"$log"
    observer=$netns_pid
    until_true 10 observes "$log" || fail "does not observe as an ordinary user with CAP_NET_RAW"
    sent=$(transmit)
    until_true 10 has_stored "$state/teiten.db" "$sent" || fail "$(stored "$state/teiten.db") of $sent packets stored"
    netns_stop "$observer" || fail "ended with $?"
}

# --- under systemd ----------------------------------------------------------------------------------

inside() {
    nsenter --target "$init" --mount --pid --net --cgroup --ipc --uts "$@"
}

find_hierarchy() {
    awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts
}

stop_systemd() {
    [[ -z $init ]] || kill -KILL "$init" 2>/dev/null
    netns_down
    [[ -z $group ]] || until_true 5 find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
}

is_up() {
    [[ -n $init ]] && inside systemctl is-active basic.target >/dev/null 2>&1
}

find_init() {
    init=$(pgrep -P "$1" -x systemd) && is_up
}

# Why not, where a systemd of our own cannot be
begin_systemd() {
    local top
    top=$(find_hierarchy)
    if [[ -z $top ]] || ! mkdir "$top/teiten-units-$$" 2>/dev/null; then
        echo "needs cgroup v2"
        return 1
    fi
    group=$top/teiten-units-$$
    (
        echo "$BASHPID" >"$group/cgroup.procs"
        exec ip netns exec "$netns_sensor" unshare --mount --pid --fork --kill-child --cgroup --uts --ipc \
            bash "$TEITEN_SOURCE/tests/live/service.sh" "$TMPDIR/stage"
    ) >"$TMPDIR/systemd.log" 2>&1 &
    until_true 10 find_init $! || {
        init=
        echo "systemd does not start in namespaces: $(tail -n 3 "$TMPDIR/systemd.log")"
        return 1
    }
}

property() {
    inside systemctl show teiten --property "$1" --value
}

is_active() {
    [[ $(property ActiveState) == active ]]
}

has_stored_inside() {
    [[ $(inside sqlite3 -readonly /var/lib/teiten/teiten.db "select ifnull(sum(packets), 0) from run where state=1" \
        2>/dev/null) == "$1" ]]
}

main_is_not() {
    [[ $(property MainPID) != 0 && $(property MainPID) != "$1" ]] && is_active
}

observes_again() {
    (($(inside grep -c "^[^ ]* info started " /run/teiten.log) >= $1))
}

# Every process of the service: the unit's user, no right but that one, nothing to be gained, filtered
check_rights() {
    local pid n=0
    for pid in $(inside pgrep -x 'teiten.*'); do
        # shellcheck disable=SC2016 # awk's own
        inside awk -v uid="$(inside id -u teiten)" '
            /^Uid:/ { good += $2 == uid && $3 == uid && $4 == uid }
            /^CapEff:/ { good += $2 == "0000000000002400" || $2 == "0000000000000000" }
            /^CapBnd:/ { good += $2 == "0000008000002400" || $2 == "0000000000002400" || $2 == "0000000000000000" }
            /^NoNewPrivs:/ { good += $2 == 1 }
            /^Seccomp:/ { good += $2 == 2 }
            END { exit good != 5 }' "/proc/$pid/status" ||
            fail "rights of a process: $(inside cat "/proc/$pid/status")"
        n=$((n + 1))
    done
    ((n >= 2)) || fail "$n processes in the service"
}

under_systemd() {
    local sent first again
    inside systemctl start teiten || fail "the service does not start"
    until_true 10 is_active || fail "the service is $(property ActiveState)"
    until_true 10 observes_again 1 || fail "the service does not observe"
    check_rights
    sent=$(transmit)
    until_true 10 has_stored_inside "$sent" || fail "not all of $sent packets were stored"
    first=$(property MainPID)
    inside kill -KILL "$first"
    until_true 10 main_is_not "$first" || fail "it is not started again"
    until_true 10 observes_again 2 || fail "it does not observe again"
    again=$(transmit)
    until_true 10 has_stored_inside $((sent + again)) || fail "not all of $again packets more were stored"
    if [[ $tells ]]; then
        reload_and_watch
    fi
    inside systemctl stop teiten || fail "it does not stop"
    [[ $(property Result) == success ]] || fail "it stopped with $(property Result)"
}

# SIGHUP is taken; a supervisor that hangs is found out, and started anew.
reload_and_watch() {
    local main
    main=$(property MainPID)
    inside systemctl reload teiten || fail "it does not reload"
    sleep 1
    [[ $(property MainPID) == "$main" ]] && is_active || fail "it did not survive a reload"
    inside kill -STOP "$main"
    until_true 20 main_is_not "$main" || fail "the watchdog does not find that it hangs"
}

for word in systemd-analyze setpriv sqlite3 "$steady"; do
    if ! command -v "$word" >/dev/null; then
        echo "SKIP: needs $word"
        exit 77
    fi
done
analyze
if ! why=$(netns_can); then
    echo "skipped: running it: $why"
    echo "PASS"
    exit 0
fi
trap stop_systemd EXIT
netns_up 1500 || fail "no namespaces"
stage
as_user
tells=
if grep -q NOTIFY_SOCKET "$release"; then
    tells=1
    export DROP_IN='WatchdogSec=3'
else
    echo "skipped: readiness, watchdog and reload: this program does not speak to the service manager"
    export DROP_IN='Type=exec\nWatchdogSec=0'
fi
begin_systemd >"$TMPDIR/why"
if [[ -n $init ]]; then
    under_systemd
else
    echo "skipped: under systemd: $(tr '\n' ' ' <"$TMPDIR/why")"
fi
echo "PASS"
