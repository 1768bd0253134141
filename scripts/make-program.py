#!/usr/bin/env python3
"""Makes a file that looks like a program of some CPU, and is none: for the file systems of personas.

usage: make-program.py CPU SIZE FILE [STRING...]

CPU is one of mips mipsel arm armeb ppc sh4 x86 x86_64. The headers are whole and agree with the size; what
stands for code is patterns of the CPU's common words or noise, the same each time; the strings stand in
.rodata. Nothing of any real program is in it.
"""
import pathlib
import random
import struct
import sys

# class (1: 32 bit, 2: 64), byte order, machine, flags, address of the text
CPUS = {
    "mips": (1, ">", 8, 0x70001007, 0x400000),
    "mipsel": (1, "<", 8, 0x70001007, 0x400000),
    "arm": (1, "<", 40, 0x5000002, 0x8000),
    "armeb": (1, ">", 40, 0x5800002, 0x8000),
    "ppc": (1, ">", 20, 0, 0x10000000),
    "sh4": (1, "<", 42, 9, 0x400000),
    "x86": (1, "<", 3, 0, 0x8048000),
    "x86_64": (2, "<", 62, 0, 0x400000),
}

# What a compiler for MIPS writes most: (word, bits that change).
MIPS_WORDS = [
    (0x27BD0000, 0x00F8), (0xAFBF0000, 0x007C), (0x8FBF0000, 0x007C), (0x03E00008, 0), (0, 0), (0x0320F809, 0),
    (0x8F990000, 0xFFFC), (0x8FBC0010, 0), (0x3C1C0000, 0x000F), (0x279C0000, 0xFFFF), (0x24040000, 0x00FF),
    (0x8C420000, 0x01FC), (0x00402021, 0), (0x02002021, 0), (0x10400000, 0x003F), (0x14400000, 0x003F),
    (0xAC620000, 0x01FC), (0x00431021, 0), (0x30420000, 0x00FF), (0x1000FF00, 0x00FF),
]


def code(cpu, order, size, rng):
    """Bytes that stand for machine code."""
    if not cpu.startswith("mips"):
        return rng.randbytes(size)
    words = []
    for _ in range(size // 4):
        word, mask = rng.choice(MIPS_WORDS)
        words.append(word | rng.getrandbits(16) & mask)
    return struct.pack(f"{order}{len(words)}I", *words)


def program(cpu, size, strings):
    kind, order, machine, flags, base = CPUS[cpu]
    rng = random.Random(f"{cpu} {size}")
    word = "I" if kind == 1 else "Q"
    header = 52 if kind == 1 else 64
    segment = 32 if kind == 1 else 56
    section = 40 if kind == 1 else 64
    names = b"\0.init\0.text\0.fini\0.rodata\0.data\0.bss\0.shstrtab\0"
    rodata = b"".join(s.encode() + b"\0" for s in strings) + bytes(-sum(len(s) + 1 for s in strings) % 16)
    table = 8 * section
    text_at = header + 2 * segment + (-(header + 2 * segment) % 16)
    data_n = 256
    text_n = (size - text_at - len(rodata) - data_n - len(names) - (-len(names) % 4) - table) & ~15
    if text_n < 64:
        sys.exit("make-program.py: too small for what it shall hold")
    init_n = fini_n = 32
    rodata_at = text_at + text_n
    data_at = rodata_at + len(rodata)
    names_at = data_at + data_n
    table_at = size - table
    body = bytearray(size)
    ident = bytes([0x7F, 0x45, 0x4C, 0x46, kind, 1 if order == "<" else 2, 1, 0]) + bytes(8)
    body[:header] = ident + struct.pack(f"{order}HHI{word}{word}{word}IHHHHHH", 2, machine, 1, base + text_at + init_n, header,
                                        table_at, flags, header, segment, 2, section, 8, 7)
    data_address = base + 0x40000 + data_at

    def put_segment(index, flag, at, n, address, room):
        fields = (1, at, address, address, n, room, flag, 0x10000) if kind == 1 else (1, flag, at, address, address, n, room, 0x10000)
        packed = struct.pack(order + ("8I" if kind == 1 else "II6Q"), *fields)
        body[header + index * segment:header + (index + 1) * segment] = packed

    put_segment(0, 5, 0, data_at, base, data_at)
    put_segment(1, 6, data_at, data_n, data_address, data_n + 0x1000)
    body[text_at:rodata_at] = code(cpu, order, text_n, rng)
    body[rodata_at:data_at] = rodata
    body[data_at:names_at] = bytes(rng.choice((0, 0, 0, rng.getrandbits(8))) for _ in range(data_n))
    body[names_at:names_at + len(names)] = names
    rows = [
        ("", 0, 0, 0, 0, 0, 0),
        (".init", 1, 6, base + text_at, text_at, init_n, 4),
        (".text", 1, 6, base + text_at + init_n, text_at + init_n, text_n - init_n - fini_n, 16),
        (".fini", 1, 6, base + rodata_at - fini_n, rodata_at - fini_n, fini_n, 4),
        (".rodata", 1, 2, base + rodata_at, rodata_at, len(rodata), 16),
        (".data", 1, 3, data_address, data_at, data_n, 16),
        (".bss", 8, 3, data_address + data_n, names_at, 0x1000, 16),
        (".shstrtab", 3, 0, 0, names_at, len(names), 1),
    ]
    for i, (name, type_, flag, address, at, n, align) in enumerate(rows):
        offset = names.index(name.encode() + b"\0") if name else 0
        packed = struct.pack(f"{order}II{word}{word}{word}{word}II{word}{word}", offset, type_, flag, address, at, n, 0, 0, align, 0)
        body[table_at + i * section:table_at + (i + 1) * section] = packed
    return bytes(body)


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] not in CPUS or not sys.argv[2].isdigit():
        sys.exit(__doc__)
    pathlib.Path(sys.argv[3]).write_bytes(program(sys.argv[1], int(sys.argv[2]), sys.argv[4:]))
