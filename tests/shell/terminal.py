#!/usr/bin/env python3
"""Sessions on a terminal: the same keys for the real BusyBox and for `teiten shell`, and what they show.

usage: terminal.py CELL TEITEN MACHINE [NAME...]

What both put on the terminal is the same, byte by byte, the line editor's sequences included. Keys are sent to both when the prompt
stands there, or, for those of the line editor, when both screens are quiet and the same.
"""
import concurrent.futures
import difflib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

PATIENCE = 20.0  # seconds for a prompt
QUIET = 0.3  # seconds without a byte
CATCHING_UP = 4.0  # seconds that the slower one may be behind
AT_A_TIME = 4  # sessions; they sleep nearly all the time
PROMPT = b"# ", b"> ", b"$ "

# Sent one after the other, each when a prompt is there; of a tuple the rest follow a second apart.
SESSIONS = {
    "greeting": ["exit 3\n"],
    "commands": ["echo hello\n", "nosuch\n", "ls /srv\n", "echo a; echo b >&2\n", "false\n", "echo $?\n", "\n", "   \n", "exit\n"],
    "folders": ["cd /tmp\n", "pwd\n", "cd /srv/data/deep\n", "cd\n", "cd /root/nosuch\n", "HOME=/tmp\n", "cd /tmp/\n", "exit\n"],
    "continued": ["if true\n", "then\n", "echo yes\n", "fi\n", "echo 'open\n", "close'\n", "cat <<EOF\n", "line $((1+1))\n", "EOF\n",
                  "for i in 1 2; do\n", "echo $i\n", "done\n", "echo a \\\n", "b\n", "f() {\n", "echo f\n", "}\n", "f\n", "exit\n"],
    "prompts": ["PS1='$ # '\n", "echo one\n", "PS1='\\u@\\h:\\w\\$ '\n", "cd /etc\n", "PS2='more> '\n", "echo 'x\n", "y'\n", "PS1='[\\W]# '\n",
                "cd /srv/data\n", "exit\n"],
    "errors": ["echo )\n", "fi\n", "echo still\n", "${x!}\n", "echo $((1/0))\n", "echo ${x?gone}\n", "set -u\n", "echo $nosuch\n", "echo on\n",
               "readonly r=1\n", "r=2\n", "cd a b\n", ". /nosuch\n", "exit\n"],
    "gone": ["echo a\n", "exec nosuch\n"],
    "jobs": ["true &\n", "wait\n", "\n", "jobs\n", "fg\n", "sleep 9 | cat -n | cat &\n", "jobs\n", "kill %1; sleep 0.5\n", "jobs\n", "exit\n"],
    "escapes": ["PS1='\\n\\!\\101\\x41\\q\\# \\s \\j \\l # '\n", ":\n", "PS1='\\e[1m\\H|\\W|\\w # '\n", "cd /srv/data\n", "PS1='\\\\w \\a\"q\"# '\n", "exit\n"],
    "end": ["echo last\n", "\x04"],
    "terminal": ["[ -t 0 ] && [ -t 1 ] && echo tty\n", ("read x\n", "word\n"), "echo \"<$x>\"\n", ("cat\n", "line\n", "\x04"), "echo $-\n",
                 "sh -c 'echo sub; echo $-'\n", "exit\n"],
    "shells": ["sh\n", "echo in\n", "exit 4\n", "echo $?\n", "ash\n", "cd /tmp\n", "exit\n", "su user\n", "id -u\n", "exit\n", "exit\n"],
    "interrupt": ["echo a\n", ("sleep 30\n", "\x03"), "echo $?\n", ("cat\n", "\x03"), "echo after\n", ("sh -c 'while :; do :; done'\n", "\x03"), "echo out\n",
                  "trap 'echo caught' INT\n", ("sleep 30\n", "\x03"), "exit\n"],
    "narrow": ["stty size\n", "stty -a\n", "ls /bin /etc\n", "ls -C /etc | cat\n", "ls -C /etc < /dev/null\n", "COLUMNS=30 ls /etc\n",
               "COLUMNS=100 stty size\n", "busybox | head -30\n", "busybox < /dev/null | head -30\n", "exit\n"],
    "status": ["(exit 7)\n", "exit\n"],
    "traps": ["trap 'echo leaving' EXIT\n", "exit 2\n"],
}

FILES = "cd /tmp; mkdir e; cd e; >alpha; >alpine; >'beta file'; mkdir dirx; >dirx/inner; >.hid\r"
A76, ABC170 = "a" * 76, "abcdefghij" * 17

# Keys for the line editor: each is sent when the screen is quiet.
EDITED = {
    "arrows": ["echo 1\r", "echo 2\r", "echo 2\r", "echo 3\r", "\x1b[A", "\x1b[A", "\x10", "\x10", "\x1b[B", "\x0e", "\x0e", "\x0e", "new\x10\x0e",
               "\x10X\r", "\x10\x10", "\x03", "history\r"],
    "moves": ["hello world", "\x1b[D", "\x1b[D", "\x1b[C", "\x1b[3~", "\x1b[1~", "\x1b[4~", "\x1b[H", "\x1b[F", "\x1bOH", "\x1bOF", "\x1bb", "\x1bb",
              "\x1bf", "\x1bd", "\x1b\x7f", "\x1b[1;5D", "\x1b[1;5C", "\x1b[2~", "\x1b[7~", "\x1b[8~", "\x1b[[A", "\x1b\x08", "\x03"],
    "deletes": ["\x7f", "ab\x02\x02\x7f", "XY", "\x06Z", "\x04", "\r", "one two three", "\x17", "\x17", "\x17", "\x17", "\x0c", "abc", "\x0c", "\x14",
                "\x02\x0b", "\x01x", "\x05\x15", "\x03", "x\x04", "\x01\x04", "cat al\x15", "ab\x02\x15", "\x03"],
    "wide": [A76, "b", "c", "d", "\x7f", "\x7f", "\x7f", "\x7f", "\x1b[D", "\x1b[C", "\x03", ABC170, "\x01", "X", "\x05", "\x02", "\x1bb", "Y", "\x7f", "\x0b",
             "\x15", "\x03", "echo a\r", ABC170, "\x10", "\x0e", "\x03", A76 + "bc", "\x03", A76 + "b", "c\r"],
    "narrow": [A76[:40], "b", "\x7f", "\x7f", "\x01", "\x05", "\x03", ABC170, "\x1bb", "Y", "\x0b", "\x15", "\x03", FILES, "ls a\t", "\t", "\x03"],
    "odd bytes": ["a\x16\x03", "\x03", "a\x01b\x1fc\x0bd", "\x03", "\xe9\xff", "\r", "\x00\x07\x1a\x1c", "\x03", "\x1b[Z", "\x1b[99~", "\x1bx", "\x03",
                  "x" * 1020, "12345", "6", "\x7f7", "\x03"],
    "completes": [FILES, "cat b\t", "\x03", "cat dir\t", "\t", "\x03", "nosuchcmd\t", "\x03", "cat $HO\t", "\x03", "ls /srv/no\t", "\x03", 'cat "al\t', "\x03",
                  "\t", "\x03", "cd \t", "\x03", "ls alp\t", "\t", "\t", "x\t", "\x03", "ls  \t\t", "\x03", "ls > al\t", "\x03", "2>al\t", "\x03", "./al\t",
                  "\x03", "./d\t", "\x03", "cat .\t", "\t", "\x03", "cat 'be\t", "\x03", 'cat "beta f\t', "\x03", "cat beta\\ \t", "\x03", "if al\t", "\x03",
                  "X=1 al\t", "\x03", "cd al\t", "\x03", "cat /et\t", "\x03", "ls -l alphz\x02\t", "\x03", "ls a\tp\x01\x06\x06\x06\x06\t", "\x03",
                  "cat ~ro\t", "\x03", "vi nosuch/\t", "\x03", "readon\t", "\x03", "hexd\t", "\x03", "ls;hexd\t", "\x03", "(hexd\t", "\x03", "sha\t", "\t", "\x03"],
    "ahead": ["sleep 1\r", "echo x\r", "", "", "", "", "", "cat > f\rl1\rl2\r", "\x04", "cat f\r", "sleep 1\recho y\r", "", "", "", "", "", ""],
    "cooked": ["read x\r", "ab\x7fc\r", "echo $x\r", "read -s y\r", "hid\r", "echo $y\r", "cat\r", "l1\r", "l2\x7f\x15x\n", "ab\x17c d\x17\x12e\r", "a\tb\x7f\x7f\x7f\r",
               "\x01\x02\x7f\x7f\r", "a\x16\x03b\r", "mid\x04", "dle\x04\x04", "cat\r", "\x03", "sleep 9\r", "\x1a", "jobs\r", "kill %1\r", "\r"],
    "line": ["cat\r", "one\xe9\xe8 \xd7\xf7z\x17\x17\x17a\r", "ab\x04", "c\x7f\x7f\x7fd\r", "x\ty\x12\x7f\x7fz\r", "all at once\x03", "cat\r", "a\rb c\x03", "cat\r",
             "q\x1c", "echo $?\r", "cat\r", "\x16\x7f\x16\x03\x7f\tb\x15\r", "\x1bOA\x13b\x11\r", "\x04"],
    "traps": ["trap 'echo T' INT\r", "\x03", "echo $?\r", "trap - INT\r", "if true\r", "\x03", "echo $?\r", "if\r", "\x04", "echo $?\r"],
    "prompts": ["PS1='\\[\\e[1m\\]abc\\n> '\r", "ab\x01x", "\x15", "\r", "PS1='\\w \\$ '\r", "cd /srv\r", "xy\x02\x15", "\r"],
}


NARROW = 12, 44  # rows and columns; of the others nobody says how large they are


def start(command, size):
    """The command on a new terminal of that size, which is nobody's yet, so that a shell in a cell can make it its own:
    (process, our end)."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                               env={"TERM": "vt100", "PATH": "/usr/bin:/bin"})
    os.close(theirs)
    return process, ours


class Terminal:
    def __init__(self, command, size):
        self.process, self.fd = start(command, size)
        self.shown, self.ended, self.asked = b"", False, 0
        self.notes = []  # (where in what was shown, what the test did there)

    def fileno(self):
        return self.fd

    def read(self):
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        self.ended = not data
        self.shown += data
        while self.asked < self.shown.count(b"\x1b[6n"):
            self.asked += 1
            self.send("\x1b[1;1R")

    def send(self, keys):
        try:
            os.write(self.fd, keys.encode("latin-1"))
        except OSError:
            pass  # it ended before the last key, and what it showed tells

    def note(self, text):
        self.notes.append((len(self.shown), f"\n-- {text}\n"))

    def since_note(self):
        return self.shown[self.notes[-1][0]:]

    def at_prompt(self):
        return self.ended or clean(self.shown).endswith(PROMPT)

    def finish(self):
        if not self.ended:
            self.process.kill()
        status = self.process.wait()
        os.close(self.fd)
        self.note(f"status {status if self.ended else 'none'}")

    def text(self):
        text, at = "", 0
        for place, note in self.notes:
            text += self.shown[at:place].decode(errors="backslashreplace") + note
            at = place
        return text


class Pair:
    """The real one and ours, which get each key at the same time, when both are ready for it."""

    def __init__(self, commands, size):
        self.both = [Terminal(command, size) for command in commands]
        self.same = True

    def ended(self):
        return all(terminal.ended for terminal in self.both)

    def read(self, seconds):
        """Takes what is put out within that time; true where there was something."""
        ready = select.select([terminal for terminal in self.both if not terminal.ended], [], [], seconds)[0]
        for terminal in ready:
            terminal.read()
        return bool(ready)

    def wait_until(self, done, patience):
        """Until both are quiet and it is so; true where it came to that."""
        end = time.monotonic() + patience
        while True:
            while not self.ended() and self.read(QUIET):
                pass
            if done():
                return True
            if self.ended() or time.monotonic() >= end:
                return False

    def wait_for_prompt(self):
        if not self.wait_until(lambda: all(terminal.at_prompt() for terminal in self.both), PATIENCE):
            raise TimeoutError

    def wait_for_same(self):
        """Until the slower one has shown what the other has; where they have differed once, it is not waited for again."""
        real, ours = self.both
        patience = CATCHING_UP if self.same else 0
        self.same = self.wait_until(lambda: real.since_note() == ours.since_note(), patience)

    def send(self, keys):
        for terminal in self.both:
            terminal.send(keys)

    def note(self, text):
        for terminal in self.both:
            terminal.note(text)

    def finish(self):
        self.wait_until(self.ended, PATIENCE)
        for terminal in self.both:
            terminal.finish()


def clean(data):
    """Without what a line editor says to its terminal."""
    return re.sub(rb"\x1b\[(6n|J|\d*[ABCD])", b"", data)


def play(pair, keys):
    for part in keys:
        pair.wait_for_prompt()
        first, *later = part if isinstance(part, tuple) else (part,)
        pair.send(first)
        for key in later:
            time.sleep(1.0)
            pair.send(key)


def play_keys(pair, keys):
    pair.wait_for_prompt()
    for key in [*keys, "\x03", "exit\r"]:
        pair.note(repr(key))
        pair.send(key)
        pair.wait_for_same()


def compare(how, commands, keys, size):
    """The same keys on two terminals at once: what differs, as lines."""
    pair = Pair(commands, size)
    try:
        how(pair, keys)
    except TimeoutError:
        pair.note("no prompt")
    pair.finish()
    real, ours = (terminal.text().split("\n") for terminal in pair.both)
    return list(difflib.unified_diff(real, ours, "busybox", "teiten", lineterm=""))


def main(cell, teiten, machine, names):
    commands = [cell, machine, "--terminal"], [teiten, "shell", "--machine", machine]
    sessions = [(name, play, keys, NARROW if name == "narrow" else (0, 0)) for name, keys in SESSIONS.items()]
    sessions += [(f"edit {name}", play_keys, keys, NARROW if name == "narrow" else (0, 0)) for name, keys in EDITED.items()]
    sessions = [session for session in sessions if not names or any(word in session[0] for word in names)]
    sessions.sort(key=lambda session: -len(session[2]))  # the longest first, so that none is left alone at the end
    failed = []
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        outcomes = pool.map(lambda session: compare(session[1], commands, *session[2:]), sessions)
        for (name, *_), different in zip(sessions, outcomes):
            if different:
                failed.append(name)
                print(f"==== {name}", *different, sep="\n")
    print(f"{len(sessions)} sessions, {len(failed)} differ: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:4], sys.argv[4:]))
