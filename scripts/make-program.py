#!/usr/bin/env python3
"""Makes a file that looks like a program of some CPU, and is none: for the file systems of personas.

usage: make-program.py CPU SIZE FILE [STRING...]

CPU is one of those in CPUS below. The headers are whole and agree with the size; what stands for code is
patterns of the CPU's common words, the same each time; the strings stand in .rodata. Nothing of any real
program is in it.
"""
import pathlib
import random
import struct
import sys

# class (1: 32 bit, 2: 64), byte order, machine, flags, address of the text
CPUS = {
    "mips": (1, ">", 8, 0x70001007, 0x400000),
    "mipsel": (1, "<", 8, 0x70001007, 0x400000),
    "mips64": (2, ">", 8, 0x80000007, 0x120000000),
    "arm": (1, "<", 40, 0x5000002, 0x8000),
    "arm-eabi4": (1, "<", 40, 0x4000002, 0x8000),
    "arm-soft": (1, "<", 40, 0x5000200, 0x10000),
    "arm-hard": (1, "<", 40, 0x5000400, 0x10000),
    "armeb": (1, ">", 40, 0x5800002, 0x8000),
    "aarch64": (2, "<", 183, 0, 0x400000),
    "ppc": (1, ">", 20, 0, 0x10000000),
    "sh4": (1, "<", 42, 9, 0x400000),
    "sparc": (1, ">", 2, 0, 0x10000),
    "x86": (1, "<", 3, 0, 0x8048000),
    "x86_64": (2, "<", 62, 0, 0x400000),
}

# What a compiler writes most: (word, bits that change), by the beginning of the CPU's name.
WORDS = {
    "mips": [
        (0x27BD0000, 0x00F8), (0xAFBF0000, 0x007C), (0x8FBF0000, 0x007C), (0x03E00008, 0), (0, 0), (0x0320F809, 0),
        (0x8F990000, 0xFFFC), (0x8FBC0010, 0), (0x3C1C0000, 0x000F), (0x279C0000, 0xFFFF), (0x24040000, 0x00FF),
        (0x8C420000, 0x01FC), (0x00402021, 0), (0x02002021, 0), (0x10400000, 0x003F), (0x14400000, 0x003F),
        (0xAC620000, 0x01FC), (0x00431021, 0), (0x30420000, 0x00FF), (0x1000FF00, 0x00FF),
    ],
    "arm": [
        (0xE92D4010, 0x01E0), (0xE8BD8010, 0x01E0), (0xE1A00000, 0x7007), (0xE3A00000, 0x30FF), (0xE5900000, 0x303C),
        (0xE59D0000, 0x303C), (0xE5833000, 0x003C), (0xEB000000, 0x3FFF), (0xE3500000, 0x000F), (0x0A000000, 0x001F),
        (0x1A000000, 0x001F), (0xE12FFF1E, 0), (0xE24DD000, 0x003C), (0xE28DD000, 0x003C), (0xE0833002, 0x7007),
        (0xE59F0000, 0x30FC), (0xE1A0E00F, 0), (0xEAFFFF00, 0x00FF), (0xE5D33000, 0x000F), (0xE3530000, 0x007F),
    ],
    "aarch64": [
        (0xA9BE7BFD, 0), (0x910003FD, 0), (0xF9000BF3, 0), (0xD65F03C0, 0), (0x94000000, 0x3FFF), (0x52800000, 0x1FE7),
        (0xF9400000, 0x1C67), (0xAA0003E0, 0x0007), (0x34000000, 0x03E7), (0x35000000, 0x03E7), (0x90000000, 0x0007),
        (0x91000000, 0xFC67), (0x2A0003E0, 0x001F), (0xA8C27BFD, 0), (0x7100001F, 0x1C00), (0x54000001, 0x03E0),
        (0xB9400000, 0x1C67), (0x17FFFF00, 0x00FF), (0x39400000, 0x0067), (0xF9400BF3, 0),
    ],
    "ppc": [
        (0x9421FFE0, 0x0010), (0x7C0802A6, 0), (0x90010004, 0x0070), (0x93C10008, 0x0014), (0x38600000, 0x00FF),
        (0x80630000, 0x007C), (0x7C7E1B78, 0), (0x2F830000, 0x0007), (0x419E0008, 0x00FC), (0x409E0008, 0x00FC),
        (0x48000001, 0x3FFC), (0x4BFFF001, 0x0FFC), (0x7C0803A6, 0), (0x38210020, 0x0050), (0x4E800020, 0),
        (0x7FC3F378, 0), (0x3C801000, 0x000F), (0x38840000, 0xFFFC), (0x83C10008, 0x0014), (0x90640000, 0x007C),
    ],
    "sparc": [
        (0x9DE3BF98, 0x0038), (0x90100010, 0x000F), (0x01000000, 0), (0x40000000, 0x3FFF), (0x80A22000, 0x000F),
        (0x02800004, 0x001F), (0x12800004, 0x001F), (0xC2006000, 0x007C), (0xD0022000, 0x007C), (0x81C7E008, 0),
        (0x91E80008, 0), (0x11000040, 0x00FF), (0x90122000, 0x01FF), (0xB0102000, 0x00FF), (0x81E80000, 0),
        (0xC2206000, 0x007C), (0x10BFFF00, 0x00FF), (0x80A06000, 0x00FF),
    ],
    # Two bytes each.
    "sh": [
        (0x2F86, 0x0070), (0x4F22, 0), (0x6EF3, 0), (0x0009, 0), (0x000B, 0), (0xD000, 0x07FF), (0xE000, 0x07FF),
        (0x6003, 0x0FF0), (0x400B, 0x0700), (0x8900, 0x003F), (0x8B00, 0x003F), (0x2008, 0x0FF0), (0x4F26, 0),
        (0x68F6, 0x0700), (0x1000, 0x0FFF), (0x5000, 0x0FFF), (0x7000, 0x0F7F), (0xA000, 0x00FF), (0x6EF6, 0),
    ],
}
# Instructions of x86, which are of any length; ?? is any byte.
BYTES = [
    "55 89 e5", "83 ec ??", "8b 45 ??", "89 45 ??", "e8 ?? ?? ff ff", "85 c0", "74 ??", "75 ??", "c9 c3",
    "5b 5e 5f 5d c3", "8d 83 ?? ?? ff ff", "31 c0", "0f b6 00", "eb ??", "53 83 ec 08", "89 04 24", "8b 10", "3c ??",
]


def code(cpu, order, size, rng):
    """Bytes that stand for machine code."""
    if cpu.startswith("x86"):
        all = bytearray()
        while len(all) < size:
            all += bytes(rng.getrandbits(7) if b == "??" else int(b, 16) for b in rng.choice(BYTES).split())
        return bytes(all[:size])
    words, step = WORDS[max((k for k in WORDS if cpu.startswith(k)), key=len)], 2 if cpu.startswith("sh") else 4
    chosen = []
    for _ in range(size // step):
        word, mask = rng.choice(words)
        chosen.append(word | rng.getrandbits(16) & mask)
    return struct.pack(f"{order}{len(chosen)}{'H' if step == 2 else 'I'}", *chosen)


def program(cpu, size, strings, type_of_file=2, other_flags=None):
    """type_of_file: 1 a module of the kernel, 2 a program, 3 a library. other_flags: in place of the CPU's usual ones."""
    kind, order, machine, flags, base = CPUS[cpu]
    flags = flags if other_flags is None else other_flags
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
    body[:header] = ident + struct.pack(f"{order}HHI{word}{word}{word}IHHHHHH", type_of_file, machine, 1, base + text_at + init_n, header,
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
