#!/usr/bin/env python3
"""A storm of `kill -9` over a running `teiten observe`, under traffic of which every frame tells its moment.

usage: storm.py TEITEN STATE TRUTH LOG SENDER

Run in the sensor's namespace, while `steady` (process SENDER) sends to it and writes TRUTH. STORM_KILLS
processes (else 200), each chosen by chance among the observer and all its descendants, die one after another. A dead observer is
started again, as a service manager would. After each kill, of one consistent copy of the store:

  - it passes PRAGMA integrity_check, and the store passes `teiten verify`, where that command is there;
  - packets are the same by flows, by totals, by minutes and in the runs' and chunks' own columns;
  - no slot has more packets than were sent in it, and every slot has as many, but for those in the last
    second before the observer (or its keeper) was killed and until it observed again;
  - all of what the coverage claims is there (but for its first and last bit: its seconds are whole), and
    nothing lies outside.

A worker's death loses nothing, since its ring outlives it; STORM_RINGS=no allows its last second, and until
it is there again, to be lost. STORM_SEED=N repeats the choices. Exit 0 passed, 1 failed.
"""
import bisect
import json
import os
import pathlib
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import time

KILLS = int(os.environ.get("STORM_KILLS", 200))
SEED = int(os.environ.get("STORM_SEED", time.time_ns() % 1000000))
RINGS = os.environ.get("STORM_RINGS", "yes") != "no"
LOSS = 1.0  # seconds before a kill that may be lost
SILENT = 17  # seconds after which a worker that tells nothing is no longer waited for
BLOCK = 0.3  # of what lay in a block of the ring when a delta was made
PATIENCE = 15  # seconds: what is not there then is lost
REVIVAL = 1.6  # seconds that a kill is waited after; a worker may be held back for longer
HOUR, DAY = 3600, 86400


class Failed(Exception):
    pass


def processes():
    """Of all processes: pid to (parent, name, start)."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            stat = pathlib.Path("/proc", entry, "stat").read_text()
        except OSError:
            continue
        name, rest = stat[stat.index("(") + 1:].rsplit(")", 1)
        fields = rest.split()
        if fields[0] != "Z":
            found[int(entry)] = int(fields[1]), name, fields[19]
    return found


def descendants(all_of_them, root):
    """The root first."""
    tree = [root] if root in all_of_them else []
    for pid in tree:
        tree += [child for child, (parent, _, _) in all_of_them.items() if parent == pid]
    return tree


class Observer:
    """`teiten observe`, and everything that it started."""

    def __init__(self, teiten, state, log, offset):
        self.command = [teiten, "observe", "--interface", "sensor0", "--prefix", "203.0.113.0/24", "--state", state,
                        "--set", "report.zone=UTC", "--clock-offset", str(offset)]
        self.log = log
        self.process = None
        self.orphans = {}

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stderr=log)

    def alive(self):
        return self.process.poll() is None

    def tree(self):
        """Pids to names."""
        now = processes()
        return {pid: now[pid][1] for pid in descendants(now, self.process.pid)}

    def workers(self):
        """Ages in seconds of those that capture."""
        now, uptime = processes(), float(pathlib.Path("/proc/uptime").read_text().split()[0])
        return [uptime - int(now[pid][2]) / os.sysconf("SC_CLK_TCK") for pid in descendants(now, self.process.pid)
                if now[pid][1].startswith("teiten-sense")]

    def note_orphans(self):
        """Before it dies: whom it leaves behind."""
        now = processes()
        for pid in descendants(now, self.process.pid)[1:]:
            self.orphans[pid] = now[pid][2]

    def bury_orphans(self):
        """What a dead observer had started must end by itself."""
        end = time.monotonic() + PATIENCE
        while self.orphans:
            now = processes()
            self.orphans = {pid: start for pid, start in self.orphans.items() if now.get(pid, (0, 0, 0))[2] == start}
            if self.orphans and time.monotonic() > end:
                raise Failed(f"left behind by a dead observer: {[now[pid][1] for pid in self.orphans]}")
            if self.orphans:
                time.sleep(0.02)


class Truth:
    """What was sent, by slot, as far as it is written down."""

    def __init__(self, file):
        self.file = open(file)
        self.sent = {}  # port: frames
        self.began = {}  # port: when
        self.rest = ""

    def read(self):
        lines = (self.rest + self.file.read()).split("\n")
        self.rest = lines.pop()
        for line in lines:
            port, began, sent, _ = line.split()
            self.sent[int(port)] = int(sent)
            self.began[int(port)] = float(began)

    def spans(self):
        """(port, from, to) of each slot that another one follows."""
        ports = sorted(self.sent)
        for port, after in zip(ports, ports[1:]):
            yield port, self.began[port], self.began[after]


def ask(teiten, state, *words):
    done = subprocess.run([teiten, *words, "--json", "--state", state], capture_output=True, check=False, timeout=60)
    if done.returncode:
        raise Failed(f"{' '.join(words)}: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    return json.loads(done.stdout)


def connect(file):
    return sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)


class Copy:
    """One moment of the store, whole."""

    def __init__(self, teiten, state, folder, days):
        self.teiten, self.folder, self.days = teiten, str(folder), days
        self.taken = time.time()
        folder.mkdir(exist_ok=True)
        for old in folder.glob("teiten.db*"):
            old.unlink()
        self.source = connect(state / "teiten.db")
        self.db = sqlite3.connect(folder / "teiten.db")
        try:
            self.source.backup(self.db)
        finally:
            self.source.close()

    def close(self):
        self.db.close()

    def one(self, sql):
        return self.db.execute(sql).fetchone()[0]

    def check_integrity(self):
        found = [row[0] for row in self.db.execute("PRAGMA integrity_check")]
        if found != ["ok"]:
            raise Failed(f"integrity_check: {found[:5]}")

    def by_slot(self, *words):
        slots = {}
        for row in ask(self.teiten, self.folder, "top", "ports", "--limit", "0", *self.days, *words):
            slots[row["port"]] = slots.get(row["port"], 0) + row["packets"]
        return slots

    def slots(self):
        """Packets by slot, after every way to count them gave the same."""
        flows, totals = self.by_slot("--source", "198.18.0.0/15"), self.by_slot()
        minutes = sum(row["packets"] or 0
                      for row in ask(self.teiten, self.folder, "series", "--every", "minute", *self.days))
        found = {
            "flows": sum(flows.values()),
            "totals": sum(totals.values()),
            "minutes": minutes,
            "runs": self.one("SELECT ifnull(sum(packets), 0) FROM run WHERE state=1"),
            "chunks": self.one("SELECT ifnull(sum(c.packets), 0) FROM chunk c JOIN run r ON r.id=c.run"
                               " WHERE r.state=1"),
        }
        if len(set(found.values())) > 1:
            raise Failed(f"sums differ: {found}")
        if flows != totals:
            raise Failed("flows and totals differ in some slots")
        return flows

    def coverage(self):
        """Rows (id, start, end), in order."""
        return list(self.db.execute("SELECT id, start, end FROM coverage ORDER BY start"))


class Storm:
    def __init__(self, teiten, state, truth, log):
        now = int(time.time())
        # A minute before midnight UTC by the observer's clock: an hour and a day end under fire
        self.offset = (now // DAY + 1) * DAY - 60 - now
        midnight = now + self.offset + 60
        stamps = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t)) for t in (midnight - DAY, midnight + DAY)]
        self.days = ["--from", stamps[0], "--to", stamps[1], "--set", "report.zone=UTC"]
        self.teiten, self.state = teiten, pathlib.Path(state)
        self.observer = Observer(teiten, state, log, self.offset)
        self.truth = Truth(truth)
        self.chance = random.Random(SEED)
        self.lost = []  # spans of time in which packets may be missing
        self.kills = []  # (when, role, span)
        self.open = None  # since when packets may be missing: it does not observe yet
        self.open_row = 0  # the last coverage row before
        self.workers = min(8, len(os.sched_getaffinity(0)))  # that there should be
        self.dead_since = None  # one of them is not there, or not long enough to have caught up
        self.verify = self.knows_verify()

    def knows_verify(self):
        known = subprocess.run([self.teiten, "verify", "--help"], capture_output=True, check=False).returncode == 0
        if not known:
            print("skipped: teiten verify: this program has no such command")
        return known

    # --- looking at the living store

    def glance(self, sql):
        """0 while there is no store; one that is being opened or recovered is waited for."""
        end = time.monotonic() + PATIENCE
        while (self.state / "teiten.db").exists():
            try:
                db = connect(self.state / "teiten.db")
                try:
                    return db.execute(sql).fetchone()[0] or 0
                finally:
                    db.close()
            except sqlite3.OperationalError as why:
                if time.monotonic() > end:
                    raise Failed(f"the store cannot be read: {why}") from why
            time.sleep(0.01)
        return 0

    def last_row(self):
        return self.glance("SELECT max(id) FROM coverage")

    def stored(self):
        return self.glance("SELECT sum(packets) FROM run WHERE state=1")

    def until(self, condition, seconds):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    # --- dying and reviving

    def begin_loss(self, when):
        since = min(when, self.dead_since or when) - LOSS
        self.open = since if self.open is None else min(self.open, since)
        self.open_row = self.last_row()

    def restart(self):
        self.observer.process.wait()
        time.sleep(0.1)
        self.dead_since = None
        self.observer.start()

    def kill(self):
        self.note_workers()
        tree = self.observer.tree()
        if not tree:
            raise Failed(f"the observer ended by itself with {self.observer.process.returncode}")
        victim = self.chance.choice(sorted(tree))
        role = "observer" if victim == self.observer.process.pid else tree[victim]
        self.observer.note_orphans()
        when = time.time()
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            return None
        if role.startswith("teiten-sense"):
            self.observer.orphans.clear()
            self.mourn_worker(when)
        elif role == "observer":
            self.begin_loss(when)
            self.restart()
        elif self.ends_without(role, victim):
            self.begin_loss(when)
            self.restart()
        else:
            self.observer.orphans.clear()
        self.kills.append((when, role))
        return role

    def ends_without(self, role, victim):
        """Whether the observer ends since one of its processes died; else it has a new one, and loses nothing."""
        def settled():
            replaced = any(name == role and pid != victim for pid, name in self.observer.tree().items())
            return replaced or not self.observer.alive()
        self.until(settled, 2)
        return not self.observer.alive()

    def note_workers(self):
        ages = self.observer.workers()
        if len(ages) >= self.workers and min(ages) > LOSS:
            self.dead_since = None

    def mourn_worker(self, when):
        if not RINGS:
            self.begin_loss(when)
        self.dead_since = self.dead_since or when

    def revived(self):
        """It observes again, and has stored something since."""
        end = time.monotonic() + REVIVAL
        if not self.until(lambda: len(self.observer.workers()) >= self.workers, REVIVAL):
            return False
        time.sleep(0.05)
        before = self.stored()
        if not self.until(lambda: self.stored() > before, max(0.7, end - time.monotonic())):
            return False
        self.note_workers()  # what another worker stored says nothing of one that has just begun
        return True

    # --- judging

    def close_loss(self, coverage):
        """It observes from the first second of a new period on; that second is not a whole one."""
        rows = [row for row in coverage if row[0] > self.open_row]
        if self.open is not None and rows and self.dead_since is None:
            self.lost.append((self.open, rows[0][1] - self.offset + 1))
            self.open = None

    def may_miss(self, start, end):
        return (self.open is not None and end > self.open) or any(start < b and end > a for a, b in self.lost)

    def missing(self, copy, slots):
        """Slots that have to be whole, and are not."""
        short = []
        newest = copy.taken - LOSS
        if self.dead_since:
            newest = min(newest, self.dead_since - LOSS)
        for port, start, end in self.truth.spans():
            found, sent = slots.get(port, 0), self.truth.sent[port]
            if found > sent:
                raise Failed(f"slot {port}: {found} packets stored, {sent} sent")
            if found < sent and end < newest and not self.may_miss(start, end):
                short.append((port, found, sent))
        return short

    def check_coverage(self, rows, slots, taken):
        """What is claimed is there, and what is there is claimed."""
        spans = [(port, start + self.offset, end + self.offset) for port, start, end in self.truth.spans()]
        starts = [span[1] for span in spans]
        claimed = set()
        for _, first, last in rows:
            low, high = bisect.bisect(starts, first - 1.2), bisect.bisect(starts, last + 1.2)
            for port, start, end in spans[low:high]:
                claimed.add(port)
                whole = start >= first + 1 and end < last - BLOCK
                if whole and slots.get(port, 0) < self.truth.sent[port] and not self.excused(start, end):
                    raise Failed(f"slot {port} lies in a period of coverage, {start - first:.3f} s behind its start and"
                                 f" {last - end:.3f} s before its end, but has {slots.get(port, 0)} packets of"
                                 f" {self.truth.sent[port]}")
        # What all workers have told of is claimed; until one that died has caught up, others are ahead of that.
        settled = max([last for _, _, last in rows], default=0)
        settled = max(settled, taken + self.offset - SILENT)
        strays = [port for port, start, _ in spans if slots.get(port) and port not in claimed and start < settled
                  and not self.may_miss(start - self.offset, start - self.offset)]
        if strays:
            raise Failed(f"slots {strays[:5]} were stored, but are in no period of coverage")

    def excused(self, start, end):
        """Of a worker whose ring died with it: its last second was claimed already."""
        return not RINGS and self.may_miss(start - self.offset, end - self.offset)

    def check_verify(self):
        if not self.verify:
            return
        done = subprocess.run([self.teiten, "verify", "--state", str(self.state)], capture_output=True, check=False,
                              timeout=60)
        if done.returncode:
            raise Failed(f"verify: exit {done.returncode}: {(done.stdout + done.stderr).decode(errors='replace')}")

    def look(self):
        """One copy, judged; the slots that are still missing."""
        copy = Copy(self.teiten, self.state, self.state.parent / "copy", self.days)
        try:
            copy.check_integrity()
            slots = copy.slots()
            self.truth.read()
            rows = copy.coverage()
            self.close_loss(rows)
            self.check_coverage(rows, slots, copy.taken)
            return self.missing(copy, slots), slots
        finally:
            copy.close()

    def memory(self):
        """What it knows of the last moments, for who has to find out."""
        return (f"kills {[(round(when, 3), role) for when, role in self.kills[-4:]]},"
                f" lost {[(round(a, 3), round(b, 3)) for a, b in self.lost[-4:]]}, open {self.open}")

    def check(self):
        end = time.monotonic() + PATIENCE
        short, slots = self.look()
        while short:
            if time.monotonic() > end:
                raise Failed(f"{sum(sent - found for _, found, sent in short)} packets are lost; (slot, stored, sent)"
                             f" {short[:8]}, from {self.truth.began[short[0][0]]:.3f} on; {self.memory()}")
            if not self.observer.alive():
                raise Failed("the observer ended by itself")
            time.sleep(0.3)
            self.note_workers()
            short, slots = self.look()
        self.check_verify()
        return slots

    # --- all of it

    def begin(self):
        self.observer.start()
        if not self.until(lambda: self.last_row() > 0, PATIENCE):
            raise Failed("it does not begin to observe")
        self.workers = len(self.observer.workers())
        self.lost.append((0, time.time() + 1))

    def strike(self):
        time.sleep(self.chance.random() * 0.6)
        role = self.kill()
        if role is None:
            return
        # Half the time the next one may die before all is well again.
        if self.chance.random() < 0.5:
            self.revived()
        self.observer.bury_orphans()
        self.check()

    def run(self):
        began = time.monotonic()
        self.begin()
        while len(self.kills) < KILLS:
            self.strike()
            if len(self.kills) % 50 == 0:
                print(f"{len(self.kills)} kills, {time.monotonic() - began:.0f} s", flush=True)
        if not self.until(self.revived, 70):
            raise Failed("it did not revive")
        self.check()

    def finish(self):
        """After the sender: it ends in order, and all is there to the last packet."""
        self.observer.process.terminate()
        if self.observer.process.wait(30):
            raise Failed(f"it ended with {self.observer.process.returncode}")
        slots = self.check()
        self.report(slots)

    def report(self, slots):
        sent = sum(self.truth.sent.values())
        print(f"{len(self.kills)} kills: " + ", ".join(
            f"{sum(role == name for _, role in self.kills)} {name}" for name in sorted({r for _, r in self.kills})))
        print(f"{sent} frames sent, {sum(slots.values())} stored; every slot that may not miss any is whole")
        before = [self.lost_before(when, slots) for when, role in self.kills if not role.startswith("teiten-sense")]
        if before:
            print(f"lost of the second before an observer's death: median {statistics.median(before):.3f} s,"
                  f" most {max(before):.3f} s")
        gaps = [b - a - LOSS for a, b in self.lost[1:]]
        if gaps:
            print(f"from a death to the first second observed again: median {statistics.median(gaps):.1f} s,"
                  f" most {max(gaps):.1f} s")

    def lost_before(self, when, slots):
        """Seconds' worth of packets missing in the second before."""
        share = 0
        for port, start, end in self.truth.spans():
            if start >= when - LOSS and end <= when and self.truth.sent[port]:
                share += (end - start) * (1 - slots.get(port, 0) / self.truth.sent[port])
        return share


def main(teiten, state, truth, log, sender):
    print(f"STORM_KILLS={KILLS} STORM_SEED={SEED} STORM_RINGS={'yes' if RINGS else 'no'}", flush=True)
    storm = Storm(teiten, state, truth, log)
    started = time.monotonic()
    try:
        storm.run()
        os.kill(int(sender), signal.SIGTERM)
        time.sleep(0.3)
        storm.finish()
    except Failed as why:
        print(f"FAIL after {len(storm.kills)} kills (the last: {[role for _, role in storm.kills[-3:]]}): {why}")
        return 1
    finally:
        if storm.observer.process and storm.observer.alive():
            storm.observer.process.kill()
            storm.observer.process.wait()
    print(f"{time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
