#!/usr/bin/env python3
"""Gathers the usage texts of the reference BusyBox into a table of C.

usage: learn-usage.py BUSYBOX MORE OUT

Asks BUSYBOX for each of its applets' --help and keeps what stands after "Usage: "; applets that have no
such text are left out, and so are those of the distribution that BUSYBOX comes from. MORE has the texts of applets that BUSYBOX lacks: blocks that begin with a line
"= NAME" and end before the next; lines that begin with "#" are no part of them. Sorted, so that the same
BUSYBOX gives the same file.
"""
import os
import subprocess
import sys

MARK = b"\nUsage: "
# Nothing is asked of the network, a terminal or the time; what --help does not stop is stopped.
SECONDS = 10


def run(words):
    """Returns what a command said, on either stream."""
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={"LC_ALL": "C", "PATH": os.defpath}, timeout=SECONDS, check=False)
    return done.stdout


def learn(busybox):
    """Returns {name: text} of what the reference has."""
    texts = {}
    for name in run([busybox, "--list"]).decode().split():
        # The program's own begins with a version and ends with a list of applets, which are the device's data.
        if name == "busybox":
            said = run([busybox, name, "--help"]).decode().partition("\n")[2]
            texts[name] = said.partition("\n\nCurrently defined functions:")[0]
            texts["busybox --list-full"] = run([busybox, "--list-full"]).decode()
            continue
        _, mark, text = run([busybox, name, "--help"]).partition(MARK)
        if mark and b"Debian" not in text:
            texts[name] = text.decode().removesuffix("\n")
    if "vi" in texts:
        _, mark, text = run([busybox, "vi", "-H"]).partition(b"These features")
        texts["vi -H"] = (mark + text).decode()
    return texts


def read_more(path):
    """Returns {name: text} of a file of blocks."""
    texts, name = {}, None
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("= "):
                name = line[2:].strip()
                texts[name] = ""
            elif name and not line.startswith("#"):
                texts[name] += line
    return {name: text.rstrip("\n") for name, text in texts.items()}


def quote(text):
    """Returns a text as a literal of C, a line each."""
    plain = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "?": "\\?"}
    lines = text.splitlines(keepends=True) or [""]
    return "\n     ".join('"' + "".join(plain.get(c, c) for c in line) + '"' for line in lines)


def main():
    busybox, more, out = sys.argv[1:]
    texts = read_more(more) | learn(busybox)
    rows = "".join(f'    {{ "{name}",\n     {quote(texts[name])} }},\n' for name in sorted(texts))
    with open(out, "w", encoding="utf-8") as to:
        to.write('#include "shell/usage.h"\n\n'
                 f"const struct usage usage_table[] = {{\n{rows}}};\n"
                 "const size_t usage_table_n = sizeof usage_table / sizeof *usage_table;\n")


if __name__ == "__main__":
    main()
