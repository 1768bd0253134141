#!/usr/bin/env python3
"""Runs scripts in the real BusyBox and in the emulated shell, and compares what came of them byte by byte:
standard output, standard error, exit status, and the tree (types, modes, owners, sizes, contents, links).

usage: differ.py [OPTIONS] [PATTERN...]        only scripts whose names have one of the PATTERNs in them

  --build DIR      where shell-cell and shell-batch are                (build-test)
  --scripts        tests/shell/scripts/*.sh                            (these three are what is run unless one
  --corpus         tests/shell/corpus.tsv                               or more of them is asked for)
  --generate N     N scripts from the grammar                          (2000)
  --seed N         where the first of them begins                      (1)
  --goldens        tests/shell/golden/*.sh, against their .out (see below); alone
  --budget         no BusyBox: turns of one step must give what turns without a budget give
  --self           the real one beside itself on one CPU: is a script fit to be compared?
  --show           print the answers of both, compare nothing
  --shrink         make the generated scripts that differ as short as they go
  --jobs N         so many at once                                     (2)
  --most N         differences that are shown whole                    (20)
  --command SCRIPT one script, from the command line
  --accept         write the goldens anew from what the emulated shell says

A script's first lines may be orders: "#@ user" runs it as an ordinary user, "#@ stdin" gives it on standard
input rather than with -c, "#@ input TEXT" (\\n is an end of line) is what commands read, "#@ args WORDS" are $0
$1... Known differences are in known.tsv: pattern of names, what may differ (out err status tree), the reason;
a line that nothing needs fails, too. Goldens are for what differs by nature (processes, sizes, times).
"""
import argparse
import difflib
import fnmatch
import pathlib
import queue
import re
import select
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import generate  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 30  # seconds for one answer; the programs' own limit is 10
PARTS = ("status", "out", "err", "tree")
# Applets that the reference was built without; goldens may use them.
LACKED = "chattr cksum comm curl fuser iptables nice nohup pgrep pkill printenv split"


class Trouble(Exception):
    """A program that died or hung."""


class Script:
    def __init__(self, name, text, shrinks=False):
        self.name, self.text, self.shrinks = name, text, shrinks
        self.uid, self.way, self.input, self.args = 0, "c", b"", b""
        for line in text.split(b"\n"):
            if not line.startswith(b"#@ "):
                break
            word, _, rest = line[3:].partition(b" ")
            if word == b"user":
                self.uid = 1000
            elif word == b"stdin":
                self.way = "i"
            elif word == b"terminal":
                self.way = "t"
            elif word == b"input":
                self.input = rest.replace(b"\\n", b"\n")
            elif word == b"args":
                self.args = b"".join(arg + b"\0" for arg in rest.split(b" "))
            else:
                sys.exit(f"{name}: unknown order: {line.decode()}")

    def order(self, number, steps):
        head = f"RUN {number} {self.uid} {self.way} {steps} {len(self.text)} {len(self.input)} {len(self.args)}\n"
        return head.encode() + self.text + self.input + self.args


class Answer:
    def __init__(self, status, late, parts):
        self.late = late
        self.status, self.out, self.err, self.tree = (str(status).encode(), *parts)
        if late:
            self.status = b"late"


class Program:
    """shell-cell or shell-batch, started when it is needed, and again after it died."""

    def __init__(self, command, steps=0):
        self.command, self.steps = command, steps
        self.process = None
        self.count = 0

    def start(self):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
                                        bufsize=0)
        self.buffer = b""

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            self.process.stdout.close()
            self.process = None

    def finish(self):
        """Ends it in good order, so that a leak is told; what it said, if anything."""
        if not self.process:
            return ""
        self.process.stdin.close()
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            status = "no end"
        said = self.said() if status else ""
        self.stop()
        return said

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-6000:]

    def give_up(self, why):
        said = self.said()
        self.stop()
        raise Trouble(f"{pathlib.Path(self.command[0]).name} {why}\n{said}")

    def more(self, end):
        left = end - time.monotonic()
        if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
            self.give_up("gave no answer")
        data = self.process.stdout.read(1 << 20)
        if not data:
            self.process.wait()
            self.give_up(f"ended with {self.process.returncode}")
        self.buffer += data

    def take(self, n, end):
        while len(self.buffer) < n:
            self.more(end)
        data, self.buffer = self.buffer[:n], self.buffer[n:]
        return data

    def send(self, script):
        if not self.process:
            self.start()
        self.count += 1
        try:
            self.process.stdin.write(script.order(self.count, self.steps))
        except BrokenPipeError:
            self.process.wait()
            self.give_up(f"ended with {self.process.returncode}")

    def receive(self):
        end = time.monotonic() + PATIENCE
        while b"\n" not in self.buffer:
            self.more(end)
        line, _, self.buffer = self.buffer.partition(b"\n")
        _, number, status, late, _, *sizes = line.split()
        if int(number) != self.count:
            self.give_up("answered something else")
        return Answer(int(status), late == b"1", [self.take(int(size), end) for size in sizes])

    def run(self, script):
        self.send(script)
        return self.receive()


def differences(script, left, right):
    """The parts that differ. Both late: nothing more can be told. What the stages of a pipe say on standard error
    comes in any order."""
    if left.late and right.late:
        return []
    parts = [part for part in PARTS if getattr(left, part) != getattr(right, part)]
    if "err" in parts and b"|" in script.text and sorted(left.err.split(b"\n")) == sorted(right.err.split(b"\n")):
        parts.remove("err")
    return parts


def lines_of(data):
    text = data.decode("utf-8", "backslashreplace")
    text = re.sub(r"[^\n\t -~\u00a0-\uffff]", lambda match: f"\\x{ord(match[0]):02x}", text)
    return [line + "\n" for line in text.split("\n")]


def around_first(a, b):
    """Of two lists, what is around their first difference: the whole of long ones takes long to compare."""
    first = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    first = max(0, first - 3)
    return a[first:first + 40], b[first:first + 40]


def describe(script, left, right, parts, names=("busybox", "teiten")):
    text = [f"==== {script.name}: {' '.join(parts)}\n"]
    text += ["    " + line for line in lines_of(script.text.rstrip(b"\n"))]
    for part in parts:
        a, b = lines_of(getattr(left, part)), lines_of(getattr(right, part))
        if len(a) + len(b) > 1000:
            a, b = around_first(a, b)
        context = 0 if part == "tree" else 3
        shown = list(difflib.unified_diff(a, b, f"{part} of {names[0]}", f"{part} of {names[1]}", n=context))
        text += [line if len(line) < 200 else line[:200] + "...\n" for line in shown[:60]]
    return "".join(text)


class Known:
    """known.tsv: pattern, parts, reason."""

    def __init__(self, path):
        self.lines, self.used = [], set()
        self.unbuilt = set((HERE / "unbuilt.txt").read_bytes().split())
        for line in path.read_text().splitlines():
            if line and not line.startswith("#"):
                pattern, parts, reason = line.split("\t")
                assert reason and set(parts.split()) <= set(PARTS), line
                self.lines.append((pattern, parts.split()))

    def is_unbuilt(self, script):
        """unbuilt.txt: applets that the emulated shell has not got yet; whatever names one may differ."""
        return any(word in self.unbuilt for word in re.findall(rb"[A-Za-z0-9_]+", script))

    def excuses(self, name, parts):
        for number, (pattern, may) in enumerate(self.lines):
            if fnmatch.fnmatchcase(name, pattern) and set(parts) <= set(may):
                self.used.add(number)
                return True
        return False

    def unused(self, names):
        """Patterns that cover scripts which were run, and excused none."""
        return [pattern for number, (pattern, _) in enumerate(self.lines)
                if number not in self.used and fnmatch.filter(names, pattern)]


class Pair:
    """Two programs that are given the same scripts."""

    def __init__(self, left, right):
        self.left, self.right = left, right

    def run(self, script):
        self.left.send(script)
        trouble = None
        try:
            self.right.send(script)
        except Trouble as error:
            trouble = error
        left = self.left.receive()
        if trouble:
            raise trouble
        return left, self.right.receive()

    def differ(self, script):
        """The parts that differ, or what died."""
        try:
            left, right = self.run(script)
        except Trouble as trouble:
            return str(trouble).split()[0]
        return differences(script, left, right)


def shrink(pair, script):
    """Leaves out lines, as many as go while the two still differ in the same parts."""
    lines = script.text.split(b"\n")
    found = pair.differ(script)
    size = len(lines) // 2
    while size:
        at = 0
        while at < len(lines):
            shorter = lines[:at] + lines[at + size:]
            if pair.differ(Script(script.name, b"\n".join(shorter))) == found:
                lines = shorter
            else:
                at += size
        size //= 2
    return Script(script.name, b"\n".join(lines))


class Run:
    """All scripts through some pairs at once; what was found."""

    def __init__(self, options, known, make_pair):
        self.options, self.known, self.make_pair = options, known, make_pair
        self.lock = threading.Lock()
        self.todo = queue.SimpleQueue()
        self.failed, self.same, self.excused, self.unfit = [], 0, 0, 0

    def fail(self, name, text):
        self.failed.append(name)
        if len(self.failed) <= self.options.most:
            print(text, flush=True)
        elif self.options.most:
            print(f"==== {name}: differs, too", flush=True)

    def judge(self, pair, script):
        try:
            left, right = pair.run(script)
        except Trouble as error:
            with self.lock:
                text = "".join("    " + line for line in lines_of(script.text))
                self.fail(script.name, f"==== {script.name}: {error}\n{text}")
            return
        if self.options.show:
            with self.lock:
                show(script, left, right)
            return
        parts = differences(script, left, right)
        if left.late and script.shrinks:
            self.unfit += 1  # a generated script that takes the real one too long
            return
        if left.late:
            parts = ["status"]
        if parts and says_too(pair.left, script, right):
            parts = []
        if parts and script.shrinks and wavers(pair.left, script, left):
            self.unfit += 1
            return
        with self.lock:
            if not parts:
                self.same += 1
                return
            if self.known.excuses(script.name, parts) or self.known.is_unbuilt(script.text):
                self.excused += 1
                return
        if self.options.shrink and script.shrinks:
            script = shrink(pair, script)
            try:
                left, right = pair.run(script)
                parts = differences(script, left, right)
            except Trouble:
                pass
        with self.lock:
            self.fail(script.name, describe(script, left, right, parts))

    def work(self):
        pair = self.make_pair()
        while (script := self.todo.get()) is not None:
            self.judge(pair, script)
        pair.left.stop()
        said = pair.right.finish()
        if said:
            with self.lock:
                self.fail("end", f"==== at its end {pathlib.Path(pair.right.command[0]).name} said\n{said}")

    def all(self, scripts):
        for script in scripts:
            self.todo.put(script)
        workers = [threading.Thread(target=self.work) for _ in range(self.options.jobs)]
        for _ in workers:
            self.todo.put(None)
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()


TRIES = 4  # where processes race, the real one says now this, now that


def says_too(real, script, answer):
    """Whether the real one gives this answer as well, another time."""
    return any(not differences(script, real.run(script), answer) for _ in range(TRIES))


def wavers(real, script, answer):
    """Whether the real one does not always give the same answer."""
    return any(differences(script, answer, real.run(script)) for _ in range(TRIES))


def show(script, left, right):
    print(f"==== {script.name}")
    for name, answer in (("busybox", left), ("teiten", right)):
        print(f"-- {name}: status {answer.status.decode()}")
        sys.stdout.flush()
        sys.stdout.buffer.write(answer.out + (b"-- err\n" + answer.err if answer.err else b""))
        sys.stdout.flush()


# ---- Goldens ----

def golden_text(answer):
    """The banner is the device's, and so the installed reference's."""
    text = answer.out + b"--- standard error\n" + answer.err + b"--- status " + answer.status + b"\n"
    return re.sub(rb"BusyBox v.* multi-call binary\.", b"BusyBox VERSION multi-call binary.", text)


def run_goldens(options, program):
    """What the emulated shell alone is asked."""
    failed = []
    scripts = [(path, Script(path.stem, path.read_bytes())) for path in sorted((HERE / "golden").glob("*.sh"))]
    for path, script in scripts:
        if not wanted(path.stem, options.patterns):
            continue
        expected = path.with_suffix(".out")
        try:
            text = golden_text(program.run(script))
        except Trouble as error:
            text = str(error).encode()
        if options.accept:
            expected.write_bytes(text)
        elif not expected.exists() or text != expected.read_bytes():
            failed.append(path.stem)
            was = lines_of(expected.read_bytes()) if expected.exists() else []
            print("".join(difflib.unified_diff(was, lines_of(text), str(expected.name), "teiten")))
    said = program.finish()
    if said:
        failed.append("end")
        print(said)
    print(f"{len(scripts) - len(failed)} goldens are met, {len(failed)} not: {' '.join(failed)}")
    return 1 if failed else 0


# ---- What to run ----

def wanted(name, patterns):
    return not patterns or any(pattern in name for pattern in patterns)


def find_scripts(options):
    chosen = options.scripts or options.corpus or options.generate is not None
    if options.command is not None:
        yield Script("command", options.command.encode())
        return
    if options.scripts or not chosen:
        for path in sorted((HERE / "scripts").glob("*.sh")):
            yield Script(path.stem, path.read_bytes())
    if options.corpus or not chosen:
        lines = (HERE / "corpus.tsv").read_text().splitlines()[1:]
        for number, line in enumerate(lines, 1):
            yield Script(f"corpus-{number}", line.split("\t", 1)[1].encode())
    count = options.generate if chosen else 2000
    for number in range(options.seed, options.seed + (count or 0)):
        yield Script(f"generated-{number}", generate.script(number), shrinks=True)


def parse_words():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent.parent / "build-test")
    for name in ("scripts", "corpus", "goldens", "budget", "self", "show", "shrink", "accept"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--generate", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--most", type=int, default=20)
    parser.add_argument("--command")
    parser.add_argument("patterns", nargs="*")
    return parser.parse_args()


def main():
    options = parse_words()
    with tempfile.TemporaryDirectory(prefix="teiten-shell-") as scratch:
        machine = scratch + "/machine"
        more = LACKED.split() if options.goldens else []
        subprocess.run([sys.executable, str(HERE / "tree.py"), machine, *more], check=True)
        cell, batch = [str(options.build / "shell-cell"), machine], [str(options.build / "shell-batch"), machine]
        if options.goldens:
            return run_goldens(options, Program([*batch, "1700000000"]))

        def make_pair():
            if options.self:
                return Pair(Program(cell), Program([*cell, "--one-cpu"]))
            if options.budget:
                return Pair(Program(batch), Program(batch, steps=1))
            return Pair(Program(cell), Program(batch))

        scripts = [script for script in find_scripts(options) if wanted(script.name, options.patterns)]
        known = Known(HERE / "known.tsv") if not (options.self or options.budget) else Known(pathlib.Path("/dev/null"))
        run = Run(options, known, make_pair)
        first = make_pair()
        try:
            first.run(Script("start", b":"))
        except Trouble as error:
            sys.exit(f"differ: {error}")
        first.left.stop()
        first.right.stop()
        begun = time.monotonic()
        run.all(scripts)
        seconds = time.monotonic() - begun
    unused = known.unused([script.name for script in scripts]) if not options.show else []
    for pattern in unused:
        print(f"known.tsv: {pattern}: there is no such difference")
    print(f"{len(scripts)} scripts in {seconds:.1f} s: {run.same} alike, {run.excused} known to differ, "
          f"{run.unfit} unfit, {len(run.failed)} differ")
    if run.failed:
        print("differ: " + " ".join(run.failed))
    return 1 if run.failed or unused or not scripts else 0


if __name__ == "__main__":
    sys.exit(main())
