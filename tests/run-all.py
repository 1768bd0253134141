#!/usr/bin/env python3
"""Runs every test, two at a time: unit tests, fuzz corpora, scenarios, checks.

usage: run-all.py ROOT [PATTERN]

One line a test, the output of what failed, and last "N passed, N failed". A test passes with exit
status 0 and is skipped with 77 (its last line says why); lines of a passed test that begin with
"skipped" are shown, so that nothing is left out in silence.
"""
import concurrent.futures
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

JOBS = 2
SECONDS = 600  # a test that takes longer has failed
SKIPPED = 77


def executables(build):
    """Names and files of the programs that meson builds; a stale file in the folder is none of them."""
    targets = json.loads((build / "meson-info/intro-targets.json").read_text())
    for target in targets:
        if target["type"] == "executable" and target["build_by_default"]:
            yield target["name"], target["filename"][0]


def find_tests(root):
    """Yields (name, command)."""
    build = root / "build-test"
    yield "check/layers", [sys.executable, str(root / "scripts/check-layers.py"), str(root)]
    yield "check/personas", [sys.executable, str(root / "scripts/make-persona.py"), "--check"]
    yield "check/manual", ["mandoc", "-T", "lint", "-W", "warning", str(root / "doc/teiten.1")]
    for name, program in sorted(executables(build)):
        if name.startswith("test-"):
            yield "unit/" + name[len("test-"):], [program]
        elif name.startswith("fuzz-"):
            yield "fuzz/" + name[len("fuzz-"):], replay(root, name[len("fuzz-"):], program)
    for script in sorted((root / "tests/scenario").glob("*.sh")):
        yield "scenario/" + script.stem, ["bash", str(script)]


def replay(root, name, program):
    """The command that replays a corpus; an empty corpus would prove nothing, so it fails."""
    corpus = root / "tests/corpus" / name
    seeds = sorted(str(seed) for seed in corpus.glob("*") if seed.is_file())
    if seeds:
        return [program, *seeds]
    return ["sh", "-c", f"echo no seeds in {corpus.relative_to(root)}; exit 1"]


def environment(root, scratch):
    env = dict(os.environ)
    env.update(
        TEITEN=str(root / "build-test/teiten"),
        TEITEN_RELEASE=str(root / "build/teiten"),
        TEITEN_SOURCE=str(root),
        TMPDIR=scratch,
        ASAN_OPTIONS="abort_on_error=0:exitcode=99",
        UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1:exitcode=99",
        LC_ALL="C.UTF-8",
        PYTHONDONTWRITEBYTECODE="1",
    )
    env.setdefault("STORM_KILLS", "80")  # 200 by its own command: see CONTRIBUTING.md
    env.pop("TEITEN_STATE", None)
    return env


def run(command, root):
    """Returns (exit status, output, seconds); the whole process group ends with the test."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="teiten-test-", ignore_cleanup_errors=True) as scratch, \
            tempfile.TemporaryFile() as output:
        os.chmod(scratch, 0o711)  # tests that give up root's rights go on in it
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=subprocess.STDOUT, cwd=root,
                                       env=environment(root, scratch), start_new_session=True)
        except OSError as error:
            return 1, f"{command[0]}: {error.strerror}\n", time.monotonic() - start
        note = ""
        try:
            status = process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            status = 1
            note = f"took longer than {SECONDS} seconds\n"
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        output.seek(0)
        text = output.read().decode(errors="replace") + note
    return status, text, time.monotonic() - start


def report(name, status, text, seconds):
    word = {0: "ok", SKIPPED: "skipped"}.get(status, "FAIL")
    print(f"{word} {name} {seconds:.1f}")
    lines = text.splitlines()
    if word == "FAIL":
        lines.append(f"exit status {status}" if status >= 0 else f"ended by signal {-status}")
    elif word == "skipped":
        lines = lines[-1:]
    else:
        lines = [line for line in lines if line.startswith("skipped")]
    for line in lines:
        print("    " + line)
    sys.stdout.flush()
    return word


def main(root, pattern=""):
    root = pathlib.Path(root).resolve()
    tests = [test for test in find_tests(root) if pattern in test[0]]
    words = []
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        pending = {pool.submit(run, command, root): name for name, command in tests}
        for done in concurrent.futures.as_completed(pending):
            words.append(report(pending[done], *done.result()))
    failed = words.count("FAIL")
    if not tests:
        print(f"no test has {pattern!r} in its name")
        failed = 1
    print(f"{words.count('ok')} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
