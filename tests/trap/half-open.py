#!/usr/bin/env python3
"""Begins TCP connections that nobody finishes, in a namespace that a scenario made: COUNT SYNs to an address there, each from
an address of 203.0.113.0/24 and a port of its own, then listens for some seconds: how many SYN-ACKs came.

    half-open.py INTERFACE ADDRESS PORT COUNT SECONDS
"""
import socket
import struct
import sys
import time

SENSOR, SENDER = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")  # as tests/live/netns.sh has them
SYN, ACK = 2, 16


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def syn(source, destination, source_port, port, sequence):
    tcp = struct.pack(">HHIIBBHHH", source_port, port, sequence, 0, 5 << 4, SYN, 1024, 0, 0)
    pseudo = source + destination + struct.pack(">BBH", 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, source, destination)
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return SENSOR + SENDER + b"\x08\0" + ip + tcp


def is_answer(frame, port):
    return (len(frame) >= 54 and frame[12:14] == b"\x08\0" and frame[23] == 6 and
            frame[34:36] == struct.pack(">H", port) and frame[47] & (SYN | ACK) == SYN | ACK)


def main(interface, address, port, count, seconds):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    wire.bind((interface, 0))
    wire.settimeout(0.2)
    destination, port, answers = socket.inet_aton(address), int(port), 0
    for i in range(int(count)):
        source = socket.inet_aton(f"203.0.113.{1 + i % 250}")
        wire.send(syn(source, destination, 1024 + i // 250, port, i * 7919 & 0xFFFFFFFF))
        if i % 100 == 99:
            time.sleep(0.01)
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        try:
            answers += is_answer(wire.recv(2048), port)
        except TimeoutError:
            pass
    print(answers)


main(*sys.argv[1:])
