#!/usr/bin/env python3
"""Asks teiten every question about a small capture whose answers are known by how it is made.

usage: questions.py TEITEN FOLDER

Two hours, full from their first second to their last, seen by 16 addresses: so each rate is the count
times 1.5 over an hour, times 0.75 over both. Prints what differs; exit 1 if anything does.
"""
import csv
import io
import json
import os
import pathlib
import pty
import subprocess
import sys

import craft
import write
from craft import ACK, IPV4, SYN, TCP, UDP

TEN = 1772359200  # 2026-03-01T10:00:00Z
EARLY, LATE, END = "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z", "2026-03-01T12:00:00Z"
BOTH, FIRST, SECOND = ("--from", EARLY, "--to", END), ("--from", EARLY, "--to", LATE), \
    ("--from", LATE, "--to", END)
BOT = "203.0.113.7"

PORT_FIELDS = ["proto", "port", "accesses", "packets", "sources", "rank", "previous", "previous_rank",
               "change", "per_address_day", "estimated"]
NAME_FIELDS = ["name"] + PORT_FIELDS[2:]
SERIES_FIELDS = ["time", "accesses", "packets", "sources", "per_address_day", "estimated"]
SOURCE_FIELDS = ["address", "accesses", "packets", "destinations", "fingerprints", "first", "last",
                 "country", "asn"]
STATUS_FIELDS = ["sensors", "workers", "store", "drops"]


class Made:
    """Frames of one hour, spread over it from its first second to its last."""

    def __init__(self, start):
        self.start, self.frames = start, []

    def add(self, source, target, protocol, data):
        packet = craft.ipv4(source, f"192.0.2.{target}", protocol, data)
        self.frames.append(craft.ethernet(packet, IPV4))

    def tcp(self, number, sources, port, flags=SYN, sport=40000):
        for i in range(number):
            source, target = f"198.51.100.{1 + i % sources}", i % 16
            self.add(source, target, TCP, craft.tcp(source, f"192.0.2.{target}", sport, port, flags,
                                                    seq=1000 + i))

    def records(self):
        last = len(self.frames) - 1
        for i, frame in enumerate(self.frames):
            yield write.pcap_record((self.start + 3599 * i // last) * 10**9, frame)


def early():
    hour = Made(TEN)
    hour.tcp(40, 4, 445)
    hour.tcp(10, 2, 23)
    for i in range(5):
        hour.add("198.51.100.9", i, UDP, craft.udp("198.51.100.9", f"192.0.2.{i}", 5000, 53413, b"x"))
    return hour


def late():
    hour = Made(TEN + 3600)
    for i in range(6):  # the sequence number is the destination's address
        target = int.from_bytes(craft.packed(f"192.0.2.{i}"), "big")
        hour.add(BOT, i, TCP, craft.tcp(BOT, f"192.0.2.{i}", 40000, 23, SYN, seq=target))
    hour.tcp(24, 4, 23)
    hour.tcp(20, 4, 445)
    for i in range(4):
        hour.add(f"198.51.100.{1 + i % 2}", 3, craft.ICMP, craft.icmp(8, 0))
    hour.tcp(7, 3, 40000, SYN | ACK, sport=80)
    hour.tcp(3, 1, 22, ACK)
    for i in range(2):
        hour.add("198.51.100.1", i, TCP, b"\0\1")
    hour.tcp(1, 1, 23)
    return hour


class Asker:
    def __init__(self, program, state):
        self.program, self.state, self.failed, self.checked = program, state, 0, 0

    def run(self, words):
        return subprocess.run([self.program, *words, "--state", self.state], capture_output=True,
                              text=True, check=False, timeout=120)

    def equal(self, about, found, wanted):
        self.checked += 1
        if found != wanted:
            self.failed += 1
            print(f"{about}: {found}, not {wanted}")

    def ask(self, *words):
        done = self.run([*words, "--json"])
        self.equal(f"{words}: exit", done.returncode, 0)
        self.equal(f"{words}: standard error", done.stderr, "")
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError as error:
            self.equal(f"{words}: JSON", str(error), "")
            return []

    def fields(self, rows, wanted, *words):
        self.equal(f"{words}: has rows", bool(rows), True)
        for row in rows:
            self.equal(f"{words}: fields", list(row), wanted)

    def ends(self, status, *words):
        done = self.run(words)
        self.equal(f"{words}: exit", done.returncode, status)
        self.equal(f"{words}: says why", bool(done.stderr.startswith("teiten: ")), True)
        return done.stderr

    def table(self, *words):
        done = self.run(words)
        self.equal(f"{words}: exit", done.returncode, 0)
        return done.stdout


def column(rows, *names):
    return [tuple(row[name] for name in names) for row in rows]


def check_series(a):
    rows = a.ask("series", "--from", "2026-03-01T09:00:00Z", "--to", "2026-03-01T13:00:00Z")
    a.fields(rows, SERIES_FIELDS, "series")
    a.equal("series", [tuple(row.values()) for row in rows],
            [("2026-03-01T09:00:00Z", None, None, None, None, False),
             (EARLY, 55, 55, 5, 82.5, False), (LATE, 55, 58, 5, 82.5, False),
             ("2026-03-01T12:00:00Z", None, None, None, None, False)])
    minutes = a.ask("series", "--every", "minute", *BOTH)
    a.equal("minutes", len(minutes), 120)
    a.equal("minutes' accesses", sum(row["accesses"] for row in minutes), 110)
    a.equal("minutes' sources", {row["sources"] for row in minutes}, {None})
    day = a.ask("series", "--every", "day", *BOTH, "--set", "report.zone=Asia/Tokyo")
    a.equal("day", column(day, "time", "accesses", "sources", "per_address_day"),
            [("2026-02-28T15:00:00Z", 110, 6, 82.5)])
    a.equal("series without a period", len(a.ask("series")), 24)
    a.equal("the last two", column(a.ask("series", "--limit", "2"), "time"), [(EARLY,), (LATE,)])
    a.equal("days without a period", column(a.ask("series", "--every", "day", "--set",
                                                  "report.zone=UTC"), "accesses"), [(110,)])
    a.equal("backscatter", column(a.ask("series", "--kind", "backscatter", *SECOND), "accesses",
                                  "packets", "sources", "per_address_day"), [(0, 7, 3, 10.5)])
    a.equal("malformed", column(a.ask("series", "--kind", "malformed", *SECOND), "packets", "sources"),
            [(2, None)])


def check_ports(a):
    rows = a.ask("top", "ports", *SECOND)
    a.fields(rows, PORT_FIELDS, "top ports")
    a.equal("top ports", [tuple(row.values()) for row in rows],
            [("tcp", 23, 31, 31, 5, 1, 10, 2, 2.1, 46.5, False),
             ("tcp", 445, 20, 20, 4, 2, 40, 1, -0.5, 30.0, False),
             ("icmp", 2048, 4, 4, 2, 3, 0, None, None, 6.0, False)])
    a.equal("nothing before", {row["previous"] for row in a.ask("top", "ports", *FIRST)}, {None})
    a.equal("distinct over both", column(a.ask("top", "ports", *BOTH), "port", "accesses", "sources"),
            [(445, 60, 4), (23, 41, 5), (53413, 5, 1), (2048, 4, 2)])
    a.equal("by packets", column(a.ask("top", "ports", *SECOND, "--kind", "backscatter", "--kind",
                                       "other"), "port", "packets", "sources"),
            [(80, 7, 3), (22, 3, 1)])
    a.equal("limit 1", len(a.ask("top", "ports", *BOTH, "--limit", "1")), 1)
    a.equal("limit 0", len(a.ask("top", "ports", *BOTH, "--limit", "0")), 4)


def check_names(a):
    rows = a.ask("top", "sources", *SECOND)
    a.fields(rows, NAME_FIELDS, "top sources")
    a.equal("top sources", column(rows, "name", "accesses", "sources", "rank", "previous",
                                  "previous_rank"),
            [("198.51.100.1", 14, 1, 1, 15, 1), ("198.51.100.2", 13, 1, 2, 15, 2),
             ("198.51.100.3", 11, 1, 3, 10, 3), ("198.51.100.4", 11, 1, 4, 10, 4),
             (BOT, 6, 1, 5, 0, None)])
    rows = [row for row in a.ask("top", "fingerprints", *SECOND) if row["name"] == "mirai"]
    a.fields(rows, NAME_FIELDS, "top fingerprints")
    a.equal("top fingerprints", column(rows, "accesses", "sources", "previous", "previous_rank"),
            [(6, 1, 0, None)])


def check_sources(a):
    rows = a.ask("sources", "--port", "23/tcp", *SECOND)
    a.fields(rows, SOURCE_FIELDS, "sources")
    a.equal("sources", column(rows, "address", "accesses", "destinations"),
            [("198.51.100.1", 7, 4), ("198.51.100.2", 6, 4), ("198.51.100.3", 6, 4),
             ("198.51.100.4", 6, 4), (BOT, 6, 6)])
    bot = next((row for row in rows if row["address"] == BOT), {})
    a.equal("the bot", (bot.get("fingerprints"), bot.get("first"), bot.get("country"), bot.get("asn")),
            (["mirai"], LATE, None, None))
    a.equal("limit", len(a.ask("sources", *BOTH, "--limit", "2")), 2)


def check_filters(a):
    for words, accesses in ((("--proto", "udp"), 5), (("--port", "23"), 41), (("--port", "53413/udp"), 5),
                            (("--proto", "udp", "--port", "53413"), 5), (("--port", "8/0/icmp"), 4),
                            (("--fingerprint", "mirai"), 6), (("--source", BOT), 6),
                            (("--source", "198.51.100.0/24"), 104), (("--source", "2001:db8::/32"), 0),
                            (("--port", "23/tcp", "--fingerprint", "zmap"), 0)):
        a.equal(f"series {words}", sum(row["accesses"] for row in a.ask("series", *BOTH, *words)), accesses)
        a.equal(f"top ports {words}", sum(row["accesses"] for row in a.ask("top", "ports", *BOTH, *words)),
                accesses)
        a.equal(f"sources {words}", sum(row["accesses"] for row in a.ask("sources", *BOTH, *words)),
                accesses)


def check_host(a):
    rows = a.ask("host", BOT)
    a.fields(rows, SOURCE_FIELDS + ["sessions"], "host")
    a.equal("host", column(rows, "address", "accesses", "destinations", "fingerprints"),
            [(BOT, 6, 6, ["mirai"])])
    a.equal("prefix", len(a.ask("host", "198.51.100.0/24")), 5)
    a.equal("unseen", a.ask("host", "198.18.0.0/15"), [])
    a.equal("unseen, in words", "198.18.0.0/15 has not been seen" in a.table("host", "198.18.0.0/15"), True)
    words = a.table("host", BOT)
    a.equal("seen, in words", (f"{BOT} has been seen" in words, "23/tcp" in words, "mirai" in words),
            (True, True, True))


def check_agreement(a):
    status = a.ask("status")
    a.equal("status: fields", list(status), STATUS_FIELDS)
    everything = ("--kind", "all", "--limit", "0")
    packets = status["store"]["packets"]
    a.equal("status: packets", packets, 122)
    a.equal("status: drops", status["drops"]["packets"], 0)
    a.equal("status: last", status["store"]["last"], END)
    a.equal("sensors", column(status["sensors"], "addresses", "packets", "estimated", "first", "last"),
            [(16, 122, False, EARLY, END)])
    a.equal("series of all", sum(row["packets"] for row in a.ask("series", *BOTH, *everything)), packets)
    a.equal("ports of all", sum(row["packets"] for row in a.ask("top", "ports", *BOTH, *everything)), packets)
    hours = sum(row["accesses"] for row in a.ask("series", *BOTH))
    for words in (("top", "ports"), ("top", "sources"), ("sources",)):
        a.equal(f"{words} and series", sum(row["accesses"] for row in a.ask(*words, *BOTH)), hours)


def check_csv(a):
    for words in (("series", *BOTH), ("top", "ports", *BOTH), ("top", "sources", *BOTH),
                  ("sources", *BOTH), ("host", BOT)):
        done = a.run([*words, "--csv"])
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        wanted = a.ask(*words)
        a.equal(f"{words}: CSV rows", len(rows), len(wanted))
        a.equal(f"{words}: CSV fields", list(rows[0]), list(wanted[0]))
        key = next(name for name in ("accesses", "time") if name in wanted[0])
        a.equal(f"{words}: CSV values", [row[key] for row in rows], [str(row[key]) for row in wanted])


def check_tables(a):
    text = a.table("top", "ports", "--kind", "malformed", *SECOND)
    a.equal("malformed by reason", "tcp-short" in text, True)
    a.equal("type and code", "8/0/icmp" in a.table("top", "ports", *SECOND), True)
    a.equal("rounded, and said so", "whole hours" in a.table(
        "top", "ports", "--from", "2026-03-01T11:20:00Z", "--to", END), True)
    a.equal("no bar without a terminal", "\u2588" in a.table("series", *BOTH), False)
    main, terminal = pty.openpty()
    with subprocess.Popen([a.program, "series", *BOTH, "--state", a.state], stdout=terminal,
                          env={**os.environ, "LC_ALL": "C.UTF-8"}) as process:
        os.close(terminal)
        text = b""
        try:
            while part := os.read(main, 65536):
                text += part
        except OSError:
            pass  # how a terminal ends
    os.close(main)
    a.equal("bar on a terminal", (process.returncode, "\u2588" in text.decode()), (0, True))


def check_refused(a):
    for status, words in (
            (1, ("series", "--every", "minute", "--fingerprint", "mirai")),
            (1, ("top", "sources", "--kind", "ours")), (1, ("sources", "--fingerprint", "no such thing")),
            (2, ("series", "--every", "week")), (2, ("series", "--from", "yesterdayish")),
            (2, ("series", "--from", END, "--to", EARLY)), (2, ("series", "--kind", "nonsense")),
            (2, ("series", "--every", "minute", "--from", "2020-01-01", "--to", "2026-01-01")),
            (2, ("series", "word")), (2, ("series", "--json", "--csv")), (2, ("top",)),
            (2, ("top", "nothing")), (2, ("top", "ports", "--port", "99999")),
            (2, ("top", "ports", "--port", "telnet")), (2, ("top", "ports", "--proto", "sctp")),
            (2, ("top", "ports", "--proto", "udp", "--port", "23/tcp")),
            (2, ("top", "ports", "--limit", "few")), (2, ("top", "ports", "--source", "192.0.2.300")),
            (2, ("top", "fingerprints", "--kind", "other")), (2, ("host",)), (2, ("host", "nobody")),
            (2, ("host", "192.0.2.1/24")), (2, ("status", "--csv")), (2, ("status", "word"))):
        a.ends(status, *words)


def check_help(a):
    for words in (("series",), ("top", "ports"), ("sources",), ("host", BOT)):
        text = a.table(*words, "--help")
        for wanted in ("4.1", "1.4e-9", "at least half", "--from"):
            a.equal(f"{words}: help has {wanted}", wanted in text, True)
    a.equal("series: help on minutes", "not kept by minute" in a.table("series", "--help"), True)


def check_empty(program, folder, a):
    """A store in which nothing was counted, and none at all."""
    empty = Asker(program, str(folder / "empty"))
    empty.ends(1, "top", "ports")
    (folder / "empty.pcap").write_bytes(write.pcap_header(write.ETHERNET))
    a.equal("empty capture", empty.run(["ingest", str(folder / "empty.pcap")]).returncode, 0)
    for words in (("top", "ports"), ("top", "sources"), ("top", "fingerprints"), ("sources",), ("host", BOT)):
        a.equal(f"{words} of nothing", empty.ask(*words), [])
    a.equal("series of nothing", {row["accesses"] for row in empty.ask("series")}, {None})
    status = empty.ask("status")
    a.equal("status of nothing", (status["sensors"], status["store"]["packets"], status["store"]["last"]),
            ([], 0, None))
    a.equal("nothing, in words", "Nothing of this was counted" in empty.table("top", "ports"), True)
    a.failed, a.checked = a.failed + empty.failed, a.checked + empty.checked


def main(program, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    capture = folder / "questions.pcap"
    capture.write_bytes(b"".join([write.pcap_header(write.ETHERNET), *early().records(), *late().records()]))
    a = Asker(program, str(folder / "state"))
    done = a.run(["ingest", "--prefix", "192.0.2.0/28", str(capture)])
    a.equal("ingest", (done.returncode, done.stderr), (0, done.stderr))
    for check in (check_series, check_ports, check_names, check_sources, check_filters, check_host,
                  check_agreement, check_csv, check_tables, check_refused, check_help):
        check(a)
    check_empty(program, folder, a)
    print(f"{a.checked} comparisons, {a.failed} differ")
    return 1 if a.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
