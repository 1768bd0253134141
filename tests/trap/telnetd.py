#!/usr/bin/env python3
"""The trap's Telnet and log-in beside the real telnetd and login of BusyBox: the same bytes, the same answers.

usage: telnetd.py TRAP-TALK      as root; the daemon runs in namespaces of its own and on their loopback only

What is compared byte by byte: what the terminal is handed and what is answered to commands and options, known ones
and SEED's; whole log-ins with their delays.
"""
import concurrent.futures
import ctypes
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time

BANNER = rb"\r\r\nBanner %h\r\n\rline two\r\n\r"
PORT, LOGIN_PORT = 2323, 2324
CASES = ["fff6", "fff1", "fff2", "fff3", "fff4", "fff5", "fff7", "fff8", "fff9", "fff0", "ffef", "ff80", "ff00", "ff41",
         "fffa1f00640032fff051", "fffa1f00ffff0032fff051", "fffa1800787465726dfff051", "61ffff62", "610d0062", "610d0a62",
         "610d62", "610a62", "610d0d0a62", "610d0a0d0a62", "610d", "610062", "fffb63", "fffd63", "fffc63", "fffe63", "fffd01",
         "fffe01", "fffb03", "fffb1f", "fffb18", "fffd00", "fffd06", "78fffa1800616263", "fffa63616263fff068",
         "fffa22fffffff068", "6162ff", "6162fffd", "6162fffa",
         "fffd03fffb18fffb1ffffb20fffb21fffb22fffb27fffd05fffb23"]
TOKENS = ["61", "20", "0d", "0d0a", "0d00", "0a", "006100", "ffff", "fff1", "fff6", "fff4", "fff0", "fffb18", "fffd03", "fffc63",
          "fffe01", "fffa1f00500018fff0", "fffa1800fff0", "ff30", "7f", "03"]
# What is typed when (seconds); each waits for what is said until the next. One line at a time: telnetd hands its terminal
# one after the other, and whether a prompt comes between is a matter of luck.
LOGINS = [
    [(1, b"root\r\n"), (2, b"bad\r\n"), (6, b"root\r\0"), (7, b"secret\r\0")],
    [(1, b"root\r"), (2, b"bad\r"), (6, b"a\tb\x7f\x7f\x15-f\r"), (7, b"x\r"), (11, b"root\xffx\r"), (12, b"y\r")],
    [(1, b"root\r\n"), (2, b"x\r"), (3, b"ro"), (4, b"ot\ry"), (6, b"secret\r")],
    [(1, b"\r\n"), (2, b"  \r\n"), (3, b" root x\r\n"), (4, b"zz\x15secret\r\n")],
    [(1, b"ab\x03")], [(1, b"x"), (2, b"y\x03")], [(1, b"\x04")], [(1, b"ab\x04"), (2, b"\x04")], [(1, b"\x1c")],
    [(1, b"a" * 61 + b"\r"), (2, b"x\x03")], [(1, b"a" * 62 + b"\r")], [(1, b"ro\0ot\r")],
    [(1, b"root\r"), (2, b"ab\x03"), (3, b"x\x03")], [(1, b"root\r"), (2, b"\x04"), (6, b"a\x16\x03d\x12e\x17\r")],
    [(1, b"root\r"), (2, b"bad\x1c")], [(1, b"abc\xff\xf4\xff\xf1d\r")],
]
SINK = """#!/bin/sh
busybox stty raw -echo
printf '<%d>' $$
exec cat >/run/got/$$
"""


def enter():
    """Goes on as root of namespaces of its own, with users below 1000 and a loopback."""
    libc = ctypes.CDLL(None, use_errno=True)
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child:
        os.read(ready[0], 1)
        for name in "uid_map", "gid_map":
            pathlib.Path(f"/proc/{child}/{name}").write_text("0 0 1000")
        os.write(go[1], b"x")
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    if libc.unshare(0x10000000 | 0x40000000 | 0x20000000 | 0x00020000 | 0x04000000 | 0x08000000):
        sys.exit(77)
    os.write(ready[1], b"x")
    os.read(go[0], 1)
    os.setgroups([])
    os.setgid(0)
    os.setuid(0)
    child = os.fork()
    if child:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    libc.prctl(1, signal.SIGKILL)


def furnish():
    """What a telnetd finds on its device."""
    run = lambda *words: subprocess.run(words, check=True)
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "proc", "proc", "/proc")
    for where in "/run", "/var/log":
        run("mount", "-t", "tmpfs", "t", where)
    run("mount", "-t", "devpts", "-o", "newinstance,ptmxmode=0666,mode=620", "devpts", "/dev/pts")
    run("mount", "--bind", "/dev/pts/ptmx", "/dev/ptmx")
    run("busybox", "ifconfig", "lo", "127.0.0.1")
    run("busybox", "hostname", "dvr")
    secret = subprocess.run(["openssl", "passwd", "-1", "-salt", "x", "secret"], capture_output=True, text=True, check=True)
    files = {"passwd": f"root:{secret.stdout.strip()}:0:0:root:/:/run/in\n", "group": "root:x:0:\n", "shadow": "",
             "motd": "\nWelcome\n", "issue.net": "Banner %h\nline two\n"}
    for name, text in files.items():
        pathlib.Path("/run", name).write_text(text)
        if not pathlib.Path("/etc", name).exists():
            print(f"SKIP: there is no /etc/{name} to put another over")
            sys.exit(77)
        run("mount", "--bind", f"/run/{name}", f"/etc/{name}")
    os.mkdir("/run/got")
    for name, text in {"sink": SINK, "in": "#!/bin/sh\nexec sleep 60\n", "login": "#!/bin/sh\nexec busybox login\n"}.items():
        pathlib.Path("/run", name).write_text(text)
        os.chmod(f"/run/{name}", 0o755)
    for port, program in (PORT, "/run/sink"), (LOGIN_PORT, "/run/login"):
        subprocess.Popen(["busybox", "telnetd", "-F", "-p", str(port), "-b", "127.0.0.1", "-l", program])
    time.sleep(0.5)


def listen(connection, seconds, until=None):
    """What comes within a time, or up to some bytes; and whether it was closed then."""
    data, end = b"", time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not (until and until in data):
        connection.settimeout(left)
        try:
            some = connection.recv(4096)
        except TimeoutError:
            break
        except ConnectionError:
            some = b""
        if not some:
            return data, True
        data += some
    return data, False


door = threading.Lock()  # telnetd has one place in its queue


def connect(port, until):
    with door:
        connection = socket.create_connection(("127.0.0.1", port))
        return connection, listen(connection, 10, until)[0]


def real_exchange(sent):
    connection, hello = connect(PORT, b">")
    with connection:
        connection.sendall(sent)
        answer = listen(connection, 1)[0]
    pid = int(hello[hello.rindex(b"<") + 1:hello.rindex(b">")])
    return pathlib.Path(f"/run/got/{pid}").read_bytes(), answer


def ask(talk, lines):
    """What trap-talk prints of lines."""
    return subprocess.run(talk, input="\n".join(lines) + "\n", stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()


def our_exchange(talk, sent):
    return tuple(bytes.fromhex(part) for part in ask([talk, "busybox-1.35"], ["0 ", f"0 {sent.hex()}"])[1].split(":"))


def real_login(steps):
    connection, hello = connect(LOGIN_PORT, b"login: ")
    answers, start = [(hello, False)], time.monotonic()
    with connection:
        for i, (at, sent) in enumerate(steps):
            time.sleep(max(0, start + at - time.monotonic()))
            connection.sendall(sent)
            after = steps[i + 1][0] if i + 1 < len(steps) else at + 4
            answers.append(listen(connection, start + after - 0.05 - time.monotonic()))
            if answers[-1][1]:
                break
    return answers


def our_login(talk, steps):
    """The same; what comes between is asked for just before the next bytes."""
    lines = ["0 "]
    for i, (at, sent) in enumerate(steps):
        after = steps[i + 1][0] if i + 1 < len(steps) else at + 4
        lines += [f"{at * 1000} {sent.hex()}", f"{after * 1000 - 100} "]
    said = ask([talk, "busybox-1.35", BANNER.decode()], lines)
    pieces = [(bytes.fromhex(s.rstrip(".")), s.endswith(".")) for s in said]
    answers = pieces[:1] + [(a[0] + b[0], a[1] or b[1]) for a, b in zip(pieces[1::2], pieces[2::2])]
    ends = [i for i, a in enumerate(answers) if a[1]]
    return answers[:ends[0] + 1] if ends else answers


def main(talk):
    seed = int(os.environ.get("SEED", "1"))
    dice = random.Random(seed)
    exchanges = [bytes.fromhex(c) for c in CASES]
    # telnetd drops a NUL that a read ends with, wherever that may be; the trap does not look at how bytes are cut.
    exchanges += [bytes.fromhex("".join(dice.choices(TOKENS, k=dice.randint(1, 9))) + "2e") for _ in range(60)]
    differ = 0
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        logins = pool.map(real_login, LOGINS)
        told = pool.map(real_exchange, exchanges)
        pairs = [(sent, real, our_exchange(talk, sent)) for sent, real in zip(exchanges, told)]
        pairs += [(steps, real, our_login(talk, steps)) for steps, real in zip(LOGINS, logins)]
    for sent, real, ours in pairs:
        if real != ours:  # a busy machine may have been late
            real = real_login(sent) if isinstance(sent, list) else real_exchange(sent)
        if real != ours:
            differ += 1
            print(f"sent {sent}\n  BusyBox {real}\n  trap    {ours}")
    print(f"{len(pairs)} exchanges, {differ} differ (SEED={seed})")
    return differ > 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = os.path.abspath(sys.argv[1])
    enter()
    furnish()
    sys.stdout.flush()
    code = main(program)
    sys.stdout.flush()
    os._exit(code)
