#!/usr/bin/env python3
"""A visitor of the trap, on loopback, for scenarios.

    visit.py try SOURCE HOST PORT USER:PASSWORD...   tries the pairs in one connection: "in N" or "out"
    visit.py run SOURCE HOST PORT USER:PASSWORD COMMAND...   what a session shows
    visit.py hold COUNT HOST PORT [USER:PASSWORD]    so many visitors from as many sources; says "held N", waits for the end
                                                     of its input, and says "left N" of those that are still connected
    visit.py race COUNT HOST PORT USER:PASSWORD      so many visitors, some at once, each with a command: "answered N"
"""
import os
import re
import socket
import sys
import time

PROMPT = re.compile(rb"[#$>] $")
PATIENCE = int(os.environ.get("PATIENCE", "20"))  # seconds


class Gone(Exception):
    pass


def plain(data):
    """What a terminal would show: without Telnet's own."""
    data = re.sub(rb"\xff[\xfb-\xfe].", b"", data, flags=re.S)
    return re.sub(rb"\xff[\xf0-\xf9]", b"", data)


class Visitor:
    def __init__(self, source, host, port):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        if source != "-":
            self.socket.bind((source, 0))
        self.socket.connect((host, int(port)))
        self.heard = b""

    def until(self, pattern):
        """What was heard up to a match at its end."""
        end = time.monotonic() + PATIENCE
        while not pattern.search(plain(self.heard)):
            if time.monotonic() > end:
                raise Gone(f"no {pattern.pattern!r} in {plain(self.heard)!r}")
            more = self.socket.recv(65536)
            if not more:
                raise Gone(f"closed after {plain(self.heard)!r}")
            self.heard += more
        heard, self.heard = plain(self.heard), b""
        return heard

    def say(self, line):
        self.socket.sendall(line.encode() + b"\r\n")

    def enter(self, pairs):
        """Which of the pairs was right, from 1; 0: none."""
        self.until(re.compile(rb"(ogin|sername|ser): ?$", re.I))
        for number, pair in enumerate(pairs, 1):
            user, password = pair.split(":", 1)
            self.say(user)
            self.until(re.compile(rb"assword: ?$"))
            self.say(password)
            try:
                if not re.search(rb"(ogin|sername|ser): ?$", self.until(re.compile(rb"([#$>]|ogin:|sername:|ser:) ?$", re.I)), re.I):
                    return number
            except Gone:
                return 0
        return 0


def spread(i):
    """Addresses of this host, each of a network of its own as long as there are such."""
    return f"127.{1 + i // 250 % 250}.{1 + i % 250}.{2 + i // 62500}"


def tries(source, host, port, *pairs):
    number = Visitor(source, host, port).enter(pairs)
    print(f"in {number}" if number else "out")


def run(source, host, port, pair, *commands):
    visitor = Visitor(source, host, port)
    if not visitor.enter([pair]):
        sys.exit("not let in")
    for command in commands:
        visitor.say(command)
        sys.stdout.buffer.write(visitor.until(PROMPT))
    print()


def hold(count, host, port, pair=None):
    held = []
    for i in range(int(count)):
        visitor = Visitor(spread(i), host, port)
        if pair:
            visitor.enter([pair])
        held.append(visitor)
    print("held", len(held), flush=True)
    sys.stdin.read()
    left = 0
    for visitor in held:
        visitor.socket.setblocking(False)
        try:
            while (more := visitor.socket.recv(65536)):
                pass
            left += more is None
        except BlockingIOError:
            left += 1
        except OSError:
            pass
    print("left", left)


def race(count, host, port, pair):
    """They all connect before any of them speaks."""
    visitors = [Visitor(spread(i), host, port) for i in range(int(count))]
    answered = 0
    for visitor in visitors:
        try:
            if visitor.enter([pair]):
                visitor.say("echo 6$((9*5))")
                answered += b"645" in visitor.until(PROMPT)
        except (Gone, OSError) as error:
            print(f"visit: {visitor.socket.getsockname()}: {error}", file=sys.stderr)
    print("answered", answered)


if __name__ == "__main__":
    commands = {"try": tries, "run": run, "hold": hold, "race": race}
    try:
        commands[sys.argv[1]](*sys.argv[2:])
    except (Gone, OSError) as error:
        sys.exit(f"visit: {error}")
