#!/usr/bin/env python3
"""Asks the web servers of the trap as programs do, and says what is not as it should be.

usage: web.py servers PERSONAS WHERE RECOG   every server of every persona; WHERE: lines "ADDRESS PERSONA"
       web.py wire ADDRESS PORT               how requests come: pipelined, in chunks, slowly, of before 1.0, wrong
       web.py hold N ADDRESS PORT             N silent visitors, until standard input ends; the next is answered at once
"""
import pathlib
import re
import socket
import sys
import time

TIMEOUT = 20
# Headers whose words are from elsewhere (the source of each is in its http.ini), and none at all.
NOT_RECOG = r"RomPager/4\.07 UPnP/1\.0|miniupnpd/1\.0 UPnP/1\.0|JAWS/1\.0|Grandstream/1\.10|httpd|Apache|"


def connect(address, port):
    return socket.create_connection((address, port), TIMEOUT)


def read_head(f):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = f.readline()
        if not line:
            raise EOFError(head)
        head += line
    return head.decode("latin-1")


def header(head, name):
    found = re.search(rf"^{name}: *(.*?)\r$", head, re.M | re.I)
    return found and found[1]


def read_answer(f, method="GET"):
    head = read_head(f)
    length = header(head, "Content-Length")
    body = b"" if method == "HEAD" else f.read(int(length)) if length else f.read()
    return head, body


def ask(address, port, request, method="GET"):
    with connect(address, port) as s:
        s.sendall(request)
        return read_answer(s.makefile("rb"), method)


def servers_of(text):
    """[(ports, Server's pattern)] of an http.ini."""
    servers = []
    for part in text.split("[server]\n")[1:]:
        ports = [int(p) for p in re.search(r"^ports = (.*)", part, re.M)[1].split()]
        words = re.search(r"^header = Server: ?(.*)", part, re.M)
        servers.append((ports, words and words[1]))
    return servers


def patterns(path):
    """Recog's examples with their numbers open, and a version where they have none."""
    for line in path.read_text().splitlines():
        if not line.startswith("#"):
            description, example = line.split("\t")
            yield description, re.compile(re.sub(r"\d+(\\?[.\w])*", r"\\d[\\w.]*", re.escape(example)) + r"(/[\w.]+( \w+)*)?\Z")


def check_one(where, port, words, recog):
    head, body = ask(where, port, b"GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % where.encode())
    said = header(head, "Server") or ""
    wanted = (words or "").replace("{{address}}", where)
    by = next((d for d, p in recog if p.match(said)), None)
    faults = []
    if said != wanted:
        faults.append(f"Server is '{said}', not '{wanted}'")
    if not by and not re.fullmatch(NOT_RECOG, said):
        faults.append(f"no example of Recog's is like '{said}'")
    if not re.match(r"HTTP/1\.[01] (200|30[12]|40[134]) \w[\w ]*\r\n", head):
        faults.append(f"an odd status: {head.splitlines()[0]}")
    if re.search(rb"honey|cowrie|teiten|\{\{", head.encode() + body, re.I):
        faults.append("it gives itself away")
    print(f"  {port:5} {head.splitlines()[0]:32} {said:32} {by or '-'}")
    return faults


def servers(personas, where, recog):
    known = list(patterns(pathlib.Path(recog)))
    bad = 0
    for line in pathlib.Path(where).read_text().splitlines():
        address, persona = line.split()
        print(persona, address)
        for ports, words in servers_of((pathlib.Path(personas) / persona / "http.ini").read_text()):
            for port in ports:
                for fault in check_one(address, port, words, known):
                    print(f"{persona} at {port}: {fault}")
                    bad += 1
    return bad > 0


def pipelined(address, port):
    with connect(address, port) as s:
        s.sendall(b"".join(b"GET /n%d HTTP/1.1\r\nHost: a\r\n\r\n" % i for i in range(40)) + b"HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        f = s.makefile("rb")
        for i in range(40):
            head, body = read_answer(f)
            assert " 404 " in head and len(body) == int(header(head, "Content-Length")), (i, head)
        head, body = read_answer(f, "HEAD")
        assert " 200 " in head and f.read() == b"", head


def chunked(address, port):
    head, _ = ask(address, port, b"POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" +
                  b"".join(b"%x;e=1\r\n%s\r\n" % (i, b"x" * i) for i in range(1, 300)) + b"0\r\nT: u\r\n\r\n")
    assert " 404 " in head or " 405 " in head, head


def slow(address, port):
    with connect(address, port) as s:
        for byte in b"GET / HTTP/1.0\r\nHost: a\r\n\r\n":
            s.sendall(bytes([byte]))
            time.sleep(0.02)
        assert b" 200 " in s.makefile("rb").readline()


def wrong(address, port):
    for request, answer in ((b"\x16\x03\x01\x02\x00\x01\x00", b"400"), (b"\r\n \r\n", b"400"), (b"GET / HTTP/9.9\r\n\r\n", b"400"),
                            (b"GET /" + b"a" * 9000, b"400"), (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 500, b"400"),
                            (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"400")):
        with connect(address, port) as s:
            s.sendall(request)
            line = s.makefile("rb").readline()
            assert b" " + answer + b" " in line, (request[:40], line)


def large(address, port):
    """A body longer than all that is kept, and a request behind it."""
    with connect(address, port) as s:
        s.sendall(b"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n")
        s.sendall(b"x" * 3000000 + b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        f = s.makefile("rb")
        assert re.search(r" 40[45] ", read_answer(f)[0])
        assert " 200 " in read_answer(f)[0]


def wire(address, port):
    for part in (pipelined, chunked, slow, wrong, large):
        part(address, int(port))
    return 0


def hold(n, address, port):
    held = [connect(address, int(port)) for _ in range(int(n))]
    for i, s in enumerate(held):
        if i % 2:
            s.sendall(b"GET / HTTP/1.1\r\nHost: ")
    began = time.monotonic()
    head, _ = ask(address, int(port), b"GET / HTTP/1.0\r\n\r\n")
    print(f"answered in {time.monotonic() - began:.2f} s", flush=True)
    sys.stdin.read()
    return " 200 " not in head


if __name__ == "__main__":
    what = {"servers": servers, "wire": wire, "hold": hold}.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if not what:
        sys.exit(__doc__)
    sys.exit(what(*sys.argv[2:]))
