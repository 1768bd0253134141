#!/usr/bin/env python3
"""What triage tells of real programs beside what readelf tells.

usage: cpus.py TELL FILE...

TELL is the program that prints triage's reports. Every field is compared with `readelf -hA -lSd`'s, which shares no
code with it. Prints each difference; exit 1 if any.
"""
import json
import re
import subprocess
import sys

CPUS = {
    "ARM": "arm", "AArch64": "aarch64", "MIPS R3000": "mips", "PowerPC": "powerpc", "PowerPC64": "powerpc64",
    "Renesas / SuperH SH": "superh", "Sparc v9": "sparc64", "Sparc": "sparc", "Sparc v8+": "sparc", "MC68000": "m68k",
    "Intel 80386": "x86", "Advanced Micro Devices X86-64": "x86-64", "RISC-V": "riscv", "LoongArch": "loongarch",
    "ARCv2": "arc", "ARCompact": "arc", "Tensilica Xtensa Processor": "xtensa", "HPPA": "machine 15",
    "IBM S/390": "machine 22", "Alpha": "machine 36902",
}
ARM_ARCHITECTURES = {"v4": "armv4", "v4T": "armv4t", "v5T": "armv5t", "v5TE": "armv5te", "v5TEJ": "armv5tej", "v6": "armv6",
                     "v6KZ": "armv6kz", "v6T2": "armv6t2", "v6K": "armv6k", "v7": "armv7", "v8": "armv8"}
MIPS_LEVELS = {"mips1", "mips2", "mips3", "mips4", "mips5", "mips32", "mips64", "mips32r2", "mips64r2", "mips32r6", "mips64r6"}


def first(pattern, text):
    found = re.search(pattern, text, re.M)
    return found[1].strip() if found else None


def flags_of(text):
    line = first(r"^  Flags:(.*)$", text) or ""
    return [part.strip() for part in line.split(",")]


def arm_words(text, flags):
    architecture = first(r"Tag_CPU_arch: (\S+)", text)
    if architecture:
        yield ARM_ARCHITECTURES[architecture]
    eabi = [flag for flag in flags if flag.startswith("Version") and "EABI" in flag]
    yield "eabi" + eabi[0].split()[0][len("Version"):] if eabi else "oabi"
    if "hard-float ABI" in flags or "VFP registers" in (first(r"Tag_ABI_VFP_args: (.*)", text) or ""):
        yield "hard-float"
    elif "soft-float ABI" in flags:
        yield "soft-float"


def mips_words(text, flags, wide):
    levels = [flag for flag in flags if flag in MIPS_LEVELS]
    yield levels[0]
    yield "n64" if wide else "n32" if "abi2" in flags else "o32"
    floating = first(r"FP ABI: (.*)", text) or first(r"Tag_GNU_MIPS_ABI_FP: (.*)", text) or ""
    if "Soft" in floating:
        yield "soft-float"
    elif "Hard" in floating:
        yield "hard-float"


def powerpc_words(text, flags):
    yield from ("elfv" + flag[4:] for flag in flags if flag.startswith("abiv"))
    floating = first(r"Tag_GNU_Power_ABI_FP: (.*)", text) or ""
    if floating:
        yield "soft-float" if "soft" in floating else "single-float" if "single" in floating else "hard-float"


def abi_of(cpu, text, wide):
    flags = flags_of(text)
    if cpu == "arm":
        return " ".join(arm_words(text, flags))
    if cpu.startswith("mips"):
        return " ".join(mips_words(text, flags, wide))
    if cpu.startswith("powerpc"):
        return " ".join(powerpc_words(text, flags)) or None
    if cpu == "superh":
        return flags[-1]
    if cpu == "riscv":
        return " ".join(["rv64" if wide else "rv32", next(f for f in flags if f.endswith("float ABI"))[:-len(" ABI")]] +
                        (["rvc"] if "RVC" in flags else []))
    if cpu == "sparc64":
        return "v9 " + next(flag for flag in flags if flag in ("tso", "pso", "rmo"))
    if cpu == "x86-64":
        return "x86-64" if wide else "x32"
    if cpu == "arc":
        return {"ARC HS": "arcv2hs", "ARC EM": "arcv2em", "ARC 700": "arc700", "ARC 600": "arc600"}[flags[1]]
    if cpu == "m68k":
        return {"0x0": "68020", "m68000": "68000", "cpu32": "cpu32"}[flags[-1]]
    return {"x86": "i386"}.get(cpu)


def expected(name):
    text = subprocess.run(["readelf", "-W", "-hAlSd", name], capture_output=True, text=True, check=True, errors="replace",
                          env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout
    wide = first(r"Class: +(\S+)", text) == "ELF64"
    cpu = CPUS[first(r"Machine: +(.*)$", text)]
    if cpu == "mips" and wide:
        cpu = "mips64"
    interpreter = first(r"Requesting program interpreter: (.*)\]", text)
    kind = {"EXEC": "executable", "DYN": "shared", "REL": "relocatable"}[first(r"Type: +(\S+)", text)]
    if kind == "shared" and (interpreter or "PIE" in (first(r"\(FLAGS_1\)(.*)", text) or "")):
        kind = "executable"
    dynamic = bool(interpreter) or "(NEEDED)" in text
    return {
        "cpu": cpu, "order": "big" if "big endian" in text.split("OS/ABI")[0] else "little", "bits": 64 if wide else 32,
        "abi": abi_of(cpu, text, wide), "type": kind, "interpreter": interpreter,
        "linking": None if kind == "relocatable" else "dynamic" if dynamic else "static",
        "stripped": not re.search(r"\] \.symtab ", text),
    }


def main(tell, *names):
    reports = subprocess.run([tell, *names], capture_output=True, text=True, check=True).stdout
    faults, cpus = 0, {}
    for line in reports.splitlines():
        report = json.loads(line)
        want = expected(report["file"])
        cpus[want["cpu"]] = cpus.get(want["cpu"], 0) + 1
        for field, value in want.items():
            if report[field] != value:
                faults += 1
                print(f"{report['file']}: {field} is {report[field]!r}, readelf says {value!r}")
    print(f"{sum(cpus.values())} files, {faults} differences:", ", ".join(f"{n} {cpu}" for cpu, n in sorted(cpus.items())))
    return 1 if faults or len(cpus) < 12 else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
