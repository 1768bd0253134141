"""Capture files: pcap in its four flavours, pcapng block by block. Times are nanoseconds since 1970."""
import struct

ETHERNET, NULL, RAW, LOOP, COOKED1, COOKED2 = 1, 0, 101, 108, 113, 276


def pcap_header(link, order="<", nano=False, snaplen=262144):
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    return struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link)


def pcap_record(when, data, wire=None, order="<", nano=False):
    fraction = when % 10**9 if nano else when % 10**9 // 1000
    return struct.pack(order + "IIII", when // 10**9, fraction, len(data),
                       len(data) if wire is None else wire) + data


def block(kind, body, order="<", trailer=None):
    body += b"\0" * (-len(body) % 4)
    size = 12 + len(body)
    return struct.pack(order + "II", kind, size) + body + \
        struct.pack(order + "I", size if trailer is None else trailer)


def option(code, value, order="<"):
    return struct.pack(order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def section(order="<", length=-1):
    options = option(4, b"made by hand", order) + option(0, b"", order)
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, length) + options, order)


def interface(link, order="<", resolution=None, offset=None, snaplen=0):
    """resolution is the byte of if_tsresol; offset the seconds of if_tsoffset."""
    options = option(2, b"eth0", order)
    if resolution is not None:
        options += option(9, bytes([resolution]), order)
    if offset is not None:
        options += option(14, struct.pack(order + "q", offset), order)
    options += option(0, b"", order)
    return block(1, struct.pack(order + "HHI", link, 0, snaplen) + options, order)


def packet(number, ticks, data, wire=None, order="<", options=b"", captured=None, trailer=None):
    body = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF,
                       len(data) if captured is None else captured,
                       len(data) if wire is None else wire)
    return block(6, body + data + b"\0" * (-len(data) % 4) + options, order, trailer)


def statistics(number, order="<", trailer=None):
    return block(5, struct.pack(order + "III", number, 0, 0), order, trailer)


def names(order="<"):
    record = struct.pack(order + "HH", 1, 16) + bytes([192, 0, 2, 1]) + b"example.com\0"
    return block(4, record + struct.pack(order + "HH", 0, 0), order)


def custom(order="<"):
    return block(0x0BAD, struct.pack(order + "I", 32473) + b"anything at all", order)
