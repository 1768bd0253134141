#!/bin/bash
# What nmap takes the trap for: a device's Telnet daemon, whichever persona, and never a honeypot. In a namespace of its own.
set -uo pipefail
# shellcheck source=tests/live/scenario.sh
source "$TEITEN_SOURCE/tests/live/scenario.sh"

needs nmap python3

started() {
    grep -q " started " "$TMPDIR/observe.log"
}

ask() {
    "$release" "$@" --json --state "$TMPDIR/state"
}

netns_up || fail "no namespaces"
: >"$TMPDIR/observe.log"
netns_start SENSOR "$release" observe --interface sensor0 --state "$TMPDIR/state" --set trap.telnet=0.0.0.0:23 2>>"$TMPDIR/observe.log"
observer=$netns_pid
for ((i = 0; i < 200; i++)); do
    started && break
    sleep 0.1
done
started || fail "observe does not begin"

# Somebody knocks everywhere, so that it is told who is where.
netns_in SENSOR python3 - <<'END'
import socket
for i in range(1, 250):
    with socket.create_connection((f"127.0.0.{i}", 23), 10) as s:
        s.recv(1)
END
sleep 1
ask sessions --limit 0 | python3 -c '
import json, sys
found = {s["persona"]: s["destination"] for s in json.load(sys.stdin)}
for persona, address in sorted(found.items()):
    print(address, persona)' >"$TMPDIR/where"
(($(wc -l <"$TMPDIR/where") >= 15)) || fail "249 addresses play $(wc -l <"$TMPDIR/where") personas"
cut -d' ' -f1 "$TMPDIR/where" >"$TMPDIR/targets"
netns_in SENSOR nmap -n -Pn -sV -p 23 --version-intensity 5 -iL "$TMPDIR/targets" -oX "$TMPDIR/nmap.xml" >/dev/null ||
    fail "nmap ended with $?"
netns_stop "$observer" || fail "observe ended with $?"

# One answer of 264 bytes, as the echo of a long request may be, is LANDesk's to nmap, whoever gives it.
python3 - "$TMPDIR/nmap.xml" "$TMPDIR/where" <<'END' || fail "see above"
import re, sys, xml.etree.ElementTree as tree
where = dict(line.split() for line in open(sys.argv[2]))
bad = 0
for host in tree.parse(sys.argv[1]).iter("host"):
    address = host.find("address").get("addr")
    service = host.find("ports/port/service")
    name, product = service.get("name"), service.get("product") or ""
    print(f"{where[address]:20} {name:12} {product} {service.get('version') or ''}")
    good = re.search("telnetd|LANDesk", product) and not re.search("honey|cowrie|kippo|dionaea", product, re.I)
    bad += not good
sys.exit(bad > 0)
END
echo PASS
