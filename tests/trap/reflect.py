#!/usr/bin/env python3
"""Floods with forged sources over a /16 at a service of datagrams, and what comes back because of them.

usage: reflect.py INTERFACE TARGET PORT

Runs in the sender's namespace of tests/live/netns.sh, on its end of the veth pair, and sends only there. Frames are made by hand,
so that each seems to come from another place; all that the other end sends by IP is captured and counted by the /24 that it goes to.

Two floods: exchanges that go on to commands, from eight places in each of 256 networks; then a probe from each of 65,536
addresses, as fast as can be. It fails where any network was at any time sent more bytes of IP than had come from there and 64,
where a payload has more than 64 bytes, or where nothing comes back at all. Prints, for whoever asks further: datagrams that were
sent, bytes of IP in and out, and the most that a network was sent beyond what had come from it.
"""
import collections
import pathlib
import select
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "captures"))
from craft import IPV4, UDP, ethernet, ipv4, udp

NETWORKS, PLACES, CREDIT, PAYLOAD_MOST = 256, 8, 64, 64
QUIET, PATIENCE = 1.5, 60  # seconds
SPREE = [b"\n", b"AAAAAAAAnetcore\0", b"AA\0\0AAAA?\0", b"AA\0\0AAAA$GetVersion\0", b"AA\0\0AAAA$Help\0",
         b"AA\0\0AAAAcat /proc/cpuinfo /proc/mounts\0", b"AA\0\0AAAA$Help\0",
         b"AA\0\0AAAAwhile :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaa; done\0", b"AAAAAAAAnetcore\0"]


def frame(source, target, port, payload):
    return ethernet(ipv4(source, target, UDP, udp(source, target, 40000, port, payload)), IPV4, pad=False)


class Wire:
    def __init__(self, interface):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(IPV4))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUFFORCE if hasattr(socket, "SO_RCVBUFFORCE") else 33, 64 << 20)
        self.socket.bind((interface, IPV4))
        self.station = self.socket.getsockname()[4]
        self.sent, self.into, self.out = 0, collections.Counter(), collections.Counter()
        self.most, self.wrong = -1 << 30, []

    def send(self, source, data):
        self.into[source.rsplit(".", 1)[0]] += len(data) - 14  # what answers it may be here before send() is back
        while True:
            try:
                self.socket.send(data)
                break
            except OSError:  # the other end has no room
                self.hear(0.01)
        self.sent += 1

    def hear(self, wait):
        heard = False
        while select.select([self.socket], [], [], 0 if heard else wait)[0]:
            data, address = self.socket.recvfrom(65536)
            if address[2] == socket.PACKET_OUTGOING or data[6:12] == self.station:
                continue
            heard = True
            length, protocol = struct.unpack_from("!2xH5xB", data, 14)
            network = ".".join(str(b) for b in data[30:33])
            self.out[network] += length
            excess = self.out[network] - self.into[network]
            self.most = max(self.most, excess)
            if excess > CREDIT:
                self.wrong.append(f"{network}.0/24 was sent {self.out[network]} bytes for {self.into[network]}")
            if protocol == UDP and length - 28 > PAYLOAD_MOST:
                self.wrong.append(f"a payload of {length - 28} bytes")
        return heard


def flood(wire, target, port):
    for payload in SPREE:
        for network in range(NETWORKS):
            for place in range(PLACES):
                source = f"198.18.{network}.{10 + place}"
                wire.send(source, frame(source, target, port, payload))
            wire.hear(0)
        wire.hear(0.2)
    for host in range(256):
        for network in range(NETWORKS):
            source = f"198.18.{network}.{host}"
            wire.send(source, frame(source, target, port, b"\n"))
        wire.hear(0)


def main():
    interface, target, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    wire = Wire(interface)
    began = time.monotonic()
    flood(wire, target, port)
    while wire.hear(QUIET) and time.monotonic() - began < PATIENCE:
        pass
    print(wire.sent, sum(wire.into.values()), sum(wire.out.values()), wire.most)
    if not wire.out:
        wire.wrong.append("nothing came back")
    for line in wire.wrong[:20]:
        print(line, file=sys.stderr)
    return 1 if wire.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
