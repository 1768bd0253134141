"""Packets from nothing: bytes of headers, by the RFCs, with right checksums."""
import ipaddress
import struct

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32

ICMP, TCP, UDP, GRE, ESP, AH, ICMP6, NONE = 1, 6, 17, 47, 50, 51, 58, 59
HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION = 0, 43, 44, 60

IPV4, IPV6, ARP, VLAN, QINQ = 0x0800, 0x86DD, 0x0806, 0x8100, 0x88A8


def packed(address):
    return ipaddress.ip_address(address).packed


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo(source, destination, protocol, length):
    """The pseudo header that TCP, UDP and ICMPv6 checksums cover (RFC 9293 3.1, RFC 8200 8.1)."""
    return packed(source) + packed(destination) + struct.pack(">IHBB", length, 0, 0, protocol)


def tcp(source, destination, sport, dport, flags, seq=1, ack=0, window=64240, options=b"",
        payload=b""):
    options += b"\0" * (-len(options) % 4)
    words = 5 + len(options) // 4

    def header(sum_):
        return struct.pack(">HHIIBBHHH", sport, dport, seq, ack, words << 4, flags, window, sum_,
                           0) + options
    whole = header(0) + payload
    return header(checksum(pseudo(source, destination, TCP, len(whole)) + whole)) + payload


def udp(source, destination, sport, dport, payload=b"", length=None):
    size = 8 + len(payload) if length is None else length
    whole = struct.pack(">HHHH", sport, dport, size, 0) + payload
    sum_ = checksum(pseudo(source, destination, UDP, size) + whole) or 0xFFFF
    return struct.pack(">HHHH", sport, dport, size, sum_) + payload


def icmp(kind, code, rest=b"\0\1\0\1", payload=b"0123456789abcdef"):
    body = rest + payload
    sum_ = checksum(struct.pack(">BBH", kind, code, 0) + body)
    return struct.pack(">BBH", kind, code, sum_) + body


def icmp6(source, destination, kind, code, rest=b"\0\1\0\1", payload=b"0123456789abcdef"):
    body = rest + payload
    whole = struct.pack(">BBH", kind, code, 0) + body
    sum_ = checksum(pseudo(source, destination, ICMP6, len(whole)) + whole)
    return struct.pack(">BBH", kind, code, sum_) + body


def ipv4(source, destination, protocol, payload, ident=1, options=b"", offset=0, more=False, ttl=57,
         version=4, words=None, total=None):
    """offset is in bytes; words and total override the header's own length fields."""
    options += b"\0" * (-len(options) % 4)
    words = 5 + len(options) // 4 if words is None else words
    total = 20 + len(options) + len(payload) if total is None else total

    def header(sum_):
        return struct.pack(">BBHHHBBH", version << 4 | words, 0, total, ident,
                           more << 13 | offset // 8, ttl, protocol, sum_) + \
            packed(source) + packed(destination) + options
    return header(checksum(header(0))) + payload


def ipv6(source, destination, protocol, payload, length=None, version=6):
    size = len(payload) if length is None else length
    return struct.pack(">IHBB", version << 28, size, protocol, 57) + packed(source) + \
        packed(destination) + payload


def option_header(following, size=8):
    """Hop-by-hop or destination options of size bytes, filled with PadN (RFC 8200 4.3, 4.6)."""
    return struct.pack("BBBB", following, size // 8 - 1, 1, size - 4) + bytes(size - 4)


def routing_header(following, segments=1):
    """Routing type 4 with none left (RFC 8754)."""
    return struct.pack(">BBBBI", following, 2 * segments, 4, 0, 0) + \
        packed("2001:db8:9::1") * segments


def fragment_header(following, offset, more, ident=7):
    return struct.pack(">BBHI", following, 0, offset | more, ident)


def auth_header(following, icv=12):
    """AH counts its length in 4-byte words less 2, not as the others (RFC 4302 2.2)."""
    return struct.pack(">BBHII", following, (12 + icv) // 4 - 2, 0, 0x1000, 1) + b"\xA5" * icv


def ethernet(payload, kind, tags=(), pad=True):
    """tags are (ethertype, VLAN number), outermost first."""
    frame = b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02"
    for ethertype, number in tags:
        frame += struct.pack(">HH", ethertype, number)
    frame += struct.pack(">H", kind) + payload
    return frame.ljust(60, b"\0") if pad else frame


def cooked1(payload, kind):
    return struct.pack(">HHH8sH", 0, 1, 6, b"\x02\0\0\0\0\x02\0\0", kind) + payload


def cooked2(payload, kind):
    return struct.pack(">HHIHBB8s", kind, 0, 2, 1, 0, 6, b"\x02\0\0\0\0\x02\0\0") + payload


def arp(source, destination):
    return struct.pack(">HHBBH6s4s6s4s", 1, IPV4, 6, 4, 1, b"\x02\0\0\0\0\x02", packed(source),
                       b"\0" * 6, packed(destination))
