#!/usr/bin/env python3
"""Known traffic for the live scenario, and what teiten has to answer about it.

usage: traffic.py make FOLDER                      captures to be sent, with FOLDER/known.json
       traffic.py counts TEITEN STATE KNOWN.json   every kind's counts are exactly those
       traffic.py total TEITEN STATE KIND          packets of a kind
       traffic.py marks TEITEN STATE               names of the fingerprints that were seen
       traffic.py rate TEITEN STATE ADDRESSES      accesses a second, over all that was observed
       traffic.py gap TEITEN STATE                 hours between others in which nothing was observed

Addresses: the sensor's prefixes are 203.0.113.0/24 and 2001:db8:77::/120. An ICMP type and code are a port: type * 256 + code.
"""
import json
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "captures"))
from craft import (ACK, ICMP, ICMP6, IPV4, IPV6, RST, SYN, TCP, UDP, VLAN, ethernet, icmp, icmp6, ipv4, ipv6,
                   tcp, udp)
from write import ETHERNET, pcap_header, pcap_record

KINDS = ["access", "backscatter", "solicited", "other", "malformed"]
INSIDE, OUTSIDE = "198.51.100.1", "203.0.113.9"  # one sensor behind 1:1 NAT


def save(path, frames):
    path.write_bytes(pcap_header(ETHERNET) +
                     b"".join(pcap_record(i * 1000000, frame) for i, frame in enumerate(frames)))


def number_of(address):
    return int.from_bytes(bytes(int(part) for part in address.split(".")), "big")


class Known:
    """Frames, and what they count for."""

    def __init__(self):
        self.frames = []
        self.counts = {}

    def add(self, frame, kind=None, proto=None, port=None, source=None):
        self.frames.append(frame)
        if kind:
            packets, sources = self.counts.setdefault((kind, proto, str(port)), [0, set()])
            self.counts[(kind, proto, str(port))][0] = packets + 1
            sources.add(source)

    def rows(self):
        return [[kind, proto, port, packets, len(sources)]
                for (kind, proto, port), (packets, sources) in sorted(self.counts.items())]


def add_ipv4(known, chance, tags):
    source = f"192.0.2.{chance.randrange(1, 100)}"
    target = f"203.0.113.{chance.randrange(256)}"
    port = chance.choice([23, 2323, 445, 80])
    sport = chance.randrange(1024, 65536)

    def frame(protocol, payload, destination=target):
        return ethernet(ipv4(source, destination, protocol, payload), IPV4, tags)
    known.add(frame(TCP, tcp(source, target, sport, port, SYN)), "access", "tcp", port, source)
    known.add(frame(UDP, udp(source, target, sport, 53413, b"AA")), "access", "udp", 53413, source)
    known.add(frame(ICMP, icmp(8, 0)), "access", "icmp", 8 << 8, source)
    known.add(frame(TCP, tcp(source, target, 443, sport, SYN | ACK)), "backscatter", "tcp", 443, source)
    known.add(frame(TCP, tcp(source, target, 80, sport, RST)), "backscatter", "tcp", 80, source)
    # To somebody else: seen, but no traffic of the sensor's
    known.add(frame(TCP, tcp(source, "192.0.2.200", sport, 23, SYN), "192.0.2.200"))


def add_ipv6(known, chance):
    source = f"2001:db8:5::{chance.randrange(1, 100):x}"
    target = f"2001:db8:77::{chance.randrange(256):x}"
    sport = chance.randrange(1024, 65536)
    known.add(ethernet(ipv6(source, target, TCP, tcp(source, target, sport, 23, SYN)), IPV6),
              "access", "tcp", 23, source)
    known.add(ethernet(ipv6(source, target, ICMP6, icmp6(source, target, 128, 0)), IPV6),
              "access", "icmp6", 128 << 8, source)


def make_mix(folder):
    chance = random.Random(2)
    known = Known()
    for i in range(500):
        add_ipv4(known, chance, ((VLAN, 7),) if i % 5 == 0 else ())
        add_ipv6(known, chance)
    save(folder / "mix.pcap", known.frames)
    (folder / "known.json").write_text(json.dumps({"frames": len(known.frames), "rows": known.rows()}))


def make_mirai(folder):
    source = "192.0.2.77"
    save(folder / "mirai.pcap", [
        ethernet(ipv4(source, INSIDE, TCP,
                      tcp(source, INSIDE, 40000 + i, 23, SYN, seq=number_of(OUTSIDE))), IPV4)
        for i in range(4)])


def make_steady(folder):
    frames = []
    for i in range(250):
        source, target = f"192.0.2.{i % 50 + 1}", f"203.0.113.{i}"
        frames.append(ethernet(ipv4(source, target, TCP, tcp(source, target, 50000, 23, SYN)), IPV4))
    save(folder / "steady.pcap", frames)


def make_knock(folder):
    source = "192.0.2.33"
    save(folder / "knock.pcap", [
        ethernet(ipv4(source, INSIDE, TCP, tcp(source, INSIDE, 50000 + i, 23, SYN)), IPV4)
        for i in range(3)])


def make_wide(folder):
    """As many flows as packets: what fills a store and what waits for it. 198.18.0.0/15 is for benchmarks."""
    frames = []
    for i in range(20000):
        source, target = f"198.18.{i >> 8}.{i & 255}", f"203.0.113.{i * 7 % 256}"
        segment = tcp(source, target, 50000, i * 40503 % 60000 + 1, SYN)
        frames.append(ethernet(ipv4(source, target, TCP, segment), IPV4))
    save(folder / "wide.pcap", frames)


def rows_of(teiten, state, *words):
    out = subprocess.run([teiten, *words, "--json", "--state", state], check=True, timeout=60,
                         stdout=subprocess.PIPE).stdout
    return json.loads(out)


def top_ports(teiten, state, kind):
    return rows_of(teiten, state, "top", "ports", "--kind", kind, "--limit", "0")


def check_counts(teiten, state, path):
    known = json.loads(pathlib.Path(path).read_text())["rows"]
    found = sorted([kind, row["proto"], str(row["port"]), row["packets"], row["sources"]]
                   for kind in KINDS for row in top_ports(teiten, state, kind)
                   if kind in ("access", "backscatter", "malformed"))
    for row in sorted(known):
        if row not in found:
            print(f"expected {row}")
    for row in found:
        if row not in known:
            print(f"found {row}")
    return 0 if found == sorted(known) else 1


def show_total(teiten, state, kind):
    print(sum(row["packets"] for row in top_ports(teiten, state, kind)))
    return 0


def show_marks(teiten, state):
    print(*sorted(row["name"] for row in rows_of(teiten, state, "top", "fingerprints", "--limit", "0")))
    return 0


def show_rate(teiten, state, addresses):
    days = sum(row["per_address_day"] for row in top_ports(teiten, state, "access"))
    print(round(days * int(addresses) / 86400, 1))
    return 0


def show_gap(teiten, state):
    """A gap is null, not 0."""
    hours = [row["accesses"] for row in rows_of(teiten, state, "series", "--every", "hour")]
    seen = [i for i, accesses in enumerate(hours) if accesses is not None]
    print(seen[-1] - seen[0] + 1 - len(seen) if seen and 0 not in hours else "none")
    return 0


COMMANDS = {"counts": check_counts, "total": show_total, "marks": show_marks, "rate": show_rate,
            "gap": show_gap}


def main(words):
    if len(words) == 2 and words[0] == "make":
        for make in (make_mix, make_mirai, make_steady, make_knock, make_wide):
            make(pathlib.Path(words[1]))
        return 0
    if words and words[0] in COMMANDS:
        return COMMANDS[words[0]](*words[1:])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
