#!/usr/bin/env python3
"""Captures to load a sensor with, to be sent over and over.

usage: mixes.py FOLDER NAME...     writes FOLDER/NAME.pcap

  darknet      many sources, few ports, SYNs with options and some datagrams
  sources      a source a packet, 100,000 of them, many ports
  ipv6         SYNs and echo requests
  backscatter  SYN-ACKs and RSTs
  malformed    cut, lying and random frames
"""
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "captures"))
from craft import (ACK, ICMP6, IPV4, IPV6, RST, SYN, TCP, UDP, ethernet, icmp6, ipv4, ipv6, tcp, udp)
from write import ETHERNET, pcap_header, pcap_record

PORTS = [23, 2323, 445, 80, 8080, 22], [32, 16, 11, 8, 6, 5]
OPTIONS = bytes.fromhex("020405b4")


def outside(chance):
    return f"198.{chance.choice((18, 19))}.{chance.randrange(256)}.{chance.randrange(256)}"


def inside(chance):
    return f"203.0.113.{chance.randrange(256)}"


def syn(chance, port):
    source, target = outside(chance), inside(chance)
    body = tcp(source, target, chance.randrange(1024, 65536), port, SYN, seq=chance.randrange(2**32), options=OPTIONS)
    return ethernet(ipv4(source, target, TCP, body, ident=chance.randrange(65536)), IPV4)


def darknet(chance):
    for i in range(50000):
        if i % 10:
            yield syn(chance, chance.choices(*PORTS)[0])
        else:
            source, target = outside(chance), inside(chance)
            yield ethernet(ipv4(source, target, UDP, udp(source, target, 40000, 53413, b"AA")), IPV4)


def sources(chance):
    for _ in range(100000):
        yield syn(chance, chance.randrange(1, 65536))


def over6(chance):
    for i in range(20000):
        source = f"2001:db8:{chance.randrange(65536):x}::{chance.randrange(65536):x}"
        target = f"2001:db8:77::{chance.randrange(256):x}"
        if i % 4:
            body = tcp(source, target, chance.randrange(1024, 65536), chance.choices(*PORTS)[0], SYN)
            yield ethernet(ipv6(source, target, TCP, body), IPV6)
        else:
            yield ethernet(ipv6(source, target, ICMP6, icmp6(source, target, 128, 0, b"\0\1\0\1")), IPV6)


def backscatter(chance):
    for i in range(20000):
        source, target = outside(chance), inside(chance)
        flags = RST if i % 3 == 0 else SYN | ACK
        body = tcp(source, target, chance.choice((80, 443, 53, 25565)), chance.randrange(1024, 65536), flags)
        yield ethernet(ipv4(source, target, TCP, body), IPV4)


def malformed(chance):
    for i in range(5000):
        frame = bytearray(syn(chance, 23))
        if i % 3 == 0:
            yield bytes(frame[:14 + chance.randrange(1, 40)])
        elif i % 3 == 1:
            frame[14 + chance.randrange(4)] ^= 1 + chance.randrange(255)
            yield bytes(frame)
        else:
            yield bytes(frame[:14]) + chance.randbytes(46)


MIXES = {"darknet": darknet, "sources": sources, "ipv6": over6, "backscatter": backscatter, "malformed": malformed}


def main(folder, names):
    for name in names:
        with open(pathlib.Path(folder) / f"{name}.pcap", "wb") as out:
            out.write(pcap_header(ETHERNET))
            for i, frame in enumerate(MIXES[name](random.Random(1))):
                out.write(pcap_record(i * 1000, frame))


if __name__ == "__main__":
    if len(sys.argv) < 3 or not set(sys.argv[2:]) <= set(MIXES):
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
