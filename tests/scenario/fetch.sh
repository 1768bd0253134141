#!/bin/bash
# What visitors want fetched, with the policy live: through the judge, the confined dial and fetch, into the vault and back to the
# visitor, over real servers on loopback; and everything that must not be fetched.
set -uo pipefail
# shellcheck source=tests/live/scenario.sh
source "$TEITEN_SOURCE/tests/live/scenario.sh"
needs python3 sqlite3 pgrep openssl vsftpd in.tftpd
[[ $TEITEN == *build* && $("$TEITEN" --version 2>/dev/null) ]] || exit 1

# A visitor: logs in, types each line, prints what came up to the prompt. A slow server's file takes its minute.
visitor() {
    PATIENCE=90 netns_in SENSOR python3 "$TEITEN_SOURCE/tests/trap/visit.py" run - 127.0.0.1 2323 root:admin "cd /tmp" "$@"
}

serve() {
    : >"$TMPDIR/servers"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=nobody.example.com \
        -keyout "$TMPDIR/key" -out "$TMPDIR/certificate" 2>/dev/null || fail "no certificate"
    cat "$TMPDIR/key" >>"$TMPDIR/certificate"
    netns_start SENSOR python3 "$TEITEN_SOURCE/tests/sample/servers.py" "$TMPDIR/servers" "$TMPDIR/certificate" 2>>"$TMPDIR/servers.log"
    servers=$netns_pid
    mkdir -p "$TMPDIR/files"
    chmod 755 "$TMPDIR/files"
    printf 'by ftp, and by tftp: %s' "$(seq 1 3000 | tr '\n' ' ')" >"$TMPDIR/files/big.txt"
    cat >"$TMPDIR/vsftpd.conf" <<END
listen=YES
listen_address=127.0.0.2
listen_port=2121
anonymous_enable=YES
anon_root=$TMPDIR/files
local_enable=NO
background=NO
pasv_address=10.9.9.9
run_as_launching_user=YES
seccomp_sandbox=NO
xferlog_enable=NO
END
    chown root:root "$TMPDIR/vsftpd.conf"
    netns_start SENSOR vsftpd "$TMPDIR/vsftpd.conf" 2>>"$TMPDIR/servers.log" >&2
    netns_start SENSOR in.tftpd -L -4 -a 127.0.0.2:69 -u root -s "$TMPDIR/files" 2>>"$TMPDIR/servers.log" >&2
    until_true 10 netns_in SENSOR python3 -c 'import socket; socket.create_connection(("127.0.0.2", 8000)).close()' 2>/dev/null ||
        fail "no servers"
}

begin() {
    local name=$1
    shift
    TEITEN_TEST_ALLOW=127.0.0.0/8,::1/128 netns_start SENSOR "$TEITEN" observe --interface sensor0 --state "$TMPDIR/$name" \
        --set trap.persona=bcm4716-router --set trap.telnet=127.0.0.1:2323 --set trap.http=0.0.0.0:0 --set trap.netis=0.0.0.0:0 \
        --set trap.login=any --set fetch.policy=live --set fetch.dns=127.0.0.3:5353 "$@" 2>>"$TMPDIR/$name.log"
    observer=$netns_pid
    until_true 20 said "$name" " started " || fail "$name does not begin"
    until_true 20 eval '[[ $(pgrep -P "$observer" -f "^teiten-trap$" | wc -l) -ge 1 ]]' || fail "no workers"
}

end() {
    netns_stop "$observer" || fail "$1 ended with $?"
}

# state NAME URL: "state reason" of what became of it
state() {
    "$release" fetches --json --limit 0 --state "$TMPDIR/$1" |
        python3 -c 'import json, sys; print(*[w["state"] + " " + w["reason"] for w in json.load(sys.stdin) if w["url"] == sys.argv[1]][:1])' "$2"
}

expect_state() {
    local got
    until_true "${4-90}" eval "got=\$(state $1 '$2'); [[ \$got == '$3' ]]" || fail "$2: $(state "$1" "$2"), not $3"
}

# What is there is handed to the visitor, is a sample, and what its script wants comes as well.
good() {
    local u=http://127.0.0.2:8000
    begin good
    visitor "wget $u/loader.sh; cat loader.sh" "wget http://files.example.com:8000/elf; wc -c elf" "wget http://127.1.1.1:8000/moved -O m; wc -c m" \
        "wget $u/elf -O elf; wc -c elf" >"$TMPDIR/visit.out" || fail "the visitor: $(<"$TMPDIR/visit.out")"
    grep -q "for a in mips arm7" "$TMPDIR/visit.out" || fail "the script is not the server's: $(<"$TMPDIR/visit.out")"
    (($(grep -cE "^152 (elf|m)" <(tr -d '\r' <"$TMPDIR/visit.out")) == 3)) || fail "the visitor has something else: $(<"$TMPDIR/visit.out")"
    grep -q "http /elf agent=Wget host=files.example.com:8000" "$TMPDIR/servers" || fail "the request: $(<"$TMPDIR/servers")"
    grep -q "http /elf?moved" "$TMPDIR/servers" || fail "the redirect was not followed"
    expect_state good "http://127.2.1.1:8000/b/mips" "done "
    expect_state good "http://127.2.1.1:8000/b/arm7" "done "
    until_true 30 holds good "sum(s['format'] == 'elf' and s['cpu'] == 'mips' for s in d) == 3" samples || fail "samples: $("$release" samples --state "$TMPDIR/good")"
    holds good "any(x['name'] == '127.0.0.2' and x['count'] >= 3 for x in d)" top distributors || fail "distributors"
    holds good "any(o['url'] == '$u/loader.sh' and o['server'] == '127.0.0.2' and o['session'] for s in [d] for o in s['origins'])" \
        sample "$("$release" samples --format script --json --state "$TMPDIR/good" | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["sha256"])')" ||
        fail "how the script came is not told"
    # A second visitor finds the same without a second request.
    visitor "wget $u/loader.sh -O - | head -1" >"$TMPDIR/visit.out" || fail "the second visitor"
    grep -q "#!/bin/sh" "$TMPDIR/visit.out" || fail "the second visitor has something else: $(<"$TMPDIR/visit.out")"
    (($(grep -c "http /loader.sh" "$TMPDIR/servers") == 1)) || fail "it was fetched twice"
    # A name that changes its mind is asked for once, and not followed inside.
    visitor "wget http://rebind.example.com:8000/elf?rebind -O r; wc -c r" >"$TMPDIR/visit.out" || fail "the visitor of a name that leads elsewhere next"
    grep -q "^152 r" <(tr -d '\r' <"$TMPDIR/visit.out") || fail "a name that leads elsewhere next: $(<"$TMPDIR/visit.out")"
    expect_state good "http://rebind.example.com:8000/elf?rebind" "done "
    (($(grep -c "dns rebind.example.com" "$TMPDIR/servers") == 1)) || fail "it was looked up again: $(grep "dns rebind" "$TMPDIR/servers")"
    end good
    "$release" verify --state "$TMPDIR/good" >/dev/null || fail "verify"
}

other_ways() {
    begin ways
    visitor "ftpget -u a -p b 127.0.0.2 x big.txt" "wget ftp://127.0.0.2:2121/big.txt; md5sum big.txt" \
        "tftp -g -r big.txt -l t 127.0.0.2; md5sum t" "tftp -g -r none.txt -l n 127.0.0.2" \
        "wget https://127.4.1.1:8443/elf?tls -O s; wc -c s" "wget http://[::1]:8000/elf?six -O v; wc -c v" "wget http://[::1]:8000/x/../y" >"$TMPDIR/ways.out" || fail "the visitor: $(<"$TMPDIR/ways.out")"
    (($(grep -c "$(md5sum <"$TMPDIR/files/big.txt" | cut -c1-32)" "$TMPDIR/ways.out") == 2)) || fail "FTP or TFTP: $(<"$TMPDIR/ways.out") $(<"$TMPDIR/ways.log")"
    expect_state ways "tftp://127.0.0.2/none.txt" "failed status 1"
    (($(grep -cE "^152 (s|v)" <(tr -d '\r' <"$TMPDIR/ways.out")) == 2)) || fail "HTTPS and IPv6: $(<"$TMPDIR/ways.out") $(<"$TMPDIR/ways.log")"
    grep -q "^http /x/../y agent=Wget" "$TMPDIR/servers" || fail "a path is not asked for as it was judged: $(<"$TMPDIR/servers")"
    end ways
}

# Wrong answers: each by its name, and each visitor hears what a client would say. No half file, no sample.
wrong() {
    local u=http://127.1
    begin wrong
    visitor "wget http://127.9.0.9:8001/x" "wget http://nowhere.example.com/x" "wget $u.1.1:8000/nope" >"$TMPDIR/wrong.out" ||
        fail "the visitor: $(<"$TMPDIR/wrong.out")"
    # A session waits for four at once.
    visitor "wget $u.9.1:8000/slow & wget $u.2.1:8000/forbidden & wget $u.3.1:8000/lying & wget $u.4.1:8000/huge & sleep 2" >/dev/null
    visitor "wget $u.5.1:8000/endless & wget $u.6.1:8000/nonsense & wget $u.7.1:8000/headers & wget $u.8.1:8000/round & sleep 2" >/dev/null
    grep -q "404" "$TMPDIR/wrong.out" || fail "404: $(<"$TMPDIR/wrong.out")"
    grep -qi "connection refused" "$TMPDIR/wrong.out" || fail "refused: $(<"$TMPDIR/wrong.out")"
    grep -qi "bad address" "$TMPDIR/wrong.out" || fail "unresolved: $(<"$TMPDIR/wrong.out")"
    expect_state wrong http://127.9.0.9:8001/x "queued connection refused"
    expect_state wrong http://nowhere.example.com/x "queued unresolved"
    expect_state wrong http://127.1.1.1:8000/nope "failed status 404"
    expect_state wrong http://127.1.2.1:8000/forbidden "failed status 403"
    expect_state wrong http://127.1.3.1:8000/lying "queued cut"
    expect_state wrong http://127.1.4.1:8000/huge "failed large"
    expect_state wrong http://127.1.5.1:8000/endless "failed large"
    expect_state wrong http://127.1.6.1:8000/nonsense "failed nonsense"
    expect_state wrong http://127.1.7.1:8000/headers "failed nonsense"
    expect_state wrong http://127.1.8.1:8000/round "queued hourly of the address"
    expect_state wrong http://127.1.9.1:8000/slow "queued slow"
    end wrong
    [[ -z $(find "$TMPDIR/wrong/vault/tmp" -type f) ]] || fail "half a file is left"
    holds wrong "len(d) == 0" samples || fail "a wrong answer is a sample"
}

# Nothing of this is ever asked for, or only its name.
refused() {
    begin refused --set fetch.deny=127.0.0.8/32
    visitor 'wget http://10.0.0.1/x' 'wget http://169.254.169.254/latest' 'wget http://inside.example.com/x' 'wget http://user:pw@127.0.0.2:8000/elf' \
        'wget http://127.0.0.8:8000/x' 'wget "http://127.0.0.2:8000/a?x=\$(id)"' 'wget http://127.0.0.2:8000/a%3bid' 'wget http://127.0.0.2:22/x' \
        'wget http://127.0.0.2:8000/x/../setup.cgi?cmd=reboot' 'wget http://127.0.0.2:8000/%73etup.cgi/x' \
        'wget http://127.3.1.1:8000/inside' 'wget http://127.3.2.1:8000/attack' >"$TMPDIR/refused.out" || fail "the visitor: $(<"$TMPDIR/refused.out")"
    expect_state refused "http://10.0.0.1/x" "refused private"
    expect_state refused "http://169.254.169.254/latest" "refused link-local"
    expect_state refused "http://inside.example.com/x" "refused private"
    expect_state refused "http://127.0.0.8:8000/x" "refused denied"
    expect_state refused "http://127.0.0.2:8000/a%3bid" "refused shell-characters"
    expect_state refused "http://127.0.0.2:22/x" "refused port"
    expect_state refused "http://127.3.1.1:8000/inside" "refused private"
    expect_state refused "http://127.3.2.1:8000/attack" "refused shell-characters"
    expect_state refused "http://127.0.0.2:8000/x/../setup.cgi?cmd=reboot" "refused entry-point"
    expect_state refused "http://127.0.0.2:8000/%73etup.cgi/x" "refused entry-point"
    grep -E "secret|setup|etup|/a\?x|/a%3b|stok" "$TMPDIR/servers" && fail "what was refused was asked for"
    end refused
}

# 500 names of one address: five connections, and none for one more.
many() {
    local before pids=()
    begin many
    before=$(grep -c "http /many/" "$TMPDIR/servers")
    for i in 1 2 3 4 5; do
        visitor "for i in $(seq -s ' ' $((i * 100 - 99)) $((i * 100))); do wget -q http://many-\$i.example.com:8000/many/\$i -O /dev/null; done" >"$TMPDIR/many.out" &
        pids+=($!)
    done
    wait "${pids[@]}"
    until_true 120 eval '(($(sqlite3 -readonly "$TMPDIR/many/teiten.db" "SELECT count(*) FROM wanted WHERE state=0 AND tries=0 AND reason=\"\"") == 0))' ||
        fail "the queue does not end: $(sqlite3 -readonly "$TMPDIR/many/teiten.db" 'SELECT state, reason, count(*) FROM wanted GROUP BY 1, 2')"
    (($(grep -c "http /many/" "$TMPDIR/servers") - before == 5)) || fail "not five: $(grep -c "http /many/" "$TMPDIR/servers") - $before"
    (($(grep -o "dns many-[0-9]*" "$TMPDIR/servers" | sort -u | wc -l) == 500)) || fail "not all names were asked for"
    visitor 'wget http://files.example.com:8000/elf' >/dev/null
    expect_state many "http://files.example.com:8000/elf" "queued hourly of the address"
    end many
}

# Through the operator's proxy: it is asked for the address that was judged, and what it cannot carry does not go past it.
proxy() {
    begin proxy --set fetch.proxy=127.0.0.4:3128
    visitor "wget http://files.example.com:8000/elf; wc -c elf" "wget ftp://127.0.0.2:2121/big.txt" "tftp -g -r big.txt -l t 127.0.0.2" >"$TMPDIR/proxy.out" ||
        fail "the visitor: $(<"$TMPDIR/proxy.out")"
    grep -q "^152 elf" <(tr -d '\r' <"$TMPDIR/proxy.out") || fail "the visitor has something else: $(<"$TMPDIR/proxy.out")"
    grep -q "proxy CONNECT 127.0.0.2:8000" "$TMPDIR/servers" || fail "the proxy was asked for something else: $(grep proxy "$TMPDIR/servers")"
    expect_state proxy ftp://127.0.0.2:2121/big.txt "refused proxy"
    expect_state proxy tftp://127.0.0.2/big.txt "refused proxy"
    end proxy
}

# record, which holds where nothing is said, and off: no connection is made by either.
quiet() {
    local before policy
    for policy in record off; do
        before=$(wc -l <"$TMPDIR/servers")
        begin "$policy" --set fetch.policy="$policy"
        visitor "wget http://127.0.0.2:8000/elf" "wget http://192.0.2.9/elf -O x; wc -c x" >"$TMPDIR/$policy.out"
        end "$policy"
        (($(wc -l <"$TMPDIR/servers") == before)) || fail "$policy: something was asked for"
        holds "$policy" "len(d) == 0" samples || fail "$policy: a stub is a sample: $("$release" samples --state "$TMPDIR/$policy" 2>&1)"
    done
    ! ps -o args= -p "$(ip netns pids "$(netns_name_ SENSOR)" | paste -sd,)" | grep "^teiten-" || fail "a program of ours is left"
    grep -q "^512 x" <(tr -d '\r' <"$TMPDIR/record.out") || fail "record: $(<"$TMPDIR/record.out")"
    grep -qi "timed out" "$TMPDIR/off.out" || fail "off: $(<"$TMPDIR/off.out")"
}

# ONLY: some of them
netns_up || fail "no namespaces"
serve
for what in ${ONLY:-good other_ways wrong refused many proxy quiet}; do
    "$what"
done
netns_stop "$servers"
echo PASS
