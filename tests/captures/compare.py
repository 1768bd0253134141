#!/usr/bin/env python3
"""Compares what teiten counts with what is expected.

usage: compare.py generator FOLDER         generated captures: tshark against what was noted
       compare.py generated TEITEN FOLDER  generated captures: teiten against what was noted
       compare.py captures TEITEN FILE...  any captures: teiten against tshark and tcpdump

Prints each difference; exit 1 if there is any.
"""
import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import oracle

KINDS = ["access", "backscatter", "other", "malformed"]  # those that have ports
SECONDS = 120  # for one command

# Captures that are also read compressed and from standard input.
THROUGH = ["ethernet-plain", "ng-sections", "big-endian"]
# Captures whose series are compared, too.
SERIES = ["ethernet-plain", "midnight", "nanoseconds"]


class Teiten:
    """One state folder; every command must end with the status that is expected of it."""

    def __init__(self, program):
        self.program = program
        self.state = tempfile.mkdtemp(prefix="state-")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.state)

    def run(self, command, *words, status=0, data=None):
        done = subprocess.run([self.program, *command.split(), "--state", self.state, *words],
                              input=data, capture_output=True, check=False, timeout=SECONDS)
        errors = done.stderr.decode(errors="replace")
        if done.returncode != status:
            raise Difference(f"teiten {command} {' '.join(words)}: exit {done.returncode}, not "
                             f"{status}\n{errors}")
        if status and not errors.strip():
            raise Difference(f"teiten {command}: exit {status} without a word of why")
        return done.stdout

    def rows(self, command, *words):
        answer = self.run(command, *words, "--limit", "0", "--json")
        try:
            return json.loads(answer)
        except json.JSONDecodeError as error:
            raise Difference(f"teiten {command}: no JSON: {error}: {answer[:200]}") from error

    def top_ports(self, kind, start, end):
        return self.rows("top ports", "--kind", kind, "--from", start, "--to", end)

    def counts(self, start, end):
        table = {}
        for kind in KINDS:
            for row in self.top_ports(kind, start, end):
                service = (row["proto"], row["port"], kind)
                table[service] = (row["packets"], row["sources"])
                if kind == "access" and row["accesses"] != row["packets"]:
                    raise Difference(f"{service}: {row['accesses']} accesses, {row['packets']} packets")
        return table


class Difference(Exception):
    pass


def differences(expected, found):
    """Lines that tell where two tables of {service: (packets, sources)} differ."""
    for service in sorted(expected.keys() | found.keys()):
        want, have = expected.get(service, (0, 0)), found.get(service, (0, 0))
        if want[0] != have[0]:
            yield f"{service}: {have[0]} packets, not {want[0]}"
        elif want[1] is not None and want[1] != have[1]:
            yield f"{service}: {have[1]} sources, not {want[1]}"


def must_match(expected, found):
    lines = list(differences(expected, found))
    if lines:
        raise Difference("\n".join(lines[:20]))


def table_of(expect):
    return {(row["proto"], row["port"], row["kind"]): (row["packets"], row["sources"])
            for row in expect["counts"]}


def check_generator(path, expect):
    must_match(table_of(expect), oracle.tshark(path)[0])


def check_totals(teiten, expect):
    for kind, packets in expect["totals"].items():
        rows = teiten.top_ports(kind, expect["from"], expect["to"])
        found = sum(row["packets"] for row in rows)
        if found != packets:
            raise Difference(f"{found} packets of kind {kind}, not {packets}")


def check_marks(teiten, expect):
    if not expect["marks"]:
        return
    rows = teiten.rows("top fingerprints", "--from", expect["from"], "--to", expect["to"])
    found = {row["name"]: row["sources"] for row in rows if row["name"] in ("mirai", "zmap", "masscan")}
    if found != expect["marks"]:
        raise Difference(f"sources by tool {found}, not {expect['marks']}")


def check_counts(teiten, expect):
    must_match(table_of(expect), teiten.counts(expect["from"], expect["to"]))
    check_totals(teiten, expect)
    check_marks(teiten, expect)


def check_generated(program, path, expect):
    with Teiten(program) as teiten:
        teiten.run("ingest", *expect["args"], str(path), status=expect["exit"])
        check_counts(teiten, expect)


def compressed(path, folder):
    """Yields the same capture in other wrappings."""
    for suffix, command in ((".gz", ["gzip", "-c"]), (".zst", ["zstd", "-q", "-c"])):
        out = pathlib.Path(folder) / (path.name + suffix)
        out.write_bytes(subprocess.run([*command, str(path)], stdout=subprocess.PIPE, check=True).stdout)
        yield out
    # Two gzip members make one stream.
    data, out = path.read_bytes(), pathlib.Path(folder) / (path.name + ".two.gz")
    halves = (data[:len(data) // 2], data[len(data) // 2:])
    out.write_bytes(b"".join(subprocess.run(["gzip", "-c"], input=half, stdout=subprocess.PIPE,
                                            check=True).stdout for half in halves))
    yield out


def must_be_series(teiten, expect, step, wanted):
    rows = teiten.rows("series", "--every", step, "--from", expect["from"], "--to", expect["to"])
    found = {row["time"]: row["accesses"] for row in rows if row["accesses"]}
    if found != wanted:
        raise Difference(f"accesses each {step} {found}, not {wanted}")


def check_series(program, path, expect):
    hours = {}
    for minute, accesses in expect["minutes"].items():
        hour = minute[:len("2026-03-01T12:")] + "00:00Z"
        hours[hour] = hours.get(hour, 0) + accesses
    with Teiten(program) as teiten:
        teiten.run("ingest", *expect["args"], str(path))
        must_be_series(teiten, expect, "minute", expect["minutes"])
        must_be_series(teiten, expect, "hour", hours)


def check_wrapped(program, path, expect):
    """Compressed and from standard input; and the same content, however wrapped, counts once."""
    with tempfile.TemporaryDirectory() as folder, Teiten(program) as once:
        once.run("ingest", *expect["args"], str(path))
        for wrapped in compressed(path, folder):
            check_generated(program, wrapped, expect)
            once.run("ingest", *expect["args"], str(wrapped))
        with Teiten(program) as teiten:
            teiten.run("ingest", *expect["args"], "-", data=path.read_bytes())
            check_counts(teiten, expect)
        check_counts(once, expect)
        once.run("ingest", *expect["args"], "--again", str(path))
        doubled = {service: (2 * packets, sources)
                   for service, (packets, sources) in table_of(expect).items()}
        must_match(doubled, once.counts(expect["from"], expect["to"]))


def rfc3339(second):
    return datetime.datetime.fromtimestamp(second, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_capture(program, path):
    expected, first, last, tagged = oracle.tshark(path)
    start, end = rfc3339(first // 3600 * 3600), rfc3339((last // 3600 + 1) * 3600)
    with Teiten(program) as teiten:
        teiten.run("ingest", str(path), status=1 if oracle.jumps(path) else 0)
        found = teiten.counts(start, end)
    must_match(expected, found)
    syns = {port: packets for (proto, port, kind), (packets, _) in found.items()
            if (proto, kind) == ("tcp", "access")}
    if not tagged and syns != oracle.tcpdump_syns(path):
        raise Difference("TCP SYNs by port differ from tcpdump's")


def check_all(checks):
    """checks are (name, function, arguments); returns the exit status."""
    failed = 0
    for name, function, *arguments in checks:
        try:
            function(*arguments)
        except Difference as difference:
            failed += 1
            print(f"{name}: {function.__name__}:\n{difference}")
    print(f"{len(checks)} comparisons, {failed} differ")
    return 1 if failed or not checks else 0


def generated(folder):
    for path in sorted(pathlib.Path(folder).glob("*.expect.json")):
        expect = json.loads(path.read_text())
        yield path.name.removesuffix(".expect.json"), path.parent / expect["file"], expect


def main(mode, *words):
    if mode == "generator":
        return check_all([(name, check_generator, path, expect)
                          for name, path, expect in generated(words[0]) if expect["plain"]])
    if mode == "generated":
        cases = list(generated(words[1]))
        checks = [(name, check_generated, words[0], path, expect) for name, path, expect in cases]
        checks += [(name, check_wrapped, words[0], path, expect) for name, path, expect in cases
                   if name in THROUGH]
        checks += [(name, check_series, words[0], path, expect) for name, path, expect in cases
                   if name in SERIES]
        return check_all(checks)
    if mode == "captures":
        return check_all([(pathlib.Path(path).name, check_capture, words[0], path)
                          for path in words[1:]])
    return sys.exit(__doc__)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
