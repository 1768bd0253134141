#!/usr/bin/env python3
"""Sessions on a terminal: the same keys for the real BusyBox and for `teiten shell`, and what they show.

usage: terminal.py CELL TEITEN MACHINE [NAME...]

The real one edits lines itself and asks the terminal where its cursor is; without these sequences what both
put on the terminal is the same, byte by byte. Keys are sent when the prompt stands there.
"""
import difflib
import os
import pty
import re
import select
import subprocess
import sys
import time

PATIENCE = 20.0  # seconds for a prompt
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
    "jobs": ["true &\n", "wait\n", "\n", "jobs\n", "fg\n", "exit\n"],
    "escapes": ["PS1='\\n\\!\\101\\x41\\q\\# \\s \\j \\l # '\n", ":\n", "PS1='\\e[1m\\H|\\W|\\w # '\n", "cd /srv/data\n", "PS1='\\\\w \\a\"q\"# '\n", "exit\n"],
    "end": ["echo last\n", "\x04"],
    "terminal": ["[ -t 0 ] && [ -t 1 ] && echo tty\n", ("read x\n", "word\n"), "echo \"<$x>\"\n", ("cat\n", "line\n", "\x04"), "echo $-\n",
                 "sh -c 'echo sub; echo $-'\n", "exit\n"],
    "shells": ["sh\n", "echo in\n", "exit 4\n", "echo $?\n", "ash\n", "cd /tmp\n", "exit\n", "su user\n", "id -u\n", "exit\n", "exit\n"],
    "interrupt": ["echo a\n", ("sleep 30\n", "\x03"), "echo $?\n", ("cat\n", "\x03"), "echo after\n", ("sh -c 'while :; do :; done'\n", "\x03"), "echo out\n",
                  "trap 'echo caught' INT\n", ("sleep 30\n", "\x03"), "exit\n"],
    "status": ["(exit 7)\n", "exit\n"],
    "traps": ["trap 'echo leaving' EXIT\n", "exit 2\n"],
}


def start(command):
    """The command on a new terminal, which is nobody's yet, so that a shell in a cell can make it its own:
    (process, our end)."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                               env={"TERM": "vt100", "PATH": "/usr/bin:/bin"})
    os.close(theirs)
    return process, ours


class Terminal:
    def __init__(self, command):
        self.process, self.fd = start(command)
        self.shown, self.ended = b"", False

    def read(self, seconds):
        """Takes what is put out within that time; true where there was something."""
        if self.ended or not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        self.ended = not data
        self.shown += data
        if b"\x1b[6n" in data:
            os.write(self.fd, b"\x1b[1;1R")
        return bool(data)

    def wait_for_prompt(self):
        end = time.monotonic() + PATIENCE
        while not self.ended and time.monotonic() < end:
            if not self.read(0.25) and clean(self.shown).endswith(PROMPT):
                return
        if not self.ended:
            raise TimeoutError(f"no prompt after {self.shown!r}")

    def send(self, keys):
        os.write(self.fd, keys.encode())

    def finish(self):
        end = time.monotonic() + PATIENCE
        while not self.ended and time.monotonic() < end:
            self.read(0.25)
        if not self.ended:
            self.process.kill()
        status = self.process.wait()
        os.close(self.fd)
        return clean(self.shown).decode(errors="backslashreplace") + f"\n-- status {status if self.ended else 'none'}\n"


def clean(data):
    """Without what a line editor says to its terminal."""
    return re.sub(rb"\x1b\[(6n|J|\d*[ABCD])", b"", data)


def play(command, keys):
    terminal = Terminal(command)
    try:
        for part in keys:
            terminal.wait_for_prompt()
            first, *later = part if isinstance(part, tuple) else (part,)
            terminal.send(first)
            for key in later:
                time.sleep(1.0)
                terminal.send(key)
    except TimeoutError as error:
        terminal.shown += f"\n{error}\n".encode()
    except OSError:
        pass  # it ended before the last key
    return terminal.finish()


def main(cell, teiten, machine, names):
    failed = []
    for name, keys in SESSIONS.items():
        if names and name not in names:
            continue
        real = play([cell, machine, "--terminal"], keys)
        ours = play([teiten, "shell", "--machine", machine], keys)
        if real != ours:
            failed.append(name)
            print(f"==== {name}")
            print("\n".join(difflib.unified_diff(real.split("\n"), ours.split("\n"), "busybox", "teiten", lineterm="")))
    print(f"{len(SESSIONS)} sessions, {len(failed)} differ: {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:4], sys.argv[4:]))
