#!/usr/bin/env python3
"""Makes capture files and what must be counted in them.

usage: make.py FOLDER [NAME...]

Writes NAME.pcap or NAME.pcapng and NAME.expect.json for each case. The counts are noted while packets
are made, from what each was made to be; nothing here reads a packet. Everything is seeded: the same
files each time. A .expect.json holds

    file      the capture's name
    about     what it shows
    args      arguments that teiten ingest wants
    exit      the exit status it must end with (1: with a warning)
    from, to  full hours around it
    counts    [{proto, port, kind, packets, sources}]; sources is null where there is no address to tell
    totals    {kind: packets} of what is tallied but has no port
    minutes   {start of the minute: accesses}
    marks     {tool: sources that bear it}
    plain     whether tshark, too, can count all of it (no malformed packets, no broken file)
"""
import datetime
import json
import pathlib
import random
import struct
import sys

import craft
import write
from craft import ACK, ARP, DESTINATION, FRAGMENT, HOP_BY_HOP, ICMP, ICMP6, IPV4, IPV6, NONE, QINQ, \
    ROUTING, RST, SYN, TCP, UDP, VLAN, ethernet, ipv4, ipv6
from traffic import DNS_QUERY, DNS_REPLY, Visitors

START = int(datetime.datetime(2026, 3, 1, 12, 0, 7, tzinfo=datetime.timezone.utc).timestamp())
SECOND = 10**9
HOUR = 3600 * SECOND

# Why a packet is malformed: the port it is counted under, proto "other".
LINK, NOT_IP, VERSION, IP_SHORT, IP_HEADER, IP_LENGTH, EXTENSION, TCP_SHORT, UDP_SHORT, ICMP_SHORT = \
    range(1, 11)

CASES = {}


def case(make):
    CASES[make.__name__.replace("_", "-")] = make
    return make


def rfc3339(second):
    return datetime.datetime.fromtimestamp(second, datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


class Capture:
    """Frames with their times, and what they must be counted as."""

    def __init__(self, about, link=write.ETHERNET, order="<", nano=False, args=(), seed=1):
        self.about = about
        self.link, self.order, self.nano = link, order, nano
        self.args = list(args)
        self.random = random.Random(seed)
        self.frames = []
        self.now = START * SECOND + 123456000
        self.step, self.jitter = 250_000_000, 1000
        self.counts, self.totals, self.marks, self.minutes = {}, {}, {}, {}
        self.exit, self.plain, self.suffix = 0, True, "pcap"
        self.first = self.last = None
        self.file = None

    def tick(self):
        """The next packet's time, in whole nano- or microseconds as the file keeps them."""
        self.now += self.step + self.random.randrange(self.jitter) * (1 if self.nano else 1000)
        self.note(self.now)
        return self.now

    def note(self, when):
        self.first = when if self.first is None else min(self.first, when)
        self.last = when if self.last is None else max(self.last, when)

    def count(self, service, source, when):
        entry = self.counts.setdefault(service, [0, set()])
        entry[0] += 1
        entry[1].add(source)
        if service[2] == "access":
            minute = when // (60 * SECOND) * 60
            self.minutes[minute] = self.minutes.get(minute, 0) + 1

    def add(self, frame, service, source=None, cut=None):
        """One frame, of which cut bytes were captured; service may be a kind that is only tallied."""
        data = frame if cut is None else frame[:cut]
        when = self.tick()
        self.frames.append((when, data, len(frame)))
        if isinstance(service, str):
            self.totals[service] = self.totals.get(service, 0) + 1
        else:
            self.count(service, source, when)

    def malformed(self, frame, reason, cut=None):
        self.plain = False
        self.add(frame, ("other", reason, "malformed"), cut=cut)

    def visitors(self, wrap, number=120, version=4, build=None):
        """number packets of mixed traffic; wrap(packet, random) makes frames of IP packets."""
        visitors = Visitors(self.random, version)
        build = build or {4: ipv4, 6: ipv6}[version]
        for _ in range(number):
            protocol, data, service = visitors.next()
            packet = build(visitors.source, visitors.target, protocol, data)
            self.add(wrap(packet), service, visitors.source)

    def bytes(self):
        if self.file is not None:
            return self.file
        return write.pcap_header(self.link, self.order, self.nano) + b"".join(
            write.pcap_record(when, data, wire, self.order, self.nano)
            for when, data, wire in self.frames)

    def expected(self, name):
        """The .expect.json of the capture, as it stands above."""
        rows = [{"proto": proto, "port": port, "kind": kind, "packets": packets,
                 "sources": None if None in sources else len(sources)}
                for (proto, port, kind), (packets, sources) in sorted(self.counts.items())]
        return {"file": f"{name}.{self.suffix}", "about": self.about, "args": self.args,
                "exit": self.exit, "from": rfc3339(self.first // HOUR * 3600),
                "to": rfc3339((self.last // HOUR + 1) * 3600), "counts": rows,
                "totals": self.totals,
                "minutes": {rfc3339(minute): n for minute, n in sorted(self.minutes.items())},
                "marks": {tool: len(sources) for tool, sources in self.marks.items()},
                "plain": self.plain}


def plain4(packet):
    return ethernet(packet, IPV4)


def plain6(packet):
    return ethernet(packet, IPV6)


# Links

@case
def ethernet_plain():
    c = Capture("Ethernet, IPv4 and IPv6, every kind")
    c.visitors(plain4, 400)
    c.visitors(plain6, 300, 6)
    return c


@case
def vlan():
    c = Capture("one 802.1Q tag", seed=2)
    c.visitors(lambda p: ethernet(p, IPV4, [(VLAN, 0x2064)]))
    c.visitors(lambda p: ethernet(p, IPV6, [(VLAN, 100)]), 60, 6)
    return c


@case
def qinq():
    c = Capture("802.1ad service tag and 802.1Q customer tag, and two 802.1Q tags", seed=3)
    c.visitors(lambda p: ethernet(p, IPV4, [(QINQ, 7), (VLAN, 100)]))
    c.visitors(lambda p: ethernet(p, IPV4, [(VLAN, 7), (VLAN, 100)]), 60)
    c.visitors(lambda p: ethernet(p, IPV6, [(QINQ, 7), (VLAN, 100)]), 60, 6)
    return c


@case
def cooked_1():
    c = Capture("Linux cooked, version 1", write.COOKED1, seed=4)
    c.visitors(lambda p: craft.cooked1(p, IPV4))
    c.visitors(lambda p: craft.cooked1(p, IPV6), 60, 6)
    return c


@case
def cooked_2():
    c = Capture("Linux cooked, version 2", write.COOKED2, seed=5)
    c.visitors(lambda p: craft.cooked2(p, IPV4))
    c.visitors(lambda p: craft.cooked2(p, IPV6), 60, 6)
    return c


@case
def raw_ip():
    c = Capture("raw IP of both versions", write.RAW, seed=6)
    c.visitors(lambda p: p)
    c.visitors(lambda p: p, 60, 6)
    return c


def loopback(about, link, order, family, seed):
    """family is the order of the 4-byte family; 24, 28 and 30 are IPv6 in one BSD or another."""
    c = Capture(about, link, order, seed=seed)
    c.visitors(lambda p: struct.pack(family + "I", 2) + p, 60)
    for number in (24, 28, 30):
        c.visitors(lambda p, n=number: struct.pack(family + "I", n) + p, 30, 6)
    return c


@case
def null_little():
    return loopback("BSD loopback, little-endian", write.NULL, "<", "<", 7)


@case
def null_big():
    return loopback("BSD loopback, big-endian", write.NULL, ">", ">", 8)


@case
def loop():
    return loopback("OpenBSD loopback, network order", write.LOOP, "<", ">", 9)


# IP

@case
def ip_options():
    c = Capture("IPv4 options of every length", seed=10)

    def build(source, target, protocol, data):
        options = b"\x01" * (4 * c.random.randrange(0, 11))
        return ipv4(source, target, protocol, data, options=options)
    c.visitors(plain4, 150, build=build)
    return c


@case
def fragments_4():
    c = Capture("IPv4 fragments: the first has the port, the later ones have none", seed=11)
    for i in range(40):
        source, target = f"198.51.100.{i % 9 + 1}", f"192.0.2.{i + 1}"
        if i % 2:
            protocol, data, name = UDP, craft.udp(source, target, 40000, 53413, bytes(600)), "udp"
        else:
            protocol, name = TCP, "tcp"
            data = craft.tcp(source, target, 40000, 23, SYN, payload=bytes(600))
        service = (name, 53413 if i % 2 else 23, "access")
        c.add(plain4(ipv4(source, target, protocol, data[:400], ident=i, more=True)), service, source)
        later = ("other", protocol, "other")
        c.add(plain4(ipv4(source, target, protocol, data[400:520], ident=i, offset=400, more=True)),
              later, source)
        c.add(plain4(ipv4(source, target, protocol, data[520:], ident=i, offset=520)), later, source)
    return c


@case
def extensions_6():
    c = Capture("IPv6 extension headers, alone and chained", seed=12)
    chains = [[HOP_BY_HOP], [ROUTING], [DESTINATION], [craft.AH],
              [HOP_BY_HOP, DESTINATION, ROUTING, DESTINATION], [HOP_BY_HOP, craft.AH, DESTINATION],
              [DESTINATION] * 4]
    makers = {HOP_BY_HOP: craft.option_header, ROUTING: craft.routing_header,
              DESTINATION: lambda following: craft.option_header(following, 24),
              craft.AH: craft.auth_header}

    def build(source, target, protocol, data):
        for header in reversed(c.random.choice(chains)):
            protocol, data = header, makers[header](protocol) + data
        return ipv6(source, target, protocol, data)
    c.visitors(plain6, 250, 6, build)
    for _ in range(3):
        source = "2001:db8:51::1"
        c.add(plain6(ipv6(source, "2001:db8:2::1", DESTINATION, craft.option_header(NONE))),
              ("other", NONE, "other"), source)
    return c


@case
def fragments_6():
    c = Capture("IPv6 fragments, also after other headers, and atomic ones", seed=13)
    for i in range(30):
        source, target = f"2001:db8:51::{i % 7 + 1:x}", f"2001:db8:2::{i + 1:x}"
        whole = craft.tcp(source, target, 40000, 2323, SYN, payload=bytes(200))
        first = craft.fragment_header(TCP, 0, True, i) + whole[:64]
        later = craft.fragment_header(TCP, 64, False, i) + whole[64:]
        atomic = craft.fragment_header(UDP, 0, False, i) + craft.udp(source, target, 40000, 53413, b"x")
        for data, service in ((first, ("tcp", 2323, "access")), (later, ("other", TCP, "other")),
                              (atomic, ("udp", 53413, "access"))):
            protocol = FRAGMENT
            if i % 3 == 1:
                protocol, data = HOP_BY_HOP, craft.option_header(FRAGMENT) + data
            c.add(plain6(ipv6(source, target, protocol, data)), service, source)
    return c


@case
def padding():
    """Bytes after the IP packet are the link's; a payload test that reads them sees replies."""
    c = Capture("Ethernet padding that looks like a UDP reply", seed=14)
    source, target = "198.51.100.7", "192.0.2.7"
    for port in (53, 123, 137, 5353, 389):
        frame = plain4(ipv4(source, target, UDP, craft.udp(source, target, port, 4000)))
        c.add(frame[:42] + b"\xff" * 18, ("udp", 4000, "access"), source)
    for flags, kind, port in ((SYN, "access", 23), (SYN | ACK, "backscatter", 4000)):
        frame = plain4(ipv4(source, target, TCP, craft.tcp(source, target, 4000, 23, flags)))
        c.add(frame + bytes(range(200)), ("tcp", port, kind), source)
    return c


# What cannot be read

@case
def malformed_4():
    c = Capture("IPv4 and links, cut and wrong, each for its reason", seed=15)
    source, target = "198.51.100.7", "192.0.2.7"
    syn = craft.tcp(source, target, 40000, 23, SYN)
    good = plain4(ipv4(source, target, TCP, syn))
    datagram = plain4(ipv4(source, target, UDP, craft.udp(source, target, 40000, 53413, b"abc")))
    echo = plain4(ipv4(source, target, ICMP, craft.icmp(8, 0)))
    optioned = plain4(ipv4(source, target, TCP, syn, options=b"\1" * 8))
    for cut in (0, 6, 13):
        c.malformed(good, LINK, cut)
    for cut in (14, 16, 17):
        c.malformed(ethernet(ipv4(source, target, TCP, syn), IPV4, [(VLAN, 5)]), LINK, cut)
    c.malformed(ethernet(craft.arp(source, target), ARP), NOT_IP)
    c.malformed(ethernet(b"\x02\x07\x04" + bytes(30), 0x88CC), NOT_IP)
    c.malformed(ethernet(b"\x42\x42\x03" + bytes(35), 38), NOT_IP)
    c.malformed(ethernet(craft.arp(source, target), ARP, [(VLAN, 5)]), NOT_IP)
    c.malformed(plain4(ipv4(source, target, TCP, syn, version=5)), VERSION)
    c.malformed(plain4(ipv4(source, target, TCP, syn, version=0)), VERSION)
    for cut in (15, 26, 33):
        c.malformed(good, IP_SHORT, cut)
    c.malformed(optioned, IP_SHORT, 14 + 24)
    for words in (0, 4):
        c.malformed(plain4(ipv4(source, target, TCP, syn, words=words)), IP_HEADER)
    for total in (1, 19):
        c.malformed(plain4(ipv4(source, target, TCP, syn, total=total)), IP_LENGTH)
    c.malformed(plain4(ipv4(source, target, TCP, syn, options=b"\1" * 8, total=24)), IP_LENGTH)
    for cut in (34 + 2, 34 + 13):
        c.malformed(good, TCP_SHORT, cut)
    for cut in (34 + 1, 34 + 7):
        c.malformed(datagram, UDP_SHORT, cut)
    c.malformed(echo, ICMP_SHORT, 34 + 1)
    # As short as can be read
    c.add(good, ("tcp", 23, "access"), source, cut=34 + 14)
    c.add(datagram, ("udp", 53413, "access"), source, cut=34 + 8)
    c.add(echo, ("icmp", 2048, "access"), source, cut=34 + 2)
    return c


@case
def malformed_6():
    c = Capture("IPv6, cut and wrong, each for its reason", seed=16)
    source, target = "2001:db8:51::7", "2001:db8:2::7"
    syn = craft.tcp(source, target, 40000, 23, SYN)
    good = plain6(ipv6(source, target, TCP, syn))
    c.malformed(plain6(ipv6(source, target, TCP, syn, version=9)), VERSION)
    for cut in (15, 14 + 39):
        c.malformed(good, IP_SHORT, cut)
    for cut in (54 + 4, 54 + 13):
        c.malformed(good, TCP_SHORT, cut)
    c.malformed(plain6(ipv6(source, target, UDP, craft.udp(source, target, 4000, 53, b"abc"))),
                UDP_SHORT, 54 + 6)
    c.malformed(plain6(ipv6(source, target, ICMP6, craft.icmp6(source, target, 128, 0))), ICMP_SHORT,
                54 + 1)
    long = struct.pack("BB", TCP, 200) + bytes(6)  # says 1608 bytes, has 8
    c.malformed(plain6(ipv6(source, target, DESTINATION, long + syn)), EXTENSION)
    c.malformed(plain6(ipv6(source, target, DESTINATION, craft.option_header(TCP, 16) + syn)),
                EXTENSION, 54 + 12)
    c.malformed(plain6(ipv6(source, target, FRAGMENT, craft.fragment_header(TCP, 0, True)[:5])),
                EXTENSION, 54 + 5)
    chain = craft.option_header(DESTINATION) * 100 + craft.option_header(TCP) + syn
    c.malformed(plain6(ipv6(source, target, DESTINATION, chain)), EXTENSION)
    c.add(good, ("tcp", 23, "access"), source, cut=54 + 14)
    return c


@case
def snapped():
    """tcpdump -s 68 of long ago: headers whole, payloads cut; nothing may be lost."""
    c = Capture("snap length 68", seed=17)
    for i in range(60):
        source, target = f"203.0.113.{i % 11 + 1}", f"192.0.2.{i + 1}"
        c.add(plain4(ipv4(source, target, UDP, craft.udp(source, target, 40000, 1900, bytes(300)))),
              ("udp", 1900, "access"), source, cut=68)
        c.add(plain4(ipv4(source, target, TCP, craft.tcp(source, target, 40000, 80, SYN,
                                                         payload=bytes(300)))),
              ("tcp", 80, "access"), source, cut=68)
        c.add(plain4(ipv4(source, target, UDP, craft.udp(source, target, 53, 4000, DNS_REPLY * 9))),
              ("udp", 53, "backscatter"), source, cut=68)
    return c


@case
def lying_lengths():
    """Lengths inside packets that promise more than came: what is there is counted."""
    c = Capture("IP and UDP lengths beyond the packet", seed=18)
    c.plain = False
    source, target = "198.51.100.9", "192.0.2.9"
    syn = craft.tcp(source, target, 40000, 23, SYN)
    c.add(plain4(ipv4(source, target, TCP, syn, total=65535)), ("tcp", 23, "access"), source)
    datagram = craft.udp(source, target, 40000, 53413, b"abc", length=60000)
    c.add(plain4(ipv4(source, target, UDP, datagram)), ("udp", 53413, "access"), source)
    datagram = craft.udp(source, target, 40000, 53413, b"abc", length=3)
    c.add(plain4(ipv4(source, target, UDP, datagram)), ("udp", 53413, "access"), source)
    source, target = "2001:db8:51::9", "2001:db8:2::9"
    syn = craft.tcp(source, target, 40000, 23, SYN)
    c.add(plain6(ipv6(source, target, TCP, syn, length=65535)), ("tcp", 23, "access"), source)
    return c


# Files

@case
def nanoseconds():
    c = Capture("nanosecond stamps", nano=True, seed=19)
    c.visitors(plain4)
    return c


@case
def big_endian():
    c = Capture("a big-endian file", order=">", seed=20)
    c.visitors(plain4)
    return c


@case
def big_endian_nanoseconds():
    c = Capture("a big-endian file with nanosecond stamps", order=">", nano=True, seed=21)
    c.visitors(plain4)
    return c


@case
def empty():
    c = Capture("a file of no packets")
    c.note(c.now)
    return c


@case
def midnight():
    """Minute, hour and day all turn between packets."""
    c = Capture("stamps on both sides of an hour and of midnight", seed=22)
    c.jitter = 1
    day = START // 86400 * 86400 + 86400
    for moment in (day - 3600, day):
        for nanoseconds in (-SECOND, -1000, 0, 1000, 59 * SECOND, 60 * SECOND):
            c.now = moment * SECOND + nanoseconds - c.step
            c.add(plain4(ipv4("198.51.100.3", "192.0.2.3", TCP,
                              craft.tcp("198.51.100.3", "192.0.2.3", 4000, 23, SYN))),
                  ("tcp", 23, "access"), "198.51.100.3")
    return c


def half_file(about, seed):
    c = Capture(about, seed=seed)
    c.visitors(plain4, 80)
    c.exit, c.plain = 1, False
    return c


@case
def cut_in_packet():
    c = half_file("the file ends inside a packet", 23)
    c.file = c.bytes() + write.pcap_record(c.now, bytes(100))[:60]
    return c


@case
def cut_in_header():
    c = half_file("the file ends inside a record header", 24)
    c.file = c.bytes() + write.pcap_record(c.now, bytes(100))[:9]
    return c


@case
def length_absurd():
    c = half_file("a record says that it is 256 MiB long", 25)
    c.file = c.bytes() + struct.pack("<IIII", START, 0, 1 << 28, 60) + bytes(5000)
    return c


@case
def time_jumps():
    c = half_file("the clock jumps half a year on, then two years back", 26)
    c.plain = True
    for jump in (180 * 86400, -730 * 86400):
        c.now += jump * SECOND
        c.visitors(plain4, 20)
    return c


def section_of(c, order, links, number, version=4):
    """A pcapng section with an interface for each (link, wrap, resolution, offset), used in turn."""
    out = write.section(order) + write.custom(order)
    for link, _, resolution, offset in links:
        out += write.interface(link, order, resolution, offset)
    out += write.names(order)
    visitors = Visitors(c.random, version)
    for i in range(number):
        which = i % len(links)
        _, wrap, resolution, offset = links[which]
        protocol, data, service = visitors.next()
        build = {4: ipv4, 6: ipv6}[version]
        frame = wrap(build(visitors.source, visitors.target, protocol, data))
        when = c.tick()
        c.count(service, visitors.source, when)
        units = 10**6 if resolution is None else \
            2**(resolution & 127) if resolution & 128 else 10**resolution
        ticks = (when - (offset or 0) * SECOND) * units // SECOND
        comment = write.option(1, b"a comment", order) + write.option(0, b"", order)
        out += write.packet(which, ticks, frame, order=order, options=comment if i % 3 else b"")
    return out + write.statistics(0, order)


def pcapng(about, seed):
    c = Capture(about, seed=seed)
    c.suffix = "pcapng"
    return c


@case
def ng_sections():
    c = pcapng("sections of both orders, interfaces of several links and resolutions", 27)
    links = [(write.ETHERNET, plain4, None, None), (write.RAW, lambda p: p, 9, None),
             (write.COOKED1, lambda p: craft.cooked1(p, IPV4), 3, None),
             (write.ETHERNET, plain4, 0x80 | 20, None), (write.ETHERNET, plain4, 6, 1_000_000_000)]
    c.file = section_of(c, "<", links, 100) + section_of(c, ">", links[::-1], 100) + \
        section_of(c, "<", [(write.ETHERNET, plain6, 9, None)], 50, 6)
    return c


@case
def ng_cut():
    c = pcapng("a pcapng file that ends inside a block", 28)
    c.exit, c.plain = 1, False
    whole = section_of(c, "<", [(write.ETHERNET, plain4, None, None)], 60)
    c.file = whole + write.packet(0, 0, bytes(60))[:40]
    return c


@case
def ng_lies():
    c = pcapng("a pcapng packet that says it is longer than its block", 29)
    c.exit, c.plain = 1, False
    whole = section_of(c, ">", [(write.ETHERNET, plain4, 9, None)], 60)
    c.file = whole + write.packet(0, 0, bytes(60), order=">", captured=4000)
    return c


@case
def ng_no_interface():
    c = pcapng("a pcapng packet of an interface that was never described", 30)
    c.exit, c.plain = 1, False
    whole = section_of(c, "<", [(write.ETHERNET, plain4, None, None)], 60)
    c.file = whole + write.packet(9, 0, bytes(60))
    return c


# The sensor's own addresses

@case
def own_prefix():
    c = Capture("our own traffic and its answers, beside visitors", seed=31,
                args=["--prefix", "192.0.2.0/24"])
    c.plain = False
    us = "192.0.2.10"

    def send(source, target, protocol, data, service):
        c.add(plain4(ipv4(source, target, protocol, data)), service, source)

    def segment(source, sport, target, dport, flags, service):
        send(source, target, TCP, craft.tcp(source, target, sport, dport, flags), service)

    def datagram(source, sport, target, dport, payload, service):
        send(source, target, UDP, craft.udp(source, target, sport, dport, payload), service)

    for i in range(12):  # we resolve names and download
        resolver, server = "198.51.100.53", f"203.0.113.{80 + i % 3}"
        datagram(us, 40000 + i, resolver, 53, DNS_QUERY, "ours")
        datagram(resolver, 53, us, 40000 + i, DNS_REPLY, "solicited")
        segment(us, 50000 + i, server, 80, SYN, "ours")
        segment(server, 80, us, 50000 + i, SYN | ACK, "solicited")
        segment(us, 50000 + i, server, 80, ACK, "ours")
        for _ in range(3):
            segment(server, 80, us, 50000 + i, ACK, "solicited")
        segment(server, 80, us, 50000 + i, RST | ACK, "solicited")
        send(us, server, ICMP, craft.icmp(8, 0), "ours")
        send(server, us, ICMP, craft.icmp(0, 0), "solicited")
    # What only looks like an answer
    segment("203.0.113.80", 80, us, 61000, SYN | ACK, ("tcp", 80, "backscatter"))
    segment("203.0.113.200", 80, us, 50000, SYN | ACK, ("tcp", 80, "backscatter"))
    datagram("198.51.100.54", 53, us, 40000, DNS_REPLY, ("udp", 53, "backscatter"))
    datagram("198.51.100.53", 53, "192.0.2.11", 40000, DNS_REPLY, ("udp", 53, "backscatter"))
    send("203.0.113.201", us, ICMP, craft.icmp(0, 0), ("icmp", 0, "backscatter"))
    for i in range(20):  # visitors, whom the sensor answers
        visitor, target = f"198.51.100.{100 + i}", f"192.0.2.{20 + i}"
        segment(visitor, 30000, target, 23, SYN, ("tcp", 23, "access"))
        segment(target, 23, visitor, 30000, SYN | ACK, "ours")
        segment(visitor, 30000, target, 23, ACK, ("tcp", 23, "other"))
        segment(visitor, 30001, target, 23, SYN, ("tcp", 23, "access"))
        datagram(visitor, 30000, target, 53413, b"AAAAAAAA", ("udp", 53413, "access"))
        send(visitor, target, ICMP, craft.icmp(8, 0), ("icmp", 2048, "access"))
    for i in range(7):  # neither from us nor to us
        segment("198.51.100.1", 4000, f"203.0.113.{i}", 23, SYN, "foreign")
    c.now += 23 * HOUR  # long after our flows have expired, and no jump of the clock yet
    segment("203.0.113.80", 80, us, 50000, SYN | ACK, ("tcp", 80, "backscatter"))
    return c


# Marks

def tool_syns(c, tool, address, number, make):
    """number SYNs from address to 23/tcp, made by make(target, target as number); a source bears a
    mark from two packets on."""
    for i in range(number):
        target = f"192.0.2.{i + 1}"
        sequence, ident, window = make(target, int.from_bytes(craft.packed(target), "big"))
        data = craft.tcp(address, target, 41000, 23, SYN, seq=sequence, window=window)
        c.add(plain4(ipv4(address, target, TCP, data, ident=ident)), ("tcp", 23, "access"), address)
    if number >= 2:
        c.marks.setdefault(tool, set()).add(address)


def mirai(_, number):
    return number, 0x7777, 14600


def zmap(_, number):
    return number * 31 & 0xFFFFFFFF, 54321, 65535


def masscan(_, number):
    sequence = number * 77777 & 0xFFFFFFFF
    return sequence, (number ^ 23 ^ sequence) & 0xFFFF, 1024


@case
def marks():
    c = Capture("SYNs of Mirai's kind, of ZMap and of masscan, and single ones, which prove nothing",
                seed=32)
    for i in range(5):
        tool_syns(c, "mirai", f"198.51.100.{i + 1}", 4, mirai)
    for i in range(4):
        tool_syns(c, "zmap", f"198.51.100.{i + 51}", 3, zmap)
    for i in range(3):
        tool_syns(c, "masscan", f"198.51.100.{i + 101}", 6, masscan)
    for i, make in enumerate((mirai, zmap, masscan)):
        tool_syns(c, "", f"203.0.113.{i + 1}", 1, make)
    # One marked packet in three is less than half; two in four is half.
    for address, plain in (("203.0.113.11", 4), ("203.0.113.12", 2)):
        tool_syns(c, "mirai" if plain == 2 else "", address, 2, mirai)
        for i in range(plain):
            data = craft.tcp(address, f"192.0.2.{i + 50}", 41000, 23, SYN, seq=99)
            c.add(plain4(ipv4(address, f"192.0.2.{i + 50}", TCP, data)), ("tcp", 23, "access"), address)
    c.marks.pop("", None)
    return c


@case
def marks_behind_nat():
    """The sensor sees a private destination; the sender wrote the public one into the sequence."""
    c = Capture("SYNs of Mirai's kind behind 1:1 NAT", seed=33,
                args=["--set", "sensor.public=198.18.0.5=203.0.113.5"])
    public = int.from_bytes(craft.packed("203.0.113.5"), "big")
    for i in range(6):
        source = f"198.51.100.{i + 1}"
        for port in (23, 2323):
            data = craft.tcp(source, "198.18.0.5", 41000, port, SYN, seq=public)
            c.add(plain4(ipv4(source, "198.18.0.5", TCP, data)), ("tcp", port, "access"), source)
        c.marks.setdefault("mirai", set()).add(source)
    for sequence in (int.from_bytes(craft.packed("198.18.0.6"), "big"), public + 1):
        data = craft.tcp("198.51.100.99", "198.18.0.5", 41000, 23, SYN, seq=sequence)
        c.add(plain4(ipv4("198.51.100.99", "198.18.0.5", TCP, data)), ("tcp", 23, "access"),
              "198.51.100.99")
    return c


def main(folder, wanted):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in wanted or CASES:
        capture = CASES[name]()
        expected = capture.expected(name)
        (folder / expected["file"]).write_bytes(capture.bytes())
        (folder / f"{name}.expect.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
