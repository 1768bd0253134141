"""What visitors send, each with what it must be counted as: (protocol, port, kind)."""
import craft
from craft import ACK, FIN, ICMP, ICMP6, PSH, RST, SYN, TCP, UDP

SOURCES = {4: [f"198.51.100.{i}" for i in range(1, 9)] + [f"203.0.113.{i}" for i in range(1, 9)],
           6: [f"2001:db8:51::{i:x}" for i in range(1, 17)]}
TARGETS = {4: [f"192.0.2.{i}" for i in range(1, 250)],
           6: [f"2001:db8:2::{i:x}" for i in range(1, 250)]}
PORTS = [23, 23, 23, 2323, 445, 80, 8080, 22, 5555, 7547, 37215, 52869]

# Payloads that a reply from this source port has, and ones that it has not.
DNS_QUERY = bytes.fromhex("1234010000010000000000000765786d706c6503636f6d0000010001")
DNS_REPLY = bytes.fromhex("1234818000010000000000000765786d706c6503636f6d0000010001")
UDP_REPLIES = [
    (53, DNS_REPLY),
    (123, b"\x24" + bytes(47)),                 # NTP mode 4
    (123, b"\x16\x82" + bytes(10)),             # NTP control, response
    (123, b"\xd7\x00\x03\x2a" + bytes(60)),     # NTP private, response
    (137, DNS_REPLY),
    (1900, b"HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n"),
    (5060, b"SIP/2.0 200 OK\r\n\r\n"),
    (111, b"\0\0\0\7\0\0\0\1" + bytes(16)),     # RPC reply
    (19, b"!\"#$%&'()*+,-./0123456789"),
    (17, b"a quotation"),
    (5353, DNS_REPLY),
    (389, bytes.fromhex("300c02010165070a010004000400")),
    (11211, b"\0\0\0\0\0\1\0\0STAT pid 1\r\n"),
]
UDP_QUESTIONS = [
    (53, DNS_QUERY),
    (123, b"\x23" + bytes(47)),                 # NTP mode 3, client
    (123, b"\x16\x02" + bytes(10)),             # NTP control, request
    (123, b"\x17\x00\x03\x2a" + bytes(4)),      # NTP private, request
    (137, DNS_QUERY),
    (1900, b"M-SEARCH * HTTP/1.1\r\n\r\n"),
    (5060, b"OPTIONS sip:100@192.0.2.1 SIP/2.0\r\n\r\n"),
    (111, b"\0\0\0\7\0\0\0\0" + bytes(16)),     # RPC call
    (5353, DNS_QUERY),
    (389, b"\x60" + bytes(8)),
    (161, bytes.fromhex("302602010104067075626c6963a21902")),  # SNMP is not judged
    (40000, b"AA\0\0AAAA"),
]
ICMP_ERRORS = [(3, 0), (3, 3), (4, 0), (5, 1), (11, 0), (12, 0)]
ICMP_REPLIES = [(0, 0), (14, 0), (18, 0)]
ICMP_OTHERS = [(9, 0), (10, 0), (13, 0), (17, 0)]
ICMP6_ERRORS = [(1, 4), (2, 0), (3, 0), (4, 1)]
ICMP6_OTHERS = [(135, 0), (133, 0), (130, 0)]


class Visitors:
    """Seeded traffic of one IP version: next() is (protocol number, transport bytes, expected)."""

    def __init__(self, random, version):
        self.random = random
        self.version = version
        self.makers = [self.syn] * 8 + [self.syn_ack, self.reset, self.neither] + \
            [self.datagram] * 3 + [self.reply, self.question, self.low_reply] + \
            [self.echo, self.icmp_answer, self.icmp_other, self.other]

    def next(self):
        self.source = self.random.choice(SOURCES[self.version])
        self.target = self.random.choice(TARGETS[self.version])
        return self.random.choice(self.makers)()

    def high(self):
        return self.random.randrange(1024, 65536)

    def segment(self, sport, dport, flags, **more):
        return TCP, craft.tcp(self.source, self.target, sport, dport, flags,
                              seq=self.random.getrandbits(32), **more)

    def syn(self):
        port = self.random.choice(PORTS)
        more = self.random.choice([{}, {"options": b"\2\4\5\xb4\1\1\4\2"}, {"payload": b"GET"}])
        flags = SYN | self.random.choice([0, 0, 0, PSH, 0x40, 0x80])
        return *self.segment(self.high(), port, flags, **more), ("tcp", port, "access")

    def syn_ack(self):
        port = self.random.choice(PORTS)
        return *self.segment(port, self.high(), SYN | ACK, ack=1), ("tcp", port, "backscatter")

    def reset(self):
        port = self.random.choice(PORTS)
        flags = RST | self.random.choice([0, ACK, SYN, FIN, SYN | ACK])
        return *self.segment(port, self.high(), flags, ack=1), ("tcp", port, "backscatter")

    def neither(self):
        port = self.random.choice(PORTS)
        flags = self.random.choice([0, ACK, FIN, FIN | ACK, PSH | ACK, SYN | FIN, 0x29])
        return *self.segment(self.high(), port, flags, ack=1), ("tcp", port, "other")

    def datagram_of(self, sport, dport, payload):
        return UDP, craft.udp(self.source, self.target, sport, dport, payload)

    def datagram(self):
        port = self.random.choice([53413, 53413, 1900, 123, 161, 5060, 69])
        payload = self.random.randbytes(self.random.randrange(0, 40))
        return *self.datagram_of(self.random.randrange(30000, 60000), port, payload), \
            ("udp", port, "access")

    def reply(self):
        port, payload = self.random.choice(UDP_REPLIES)
        return *self.datagram_of(port, self.high(), payload), ("udp", port, "backscatter")

    def question(self):
        """From a service's port, but asking."""
        port, payload = self.random.choice(UDP_QUESTIONS)
        target = self.high()
        return *self.datagram_of(port, target, payload), ("udp", target, "access")

    def low_reply(self):
        """What looks like a reply, but to a port below 1024, which no client asks from."""
        port, payload = self.random.choice(UDP_REPLIES)
        target = self.random.choice([53, 123, 1023])
        return *self.datagram_of(port, target, payload), ("udp", target, "access")

    def control(self, kind, code, **more):
        if self.version == 4:
            return ICMP, craft.icmp(kind, code, **more), ("icmp", kind * 256 + code)
        return ICMP6, craft.icmp6(self.source, self.target, kind, code, **more), \
            ("icmp6", kind * 256 + code)

    def echo(self):
        protocol, data, service = self.control(8 if self.version == 4 else 128, 0)
        return protocol, data, (*service, "access")

    def icmp_answer(self):
        if self.version == 4:
            which = self.random.choice(ICMP_ERRORS + ICMP_REPLIES)
            quoted = craft.ipv4(self.target, self.source, TCP,
                                craft.tcp(self.target, self.source, 40000, 80, SYN))
            error = which in ICMP_ERRORS
        else:
            which = self.random.choice(ICMP6_ERRORS + [(129, 0)])
            quoted = craft.ipv6(self.target, self.source, TCP,
                                craft.tcp(self.target, self.source, 40000, 80, SYN))
            error = which in ICMP6_ERRORS
        more = {"rest": bytes(4), "payload": quoted} if error else {}
        protocol, data, service = self.control(*which, **more)
        return protocol, data, (*service, "backscatter")

    def icmp_other(self):
        which = self.random.choice(ICMP_OTHERS if self.version == 4 else ICMP6_OTHERS)
        protocol, data, service = self.control(*which)
        return protocol, data, (*service, "other")

    def other(self):
        protocol = self.random.choice([craft.GRE, craft.ESP, 132, 136])
        return protocol, self.random.randbytes(24), ("other", protocol, "other")
