"""What tshark and tcpdump make of a capture, by the definitions of the kinds (packet/kinds.c).

tshark sees through tags and extension headers; tcpdump's own filter language is the one that operators
know. Neither shares a line with teiten.
"""
import re
import subprocess

FIELDS = ["frame.time_epoch", "frame.protocols", "ip.proto", "ip.src", "ipv6.src", "ip.frag_offset",
          "ipv6.fraghdr.offset", "ipv6.nxt", "ipv6.hopopts.nxt", "ipv6.routing.nxt",
          "ipv6.dstopts.nxt", "ipv6.fraghdr.nxt", "ah.next_header", "tcp.flags", "tcp.srcport",
          "tcp.dstport", "udp.srcport", "udp.dstport", "udp.payload", "icmp.type", "icmp.code",
          "icmpv6.type", "icmpv6.code"]
# Extension headers in frame.protocols, and the field that names what follows each.
EXTENSIONS = {"ipv6.hopopts": "ipv6.hopopts.nxt", "ipv6.routing": "ipv6.routing.nxt",
              "ipv6.dstopts": "ipv6.dstopts.nxt", "ipv6.fraghdr": "ipv6.fraghdr.nxt",
              "ah": "ah.next_header"}
NOT_IP = 2

UDP_REPLIES = {
    53: lambda p: len(p) > 2 and p[2] & 0x80,
    123: lambda p: p and (p[0] & 7 == 4 or p[0] & 7 == 6 and len(p) > 1 and p[1] & 0x80 or
                          p[0] & 7 == 7 and p[0] & 0x80),
    137: lambda p: len(p) > 2 and p[2] & 0x80,
    1900: lambda p: p.startswith(b"HTTP"),
    5060: lambda p: p.startswith(b"SIP/"),
    111: lambda p: p[4:8] == b"\0\0\0\1",
    19: lambda p: True,
    17: lambda p: True,
    5353: lambda p: len(p) > 2 and p[2] & 0x80,
    389: lambda p: p[:1] == b"\x30",
    11211: lambda p: True,
}


def records(path):
    command = ["tshark", "-n", "-r", str(path), "-o", "ip.defragment:FALSE",
               "-o", "ipv6.defragment:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE", "-T", "fields",
               "-E", "occurrence=a", "-E", "aggregator=,", "-E", "separator=/t"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        record = dict(zip(FIELDS, line.split("\t")))
        if record["frame.time_epoch"]:  # a custom block of pcapng is a record without a time
            yield record


def first(text):
    """An ICMP error shows the fields of the packet that it quotes after its own."""
    return text.split(",")[0]


def number(text):
    return int(first(text) or "0", 0)


def last_header(record, names):
    """(protocol number after the extension headers, its name in frame.protocols) of an IPv6 packet."""
    at, following, seen = 0, number(record["ipv6.nxt"]), {}
    while at < len(names) and names[at] in EXTENSIONS:
        field = EXTENSIONS[names[at]]
        following = number(record[field].split(",")[seen.get(field, 0)])
        seen[field] = seen.get(field, 0) + 1
        at += 1
    return following, names[at] if at < len(names) else ""


def tcp_service(record):
    flags = number(record["tcp.flags"])
    source, destination = number(record["tcp.srcport"]), number(record["tcp.dstport"])
    if flags & 0x04 or flags & 0x12 == 0x12:
        return "tcp", source, "backscatter"
    return "tcp", destination, "access" if flags & 0x17 == 0x02 else "other"


def udp_service(record):
    source, destination = number(record["udp.srcport"]), number(record["udp.dstport"])
    judge = UDP_REPLIES.get(source)
    if judge and destination >= 1024 and judge(bytes.fromhex(first(record["udp.payload"]))):
        return "udp", source, "backscatter"
    return "udp", destination, "access"


def icmp_service(record):
    kind, code = number(record["icmp.type"]), number(record["icmp.code"])
    word = "access" if kind == 8 else "other"
    if kind in (0, 3, 4, 5, 11, 12, 14, 18):
        word = "backscatter"
    return "icmp", kind * 256 + code, word


def icmp6_service(record):
    kind, code = number(record["icmpv6.type"]), number(record["icmpv6.code"])
    word = "access" if kind == 128 else "other"
    if kind in (1, 2, 3, 4, 129):
        word = "backscatter"
    return "icmp6", kind * 256 + code, word


SERVICES = {("tcp", 6): tcp_service, ("udp", 17): udp_service, ("icmp", 1): icmp_service,
            ("icmpv6", 58): icmp6_service}


def service_of(record):
    """((proto, port, kind), source) of one packet."""
    names = record["frame.protocols"].split(":")
    outer = next((name for name in names if name in ("ip", "ipv6", "arp")), "")
    if outer not in ("ip", "ipv6"):
        return ("other", NOT_IP, "malformed"), None
    names = names[names.index(outer) + 1:]
    if outer == "ip":
        protocol, name = number(record["ip.proto"]), names[0] if names else ""
        later = number(record["ip.frag_offset"])
        source = first(record["ip.src"])
    else:
        protocol, name = last_header(record, names)
        later = number(record["ipv6.fraghdr.offset"])
        source = first(record["ipv6.src"])
    make = SERVICES.get((name, protocol))
    if later or not make:
        return ("other", protocol, "other"), source
    return make(record), source


def tshark(path):
    """({(proto, port, kind): (packets, sources)}, first second, last second, whether there are tags)."""
    counts, times, tagged = {}, [], False
    for record in records(path):
        service, source = service_of(record)
        packets, sources = counts.setdefault(service, [0, set()])
        counts[service][0] = packets + 1
        sources.add(source)
        times.append(float(record["frame.time_epoch"]))
        tagged |= "vlan" in record["frame.protocols"].split(":")
    table = {service: (packets, None if None in sources else len(sources))
             for service, (packets, sources) in counts.items()}
    return table, int(min(times, default=0)), int(max(times, default=0)), tagged


def jumps(path):
    """Whether the clock of a capture jumps: back by more than a minute, or forward by more than a day."""
    seconds = [int(float(record["frame.time_epoch"])) for record in records(path)]
    steps = [after - before for before, after in zip(seconds, seconds[1:])]
    return any(step < -60 or step > 24 * 3600 for step in steps)


SYN = "tcp[tcpflags] & (tcp-syn|tcp-ack|tcp-rst|tcp-fin) == tcp-syn"


def tcpdump_syns(path):
    """{port: packets} of the TCP SYNs of untagged IPv4, by the filter that anyone would type."""
    done = subprocess.run(["tcpdump", "-nn", "-q", "-t", "-r", str(path), SYN], capture_output=True,
                          text=True, check=True)
    ports = {}
    for line in done.stdout.splitlines():
        found = re.match(r"IP \S+ > \d+\.\d+\.\d+\.\d+\.(\d+): ", line)
        if found:
            ports[int(found[1])] = ports.get(int(found[1]), 0) + 1
    return ports
