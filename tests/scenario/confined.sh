#!/bin/bash
# The release programs are held in: what each must not do ends it, what it must do works, as root and as an
# ordinary user, below a confined supervisor and without; the layers below seccomp hold by themselves; programs
# are linked with what tests/needed.txt says.
set -uo pipefail
release=$(dirname "$TEITEN_RELEASE")
bin=$TMPDIR/bin
bad=0

fail() {
    echo "FAIL: $*"
    bad=1
}

# ---- libraries ----

needed() {
    readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | LC_ALL=C sort | paste -sd' '
}
checked=0
while IFS=: read -r program libraries; do
    [[ $program != \#* && $program ]] || continue
    checked=$((checked + 1))
    found=$(needed "$release/$program")
    [[ " $found" == "$libraries" ]] || fail "$program needs '$found', not '${libraries# }'"
done <"$TEITEN_SOURCE/tests/needed.txt"
((checked > 1)) || fail "tests/needed.txt names $checked programs"
for program in sense trap triage; do
    [[ $(needed "$release/teiten-$program-probe") == "$(needed "$release/teiten-$program")" ]] ||
        fail "teiten-$program-probe is linked otherwise than teiten-$program"
done

# ---- attempts ----

mkdir -m 755 "$bin"
mkdir -m 1777 "$TMPDIR/place"
cp "$release"/{teiten,teiten-keeper,teiten-sense,teiten-probe,teiten-keeper-probe,teiten-sense-probe} "$bin" &&
    cp "$release"/{teiten-sense-bare,teiten-trap-probe,confine-probe} "$bin" || exit 1
mkdir "$TMPDIR/place/personas" && cp -r "$TEITEN_SOURCE/personas/sh7751-storage" "$TMPDIR/place/personas" || exit 1
chmod -R a+rX "$TMPDIR/place/personas"
chmod 755 "$bin"/*
cd "$TMPDIR/place" || exit 1
ordinary=()
((EUID != 0)) || ordinary=(setpriv --reuid 65534 --regid 65534 --clear-groups)

# Does not end it. All others must.
declare -A may=(
    [sense]="nothing memory log send-channel read-input get-flags set-flags-channel
        poll input-name close-input close-channel-wide close-route close-other"
    [trap]="nothing memory log send-channel set-flags-channel accept-input shutdown-input send-visitor receive
        send-datagram receive-datagrams lost-datagrams
        input-name poll close-input close-channel-wide epoll-control epoll-wait close-route close-other"
    [keeper]="nothing memory log send-channel send-out-of-band receive ring-counters close-input hand-over bind listen interface set-option other-option own-limit prlimit-other
        raise-limit socket-inet socket-inet6 socket-packet lost-datagrams send-datagram-channel close-route close-other"
    [claimer]="nothing memory log send-channel send-out-of-band receive ring-counters close-input hand-over bind listen interface set-option other-option own-limit prlimit-other
        raise-limit socket-inet socket-inet6 socket-packet lost-datagrams send-datagram-channel input-name bpf-update write-route close-other"
    [triage]="nothing memory log send-channel close-input close-channel-wide close-route close-other"
    # Its sockets are the host's; it narrows itself down once it knows where to.
    [dial]="nothing memory log send-channel send-input send-message-input send-out-of-band send-visitor send-visitor-elsewhere
        send-elsewhere receive receive-from receive-message get-flags set-flags-channel set-flags-log poll bind connect tcp
        socket-inet socket-inet6 set-option input-name seccomp open open-proc open-here write-file files list-root
        close-input close-channel-wide close-route close-other"
    [fetch]="nothing memory log send-channel send-input send-out-of-band send-visitor write-input read-input receive get-flags
        set-flags-channel set-flags-log poll connect shutdown-input shutdown-channel set-option other-option lost-datagrams
        ring-counters socketpair event-descriptor input-name open open-proc open-here write-file files list-root stat
        write-route write-other close-input close-channel-wide close-route close-other"
    [supervisor]="nothing memory log send-channel send-elsewhere send-out-of-band receive-message read-input
        read-terminal write-input send-input send-message-input seek get-flags set-flags-channel set-flags-log
        ring-counters receive poll outlive-parent input-name close-input close-channel-wide hand-over own-limit raise-limit files open open-proc open-here list-root write-file
        stat socket-unix socketpair set-option other-option dup dup3 fcntl-dup execve execveat fork old-fork vfork
        clone3 signal-parent kill tgkill dumpable unshare chroot escape setuid become-root setgroups seccomp
        capabilities more-capabilities bounds accept accept-input shutdown-input shutdown-channel send-visitor
        send-visitor-elsewhere receive-from epoll epoll-control epoll-wait send-datagram send-datagram-channel
        receive-datagrams receive-datagrams-late receive-datagrams-channel lost-datagrams
        close-route close-other write-route write-other connect event-descriptor"
)

# outcome USER... : WORDS of confine-probe
outcome() {
    timeout 60 "$@" 2>&1
}

# try_all USER WHAT WORDS...: every attempt as WORDS, against the list of WHAT
try_all() {
    local user=$1 what=$2 name got tries=0
    shift 2
    local run=("$bin/confine-probe" "$@")
    [[ $user == root ]] || run=("${ordinary[@]}" "${run[@]}")
    while read -r name; do
        got=$(outcome "${run[@]}" "$name")
        tries=$((tries + 1))
        if [[ " $(echo ${may[$what]}) " == *" $name "* ]]; then
            [[ $got == "confined $all: works" || $got == "confined $all: errno "* ]] ||
                fail "$* as $user: $name: $got, though it may"
        else
            [[ $got == "confined $all: signal 31" ]] || fail "$* as $user: $name: $got"
        fi
    done < <("$bin/confine-probe" list)
    ((tries > 100)) || fail "$* as $user: only $tries attempts"
}

# is USER OUTCOME NAME WORDS...: one attempt's exact outcome, of words separated by |
is() {
    local user=$1 expected=$2 name=$3 got
    shift 3
    local run=("$bin/confine-probe" "$@" "$name")
    [[ $user == root ]] || run=("${ordinary[@]}" "${run[@]}")
    got=$(outcome "${run[@]}")
    [[ "|$expected|" == *"|${got#confined $all: }|"* ]] || fail "$* as $user: $name: $got, not $expected"
}

# What this machine has: all (63), or less, but seccomp always.
all=$("${ordinary[@]}" "$bin/confine-probe" sense nothing | sed -n 's/^confined \([0-9]*\): works$/\1/p')
if [[ ! $all ]] || ! ((all & 32)); then
    fail "teiten-sense-probe does not enter: $("${ordinary[@]}" "$bin/confine-probe" sense nothing 2>&1)"
    exit 1
fi
if ((all != 63)); then
    echo "skipped: the layers below seccomp, for this machine confines to $all, not 63"
    exit "$bad"
fi

users=(ordinary)
((EUID != 0)) || users=(root ordinary)
for user in "${users[@]}"; do
    try_all "$user" sense sense
    try_all "$user" keeper keeper
    try_all "$user" claimer claimer
    try_all "$user" supervisor supervisor
    try_all "$user" triage triage
    try_all "$user" dial dial
    try_all "$user" fetch fetch
    try_all "$user" sense inside sense
    try_all "$user" trap trap
    try_all "$user" trap inside trap

    for name in nothing memory log send-channel read-input get-flags set-flags-channel close-input; do
        is "$user" works "$name" sense
    done
    for name in nothing memory log send-channel set-flags-channel; do
        is "$user" works "$name" trap
    done
    for name in listen interface hand-over send-channel set-option socket-inet socket-inet6; do
        is "$user" works "$name" keeper
    done
    for name in files open-here socket-unix socketpair fork vfork hand-over send-channel own-limit; do
        is "$user" works "$name" supervisor
    done
    # Libraries of theirs try files, which are not there for them; and a fetch connects nothing, whatever it is told.
    for name in open open-proc open-here write-file files list-root; do
        is "$user" "errno 13" "$name" dial
        is "$user" "errno 13" "$name" fetch
    done
    is "$user" "errno 115" connect fetch
    is "$user" "errno 115" connect supervisor
    # Outside of its paths: Landlock, EACCES
    for name in open write-file list-root execve execveat; do
        is "$user" "errno 13" "$name" supervisor
    done
    for name in signal-parent kill capabilities more-capabilities raise-limit chroot; do
        is "$user" "errno 1" "$name" supervisor
    done

    # seccomp left out: nothing is there (ESRCH or ENOENT), nothing may be had (EPERM, EAGAIN)
    for inside in "" inside; do
        for name in open open-proc open-here write-file stat execve list-root escape files; do
            is "$user" "errno 2|errno 3|errno 13" "$name" $inside bare
        done
        for name in signal-parent kill unshare setgroups capabilities more-capabilities bounds raise-limit; do
            is "$user" "errno 1" "$name" $inside bare
        done
        # Of a root that has given up its capabilities the kernel does not count the processes.
        is "$user" "errno 11$([[ $user$inside != rootinside ]] || echo "|works")" fork $inside bare
        is "$user" "errno 1|errno 22" become-root $inside bare
    done
    is "$user" "errno 101" network bare
    is "$user" "errno 13|errno 101" tcp bare
    is "$user" "errno 1" socket-packet bare
    is "$user" "errno 1" mount bare
done
((EUID != 0)) || is root works socket-packet keeper

# ---- the shell, started as `teiten shell` starts it: it has standard input, output and error, and nothing else ----

cp "$release"/teiten-shell{,-probe} "$bin" && cp -r "$TEITEN_SOURCE/personas/generic" "$TMPDIR/place/machine" || exit 1
[[ $(needed "$release/teiten-shell-probe") == "$(needed "$release/teiten-shell")" ]] ||
    fail "teiten-shell-probe is linked otherwise than teiten-shell"
chmod -R a+rX "$TMPDIR/place/machine"
tries=0
while read -r name; do
    case $name in nothing | memory | log | poll | read-terminal) wants=0 ;; *) wants=159 ;; esac
    for user in "${users[@]}"; do
        run=("$bin/teiten-shell-probe" "$TMPDIR/place/machine")
        [[ $user == root ]] || run=("${ordinary[@]}" "${run[@]}")
        TEITEN_PROBE=$name outcome "${run[@]}" </dev/null >"$TMPDIR/out"
        got=$?
        [[ $wants == 159 && $got == 159 || $wants == 0 && $got != 159 ]] ||
            fail "teiten-shell as $user: $name: exit $got: $(head -c 300 "$TMPDIR/out")"
        tries=$((tries + 1))
    done
done < <("$bin/confine-probe" list)
((tries > 100)) || fail "teiten-shell: only $tries attempts"

# ---- keeper and supervisor themselves, started as they are, with the hook of their siblings ----

# real WHAT NAME: how it ends
real() {
    if [[ $1 == keeper ]]; then
        outcome "$bin/confine-probe" real-keeper "$2" | sed 's/^confined -: //'
        return
    fi
    rm -rf "$TMPDIR/place/probe"
    TEITEN_PROBE=$2 outcome "$bin/teiten-probe" observe --interface lo --prefix 127.0.0.0/8 --set trap.telnet=0.0.0.0:0 \
        --set trap.http=0.0.0.0:0 --set trap.netis=0.0.0.0:0 \
        --state "$TMPDIR/place/probe" >"$TMPDIR/real"
    local code=$?
    case $code in
    0) echo works ;;
    159) echo signal 31 ;;
    *) echo "errno $code" ;;
    esac
}
for what in keeper supervisor; do
    got=$(real "$what" nothing)
    [[ $got == works ]] || fail "a real $what does not come to the hook: $got: $(cat "$TMPDIR/real" 2>/dev/null)"
done
for name in open connect execve fork clone vfork socket-unix socket-netlink ptrace mmap-exec bpf io-uring kill mount x32 ia32; do
    got=$(real keeper "$name")
    [[ $got == "signal 31" ]] || fail "a real keeper: $name: $got"
done
[[ $(real supervisor connect) == "errno 115" ]] || fail "a real supervisor connects"
for name in bind socket-inet socket-packet socket-netlink ptrace mmap-exec bpf io-uring mount setns x32 ia32; do
    got=$(real supervisor "$name")
    [[ $got == "signal 31" ]] || fail "a real supervisor: $name: $got"
done
for name in open write-file; do
    got=$(real supervisor "$name")
    [[ $got == "errno 13" ]] || fail "a real supervisor: $name: $got"
done

# ---- where user namespaces are refused, seccomp and Landlock hold all the same, and it is told ----

if got=$("${ordinary[@]}" unshare --user --map-root-user bash -c '
    echo 0 >/proc/sys/user/max_user_namespaces &&
        exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"' bash \
    "$bin/confine-probe" sense open 2>"$TMPDIR/err"); then
    [[ $got == "confined 57: signal 31" ]] || fail "without user namespaces: $got"
else
    fail "a user namespace without others in it: $(cat "$TMPDIR/err")"
fi

# ---- what sense is for still works: formats, packers, filters, and inputs that were made to break it ----

pcaps=("$TEITEN_SOURCE"/tests/pcaps/*.pcap)
mkdir "$TMPDIR/place/in"
cp "${pcaps[@]}" "$TMPDIR/place/in/"
gzip -qk "$TMPDIR"/place/in/*.pcap
zstd -q "$TMPDIR"/place/in/*.pcap
chmod -R a+rX "$TMPDIR/place/in"
# counts USER WORDS...: ingests again; warnings of odd times are no trouble
counts() {
    local user=$1 run=("$bin/teiten")
    shift
    [[ $user == root ]] || run=("${ordinary[@]}" "$bin/teiten")
    "${run[@]}" ingest --state "$TMPDIR/place/$user" --again "$@" >"$TMPDIR/out" 2>"$TMPDIR/err"
    if grep -qv "^teiten: warning" "$TMPDIR/err" || ! grep -q 20 "$TMPDIR/out"; then
        fail "ingest $* as $user: $(cat "$TMPDIR/err" "$TMPDIR/out")"
    fi
}
for user in "${users[@]}"; do
    counts "$user" "$TMPDIR"/place/in/*
    counts "$user" - <"${pcaps[0]}"
    for filter in 'tcp' 'tcp and portrange 1-65000' 'not net 192.0.2.0/24 and not ip6 host 2001:db8::1'; do
        counts "$user" --filter "$filter" "$TMPDIR"/place/in/*.pcap
    done
    "$bin/teiten" ingest --state "$TMPDIR/place/none" --filter 'host example.com' "${pcaps[0]}" \
        >/dev/null 2>"$TMPDIR/err"
    got=$?
    [[ $got == 2 ]] && grep -q "names are not looked up" "$TMPDIR/err" || fail "a filter with a name: exit $got"
done
total=0
for file in "$TEITEN_SOURCE"/tests/corpus/{pcap,pcapng}/*; do
    cp "$file" "$TMPDIR/place/odd"
    "$bin/teiten" ingest --state "$TMPDIR/place/odd-state" --again "$TMPDIR/place/odd" >/dev/null 2>"$TMPDIR/err"
    grep -qE "reader ended|sense-failed" "$TMPDIR/err" && fail "$file: $(cat "$TMPDIR/err")"
    total=$((total + 1))
done
((total > 5)) || fail "only $total odd files"

# ---- leaks: confined programs cannot be searched, so one is not ----

if [[ -x $TEITEN ]]; then
    TEITEN_UNCONFINED=1 "$TEITEN" ingest --state "$TMPDIR/place/leaks" --again "$TMPDIR"/place/in/* \
        --filter "tcp or udp or icmp" >/dev/null 2>"$TMPDIR/err"
    grep -qv "^teiten: warning" "$TMPDIR/err" && fail "sanitized, unconfined: $(cat "$TMPDIR/err")"
fi
exit "$bad"
