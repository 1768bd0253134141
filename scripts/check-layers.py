#!/usr/bin/env python3
"""Checks that the rooms of src/ keep to their walls (ARCHITECTURE.md, "Who may use whom").

usage: check-layers.py [ROOT]

Directions of includes, one wrapper file a foreign library, no function that a reader would have to
check for overflow, no file too long to be read (tests may use both). Prints each fault as FILE:LINE: what; exit 1 if any.
"""
import pathlib
import re
import sys

# A room, and the rooms whose headers it may include besides its own. Producers (packet, shell, trap,
# sample, box) know neither each other (trap plays with shell, sample reads scripts with it) nor what keeps and shows events.
ROOMS = {
    "base": "",
    "event": "base",
    "packet": "base event",
    "shell": "base event",
    "trap": "base event shell",
    "sample": "base event shell",
    "box": "base event",
    "store": "base event",
    "bus": "base event",
    "trend": "base event store bus",
    "report": "base event store bus trend",
    "export": "base event store bus trend",
    "web": "base event store bus trend report export",
    "cli": "base event packet shell trap sample box store bus trend report export web main",
    "main": "base event packet shell trap sample box store bus trend report export web cli",
}

# A foreign header, and the only files that may include it.
WRAPPERS = {
    "sqlite3.h": r"src/store/sqlite[a-z0-9-]*\.[ch]",
    "pcap.h": r"src/packet/rare\.c",
    "pcap/pcap.h": r"src/packet/rare\.c",
    "zlib.h": r"src/(packet/gzip|shell/deflate)\.c",
    "zstd.h": r"src/base/zstd\.c",
    "zdict.h": r"src/base/zstd\.c",
    "nettle/nettle-meta.h": r"src/base/digest\.c",
    "nettle/sha2.h": r"src/base/sha256\.c",
    "xxhash.h": r"src/base/hash\.c",
    "xxh3.h": r"src/base/hash\.c",
    "seccomp.h": r"src/base/confine-seccomp\.c",
    "ini.h": r"src/base/conf\.c",
    "jansson.h": r"src/base/json\.c",
    "curl/curl.h": r"src/sample/client\.c",
    "ares.h": r"src/sample/resolve\.c",
    "yara.h": r"src/sample/yara\.c",
    "tlsh.h": r"src/sample/tlsh\.cc",
    "zip.h": r"src/cli/sample-zip\.c",
    "cmocka.h": r"src/[a-z]+/test-[a-z0-9-]+\.[ch]",
}

BANNED = {
    "strcpy": "memcpy with a length",
    "strcat": "struct buf",
    "strncpy": "memcpy with a length",
    "strncat": "struct buf",
    "sprintf": "snprintf",
    "vsprintf": "vsnprintf",
    "gets": "fgets",
    "atoi": "strtol with its checks",
    "atol": "strtol with its checks",
    "atoll": "strtoll with its checks",
    "atof": "strtod with its checks",
    "system": "posix_spawn with an argument list",
    "popen": "posix_spawn with an argument list",
    "tmpnam": "mkstemp",
    "mktemp": "mkstemp",
    "strtok": "strtok_r or strchr",
    "alloca": "malloc",
}

LINES = 900

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
# Comments, strings and characters, so that words in them are no calls.
NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def check_include(name, room, header, quoted):
    """Yields what is wrong with one include."""
    if header in WRAPPERS and not re.fullmatch(WRAPPERS[header], name):
        yield f"{header} belongs to {WRAPPERS[header]} alone"
    if not quoted:
        return
    other = header.split("/")[0]
    if "/" not in header or other not in ROOMS:
        yield f'"{header}" is not rooted in a room of src/'
    elif other != room and other not in ROOMS[room].split():
        yield f"{room} may not use {other}"


def check_file(name, room, text):
    """Yields (line, what is wrong) for one file."""
    lines = text.splitlines()
    tests = pathlib.PurePath(name).name.startswith(("test-", "fuzz-"))
    if len(lines) > LINES and not tests:
        yield len(lines), f"{len(lines)} lines; split it (at most {LINES})"
    for number, line in enumerate(lines, 1):
        include = INCLUDE.match(line)
        if include:
            header = include[1] or include[2]
            for fault in check_include(name, room, header, bool(include[1])):
                yield number, fault
    if tests:
        return
    for number, line in enumerate(NOT_CODE.sub(blank, text).splitlines(), 1):
        for call in CALL.finditer(line):
            yield number, f"{call[1]}() is banned; use {BANNED[call[1]]}"


def check_tree(root):
    """Returns every fault and how many files were read."""
    faults = []
    files = sorted(p for p in (root / "src").rglob("*") if p.suffix in (".c", ".cc", ".h"))
    for path in files:
        name = path.relative_to(root).as_posix()
        room = path.relative_to(root / "src").parts[0]
        if room not in ROOMS:
            faults.append(f"{name}: no such room; add it to the table in scripts/check-layers.py")
            continue
        text = path.read_text(encoding="utf-8")
        faults += [f"{name}:{line}: {what}" for line, what in check_file(name, room, text)]
    return faults, len(files)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    faults, files = check_tree(root.resolve())
    for fault in faults:
        print(fault)
    if not files:
        print(f"no sources under {root}/src")
    else:
        print(f"{files} files, {len(faults)} faults")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main())
