#!/usr/bin/env python3
"""Makes the folder of the machine (src/shell/machine.h) that scripts are tried on.

usage: tree.py FOLDER [APPLET...]       that the reference has not, and the device shall have

The tree is small but telling: files with tricky content and names, links that lead nowhere, modes, owners
and old times, mounts that are read-only, without execution, and full soon. What names the reference (its
binary, banner and applets) is taken from the one that is installed.
"""
import gzip
import hashlib
import io
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tarfile

BUSYBOX = shutil.which("busybox") or "/usr/bin/busybox"
OLD = 1_000_000_000  # the first time of change; each entry's is an hour later than the one before
OVERFLOW = 65534  # who owns the host's devices, seen from a user namespace

LINKS = {
    "bin": "ash cat chmod cp dd echo grep kill ln ls mkdir more mount mv ps rm sed sh sleep stty su tar touch uname vi",
    "sbin": "ifconfig init reboot route",
    "usr/bin": "[ awk cut env find free head id md5sum nc printf sort tail test tftp top tr uptime wc wget which xargs",
}

POEM = """The first line is short.
the second line is in lower case

A blank line stands above, and two below.


    Indented by four blanks
\tIndented by a tab
Words: apple, Banana; cherry.  Two blanks.
The last line.
"""

WORDS = """pear
apple
Fig
apple
10
9
banana
cherry
apple pie
banana
kiwi

zebra
Apple
2
100
"""

NUMBERS = """5 five 2.5
3 three -1
10 ten 1e3
-7 minus 0x10
3 drei 3.0
0 zero 0
22 x 1K
1 one 2M
"""

TABLE = "id\tname\tcity\tamount\n" + "".join(
    f"{i}\t{name}\t{city}\t{amount}\n" for i, (name, city, amount) in enumerate([
        ("anna", "Oslo", 12), ("ben", "Rome", 7), ("carl", "", 100), ("dora", "Oslo", 7), ("emil", "New York", -3)], 1))

CONFIG = """# a comment
name=device
; another
[section one]
key = value with spaces
path=/usr/bin:/bin
empty=

[section two]
key=2
list=a,b,,d
"""

PROGRAM = """#include <stdio.h>
int main(void)
{
\tint i;
\tfor (i = 0; i < 10; i++)
\t\tprintf("%d\\n", i);
\treturn 0; /* done */
}
"""


def elf(machine, bits=1, order=1):
    """The head of a program for another CPU, and nothing behind it."""
    byte_order = "little" if order == 1 else "big"
    head = b"\x7fELF" + bytes([bits, order, 1]) + bytes(9)
    head += (2).to_bytes(2, byte_order) + machine.to_bytes(2, byte_order) + (1).to_bytes(4, byte_order)
    return head + bytes(400)


def archive():
    """A small tar, the same on every run."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, kind, content, mode, link in [
                ("pack", tarfile.DIRTYPE, b"", 0o755, ""), ("pack/one", tarfile.REGTYPE, b"one\n", 0o644, ""),
                ("pack/two.sh", tarfile.REGTYPE, b"#!/bin/sh\necho two\n", 0o755, ""),
                ("pack/link", tarfile.SYMTYPE, b"", 0o777, "one"), ("pack/sub", tarfile.DIRTYPE, b"", 0o700, ""),
                ("pack/sub/three", tarfile.REGTYPE, b"3" * 1500, 0o600, "")]:
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.linkname, info.size, info.mtime = kind, mode, link, len(content), OLD - 5
            info.uid = info.gid = 0
            info.uname = info.gname = "root"
            tar.addfile(info, io.BytesIO(content))
    return data.getvalue()


class Tree:
    """Entries by path: (type, mode, uid, gid, content or target)."""

    def __init__(self):
        self.entries = {}

    def folder(self, path, mode=0o755, uid=0, gid=0):
        self.entries[path] = ("d", mode, uid, gid, None)

    def file(self, path, content, mode=0o644, uid=0, gid=0):
        self.entries[path] = ("f", mode, uid, gid, content if isinstance(content, bytes) else content.encode())

    def link(self, path, target):
        self.entries[path] = ("l", 0o777, 0, 0, target)

    def device(self, path, numbers):
        self.entries[path] = ("c", 0o666, OVERFLOW, OVERFLOW, numbers)

    def fifo(self, path, mode=0o644):
        self.entries[path] = ("p", mode, 0, 0, "-")

    def write(self, folder):
        """FOLDER/root and FOLDER/root.tsv."""
        lines = []
        for number, path in enumerate(sorted(self.entries, key=os.fsencode)):
            kind, mode, uid, gid, content = self.entries[path]
            place = folder / "root" / path
            if kind == "d":
                place.mkdir(parents=True)
            elif kind == "f":
                place.write_bytes(content)
            target = content if kind in "lcp" else "-"
            lines.append(f"/{path}\t{kind}\t{mode:o}\t{uid}\t{gid}\t{OLD + 3600 * number}\t{target}\n")
        (folder / "root.tsv").write_text("".join(lines))


def add_system(tree):
    """What a device has."""
    for path in ("bin", "dev", "dev/shm", "etc", "etc/init.d", "home", "lib", "mnt", "opt", "proc", "root", "sbin", "srv",
                 "sys", "tmp", "usr", "usr/bin", "usr/lib", "usr/sbin", "var", "var/log", "var/run", "var/spool",
                 "var/spool/cron", "var/spool/cron/crontabs", "var/tmp"):
        tree.folder(path)
    for path in ("tmp", "var/tmp", "dev/shm"):
        tree.folder(path, 0o1777)
    tree.folder("root", 0o700)
    tree.folder("home/user", 0o755, 1000, 1000)
    tree.file("home/user/notes", "mine\n", 0o644, 1000, 1000)
    tree.file("bin/busybox", pathlib.Path(BUSYBOX).read_bytes(), 0o755)
    for folder, names in LINKS.items():
        for name in names.split():
            tree.link(f"{folder}/{name}", "/bin/busybox" if folder != "bin" else "busybox")
    for name, numbers in [("null", "1:3"), ("zero", "1:5"), ("full", "1:7"), ("random", "1:8"), ("urandom", "1:9"),
                          ("tty", "5:0")]:
        tree.device(f"dev/{name}", numbers)
    for name, target in [("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2"),
                         ("fd", "/proc/self/fd")]:
        tree.link(f"dev/{name}", target)
    tree.file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\n"
              "user:x:1000:1000:A User,,,:/home/user:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n")
    tree.file("etc/group", "root:x:0:\ndaemon:x:1:\ntty:x:5:\ndisk:x:6:root\nusers:x:100:user\nuser:x:1000:\n"
              "nogroup:x:65534:\n")
    tree.file("etc/shadow", "root:$1$abc$0123456789012345678901:18000:0:99999:7:::\nuser:!:18000:0:99999:7:::\n", 0o600)
    tree.file("etc/hosts", "127.0.0.1\tlocalhost\n192.0.2.10\tserver.example.com server\n")
    tree.file("etc/hostname", "device\n")
    tree.file("etc/fstab", "none /mnt/noexec tmpfs defaults 0 0\n/dev/none /opt ext2 ro 0 0\n")
    tree.file("etc/issue", "Device \\n \\l\n\n")
    tree.file("etc/resolv.conf", "nameserver 192.0.2.53\n")
    tree.file("etc/profile", "export FROM_PROFILE=yes\n")
    tree.file("etc/inittab", "::sysinit:/etc/init.d/rcS\n::askfirst:/bin/sh\n")
    tree.file("etc/init.d/rcS", "#!/bin/sh\nmount -a\n", 0o755)
    for name in ("noexec", "ro", "small"):
        tree.folder(f"mnt/{name}")
    tree.file("mnt/noexec/run.sh", "#!/bin/sh\necho ran\n", 0o755)
    tree.file("mnt/ro/file", "read only\n")
    tree.folder("mnt/ro/folder")


def add_data(tree):
    """What scripts work on: /srv/data, readable by all."""
    top = "srv/data"
    tree.folder(top)
    noise = random.Random(4)
    files = {
        "poem.txt": POEM, "words.txt": WORDS, "numbers.txt": NUMBERS, "table.tsv": TABLE, "config.ini": CONFIG,
        "prog.c": PROGRAM, "empty": "", "noeol.txt": "one\ntwo\nno end", "crlf.txt": "one\r\ntwo\r\n\r\nfour\r\n",
        "blank.txt": "\n\n\n", "odd.txt": "a\\b 'single' \"double\" $dollar `tick`\n  lead and trail  \n\ttab\tend\t\n"
        "*?[x] {a,b} ~ # ! | & ; < >\n\\n \\t \\\\ \\0101 %s %d\n",
        "long.txt": "word " * 700 + "\n" + "x" * 5000 + "\nshort\n", "utf8.txt": "naïve café\nдва слова\n日本語\n",
        "binary.bin": bytes(range(256)) * 3, "nul.bin": b"a\0b\0\0c\nd\0\n", "noise.bin": noise.randbytes(3000),
        "zeros.bin": bytes(2048), "csv.csv": "name,age,city\n\"Doe, J\",30,Oslo\nanna,,Rome\n,5,\n",
        "sorted1": "a\nb\nc\ne\n", "sorted2": "b\nc\nd\n", "sums.md5": "",
        "base64.txt": "VGhlIHF1aWNrIGJyb3duIGZveApqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZwo=\n",
        "lines100": "".join(f"line {i}\n" for i in range(1, 101)),
        "log": "".join(f"Jan {1 + i % 28:2} 10:{i % 60:02}:00 device {['kernel', 'crond', 'sshd'][i % 3]}: event {i}\n"
                       for i in range(40)),
    }
    for name, content in files.items():
        tree.file(f"{top}/{name}", content)
    sums = {name: hashlib.md5(files[name].encode()).hexdigest() for name in ("poem.txt", "words.txt")}
    tree.file(f"{top}/sums.md5", "".join(f"{value}  {name}\n" for name, value in sums.items())
              + f"{'0' * 32}  table.tsv\n{'0' * 32}  missing\n")
    tree.file(f"{top}/words.txt.gz", gzip.compress(WORDS.encode(), mtime=OLD))
    tree.file(f"{top}/long.gz", gzip.compress(("some text that repeats " * 500).encode(), mtime=OLD))
    tree.file(f"{top}/bad.gz", gzip.compress(POEM.encode(), mtime=OLD)[:-12])
    tree.file(f"{top}/pack.tar", archive())
    tree.file(f"{top}/pack.tgz", gzip.compress(archive(), mtime=OLD))
    tree.file(f"{top}/hello.sh", "#!/bin/sh\necho hello \"$#\" \"$@\"\n", 0o755)
    tree.file(f"{top}/plain.sh", "echo plain $0 $1\nexit 3\n", 0o755)
    tree.file(f"{top}/nox.sh", "#!/bin/sh\necho no x\n", 0o644)
    tree.file(f"{top}/badint.sh", "#!/no/such/interpreter\necho never\n", 0o755)
    tree.file(f"{top}/lib.sh", "LIB=loaded\nlibf() { echo libf \"$@\"; return 4; }\n")
    tree.file(f"{top}/mips", elf(8, 1, 2), 0o755)
    tree.file(f"{top}/secret", "secret\n", 0o600)
    tree.file(f"{top}/ro.txt", "read only\n", 0o444)
    tree.file(f"{top}/setuid", "x\n", 0o4755)
    tree.file(f"{top}/theirs", "of user\n", 0o640, 1000, 100)
    tree.file(f"{top}/open", "anybody\n", 0o666)
    tree.folder(f"{top}/rodir", 0o555)
    tree.file(f"{top}/rodir/file", "in a read-only folder\n")
    tree.folder(f"{top}/closed", 0o700)
    tree.file(f"{top}/closed/inside", "hidden\n")
    tree.fifo(f"{top}/fifo")
    for name, target in [("good", "words.txt"), ("dangling", "nowhere"), ("loop1", "loop2"), ("loop2", "loop1"),
                         ("dirlink", "deep"), ("abs", "/etc/passwd"), ("up", "../data/deep/..")]:
        tree.link(f"{top}/{name}", target)
    tree.folder(f"{top}/names")
    for name in ("with space", "-dash", "*star", "[b]", "back\\slash", ".hidden", "a", "b", "aa", "ab", "A", "B", "quote'",
                 "dq\"", "$HOME", "ümlaut", "#hash", "a.b.c", "semi;colon", "_u", "0", "1", "10", "~"):
        tree.file(f"{top}/names/{name}", name + "\n")
    for path in ("deep", "deep/a", "deep/a/b", "deep/a/b/c", "deep/empty", "deep/.dot"):
        tree.folder(f"{top}/{path}")
    for path, size in [("deep/top.txt", 10), ("deep/a/one.c", 100), ("deep/a/two.h", 1500), ("deep/a/b/three.c", 5000),
                       ("deep/a/b/c/four", 0), ("deep/.dot/five.txt", 20)]:
        tree.file(f"{top}/{path}", ("content of " + path + "\n").ljust(size, "x")[:size])
    tree.link(f"{top}/deep/a/link", "../top.txt")
    tree.file(f"{top}/deep/a/b/run", "#!/bin/sh\n", 0o755)


def machine_ini(more):
    """What names the reference is asked of it; the kernel is this one, as it is in a cell."""
    first = subprocess.run([BUSYBOX], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    applets = subprocess.run([BUSYBOX, "--list"], capture_output=True, text=True, check=True).stdout.split() + more
    version = re.match(r"BusyBox (.*) multi-call binary\.$", first)[1]
    kernel = os.uname()
    return f"""[busybox]
banner = {first}
version = {version}
applets = {' '.join(sorted(applets))}
ps = pid,user,args
standalone = yes
ask_terminal = yes
awk_math = no

[system]
sysname = {kernel.sysname}
nodename = device
release = {kernel.release}
version = {kernel.version}
machine = {kernel.machine}
processor = unknown
platform = unknown
domain = (none)
os = GNU/Linux
prompt = "\\w \\$ "

[user]
user = root
uid = 0
gid = 0
home = /root
shell = /bin/sh

[environment]
USER=root
LOGNAME=root
HOME=/root
SHELL=/bin/sh
PATH=/usr/bin:/bin:/usr/sbin:/sbin

[hardware]
cpus = {len(os.sched_getaffinity(0))}
uptime = 93784
memory_total = 60000
memory_free = 21000
memory_shared = 120
memory_buffers = 3000
memory_cached = 15000
swap_total = 0
swap_free = 0
load = 0.08 0.03 0.01
pid_first = 2000
foreign =
"""


TABLES = {
    "mounts.tsv": [
        ("none", "/", "tmpfs", "rw,nosuid,relatime", 64 << 20, 0), ("proc", "/proc", "proc", "rw,relatime", 0, 0),
        ("none", "/mnt/noexec", "tmpfs", "rw,nosuid,nodev,noexec,relatime", 1 << 20, 0),
        ("none", "/mnt/ro", "tmpfs", "ro,nosuid,nodev,relatime", 1 << 20, 0),
        ("none", "/mnt/small", "tmpfs", "rw,nosuid,nodev,relatime", 64 << 10, 0)],
    "processes.tsv": [
        (1, 0, 0, 1500, 700, "S", "init", "init"), (2, 0, 0, 0, 0, "SW", "kthreadd", "[kthreadd]"),
        (3, 2, 0, 0, 0, "SW", "ksoftirqd/0", "[ksoftirqd/0]"), (88, 1, 0, 1600, 600, "S", "syslogd", "/sbin/syslogd -n"),
        (120, 1, 0, 2400, 900, "S", "telnetd", "/usr/sbin/telnetd -l /bin/login"),
        (133, 1, 1, 3000, 1200, "S", "httpd", "/usr/sbin/httpd -p 80 -h /www")],
    "interfaces.tsv": [
        ("lo", "127.0.0.1", "", "255.0.0.0", "", "UP LOOPBACK RUNNING", 65536, 1, 1000, 12, 1020, 12, 1020),
        ("eth0", "192.0.2.7", "192.0.2.255", "255.255.255.0", "00:00:5E:00:53:01", "UP BROADCAST RUNNING MULTICAST",
         1500, 1, 1000, 48213, 3871200, 20110, 2514000)],
    "routes.tsv": [
        ("0.0.0.0", "192.0.2.1", "0.0.0.0", "UG", 0, "eth0"), ("192.0.2.0", "0.0.0.0", "255.255.255.0", "U", 0, "eth0")],
    "sockets.tsv": [
        ("tcp", "0.0.0.0:23", "0.0.0.0:*", "LISTEN", 120), ("tcp", "0.0.0.0:80", "0.0.0.0:*", "LISTEN", 133),
        ("tcp", "192.0.2.7:23", "198.51.100.9:41022", "ESTABLISHED", 120), ("udp", "0.0.0.0:68", "0.0.0.0:*", "", 88)],
    "modules.tsv": [("usbcore", 148000, 2, "usb_storage,ehci_hcd"), ("usb_storage", 42000, 0, "")],
}


def main(folder, more):
    folder.mkdir(parents=True)
    tree = Tree()
    add_system(tree)
    add_data(tree)
    tree.write(folder)
    (folder / "machine.ini").write_text(machine_ini(more))
    for name, rows in TABLES.items():
        (folder / name).write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    (folder / "proc").mkdir()
    for name in ("cpuinfo", "version", "filesystems"):
        (folder / "proc" / name).write_text(pathlib.Path("/proc", name).read_text())


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
