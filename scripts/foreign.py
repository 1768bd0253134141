#!/usr/bin/env python3
"""Real programs for other CPUs, that nobody here wrote: Debian's, unpacked, never installed and never run.

usage: foreign.py FOLDER

Fetches some packages with a private apt root, which knows the architectures that this machine need not have, and
unpacks them to FOLDER/PACKAGE_ARCHITECTURE/. What is there already is not fetched again. Prints each ELF file;
exit 77 where the archive cannot be reached.
"""
import fcntl
import pathlib
import shutil
import subprocess
import sys

# A small program of many CPUs; and the C library's for CPUs that the archive serves no whole system of.
PROGRAM = "busybox"
ARCHITECTURES = "amd64 i386 arm64 armhf armel mipsel mips64el ppc64el s390x".split()
LIBRARIES = [
    "libc6-sh4-cross", "libc6-powerpc-cross", "libc6-sparc64-cross", "libc6-m68k-cross", "libc6-riscv64-cross",
    "libc6-mips-cross", "libc6-mips64-cross", "libc6-hppa-cross", "libc6-ppc64-cross", "libc6-mipsn32-mips64el-cross",
    "libc6-arc-cross", "libc6-mipsr6-cross",
]
LARGEST = 4 << 20
A_LIBRARY = 12  # files of one library package: they are much alike


def options(root):
    """What keeps apt within its own folder."""
    for name in ("state/lists/partial", "cache/archives/partial"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "status").touch()
    return ["-o", f"Dir::State={root}/state", "-o", f"Dir::Cache={root}/cache", "-o", f"Dir::State::status={root}/status",
            "-o", "APT::Architecture=amd64", "-o", "APT::Architectures::=", "-o", "APT::Sandbox::User=root",
            "-o", "APT::Get::List-Cleanup=false", "-o", "Acquire::Languages=none",
            *[part for name in ARCHITECTURES for part in ("-o", f"APT::Architectures::={name}")]]


def run(command, cwd):
    return subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, check=False)


def wanted():
    for name in ARCHITECTURES:
        yield f"{PROGRAM}:{name}", f"{PROGRAM}_{name}"
    for name in LIBRARIES:
        yield name, name


def unpack(folder, deb):
    """NAME_VERSION_ARCHITECTURE.deb goes to where it is looked for: programs by architecture, libraries by name."""
    name, _, architecture = deb.stem.split("_")
    place = f"{name}_{architecture}" if name == PROGRAM else name
    made = folder / (place + ".new")
    made.mkdir(exist_ok=True)
    subprocess.run(["dpkg-deb", "-x", deb, made], check=True)
    made.rename(folder / place)
    deb.unlink()


def fetch_all(folder):
    """All at once, reading the lists is what takes long; two that come at the same time wait for each other."""
    lock = (folder / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    missing = [package for package, place in wanted() if not (folder / place).exists()]
    if not missing:
        return True
    downloads = folder / "downloads"
    downloads.mkdir(exist_ok=True)
    apt = ["apt-get", *options(folder / "apt")]
    updated = run([*apt, "update"], folder)
    got = run([*apt, "download", *missing], downloads)
    for deb in downloads.glob("*.deb"):
        unpack(folder, deb)
    if got.returncode:
        print(updated.stderr, got.stderr, file=sys.stderr)
    else:
        shutil.rmtree(folder / "apt")
    return got.returncode == 0


def programs(folder):
    for place in sorted(p for p in folder.iterdir() if p.is_dir() and p.name not in ("apt", "downloads")):
        files = sorted(f for f in place.rglob("*") if f.is_file() and not f.is_symlink() and f.stat().st_size <= LARGEST)
        elves = [f for f in files if f.open("rb").read(4) == b"\x7fELF"]
        yield from elves[:A_LIBRARY]


def main(folder):
    folder = pathlib.Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if not fetch_all(folder):
        print("skipped: Debian's archive cannot be reached", file=sys.stderr)
        return 77
    for program in programs(folder):
        print(program)
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
