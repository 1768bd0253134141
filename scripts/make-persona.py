#!/usr/bin/env python3
"""Makes a persona's folder from its description, so that what must agree is written once.

usage: make-persona.py [--check] [NAME...]        (all of scripts/personas/ where none is named)

--check writes nothing, says what in personas/ is not as its description makes it, and fails if anything is.

A description, scripts/personas/NAME.txt, has sections in square brackets; lines that begin with # are
comments. [persona] [telnet] [login] [cli] [netis] [session] [address] are persona.ini (personas/README.md), and

  [http]        http.ini (src/trap/http-site.h); "like NAME WORDS" takes over the lines of a server of scripts/http-servers.txt
  [page NAME]   the text of http/NAME
  [commands]    cli.tsv, fields separated by " | "; - is no text
  [device]      item = value, see DEVICE below
  [environment] NAME=VALUE; a log-in's own where it is not there
  [cpuinfo]     "key: value"; the colon is set as this kind of CPU has it; "" an empty line
  [cmdline]     of the kernel
  [mtd]         name (+ for a blank), size, first byte where it is not the end of the one before
  [blocks]      major:minor, kilobytes, name
  [mounts]      device, path, type, options, size, used (12M, 64k, -)
  [processes]   pid or pid:parent, vsz, rss, name, command line; threads of the kernel: pid, -, -, name
  [sockets]     protocol, local, process's name; or protocol, local, remote, state, process's name
  [interfaces]  name, address/prefix or -, last byte of its MAC or -, queue, MB received, MB sent, [mtu]
  [routes]      destination/prefix, gateway or -, interface
  [modules]     name, size, count, used by or -
  [dmesg]       what this device's kernel says besides what all say; after the mount of its root
  [tree]        d PATH MODE; l PATH TARGET; p PATH SIZE [WORD...] (a program); s PATH SIZE (a library);
                k PATH (a module); c, b PATH MODE MAJOR:MINOR
  [proc NAME]          the text of another file of /proc
  [file PATH [MODE]]   its text; {md5:SALT:PASSWORD} and {des:SALT:PASSWORD} become what crypt() makes of them

All numbers that only have to look like some come from a generator that the name seeds: the same each time.
"""
import calendar
import ctypes
import importlib.util
import pathlib
import random
import re
import shutil
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("make_program", HERE / "make-program.py")
make_program = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make_program)

LIBCRYPT = ctypes.CDLL("libcrypt.so.1")  # Python has no crypt() of its own since 3.13
LIBCRYPT.crypt.restype = ctypes.c_char_p

PERSONA_INI = ("persona", "telnet", "login", "cli", "netis", "session", "address")
SECTIONS = PERSONA_INI + ("commands", "http", "device", "environment", "cpuinfo", "cmdline", "mtd", "blocks", "mounts", "processes", "sockets",
                          "interfaces", "routes", "modules", "dmesg", "tree")

# [device]: what is taken where nothing is said; None: must be said.
DEVICE = {
    "busybox": None,        # 1.16.1
    "built": None,          # of BusyBox: as its banner has it
    "applets": "small",     # names of sets below and of applets; -NAME takes one out
    "programs": "",
    "ps": "", "standalone": "no", "awk_math": "yes",
    "family": None,         # arm aarch64 mips ppc sh sparc x86: how its kernel writes
    "stub": None,           # CPU of make-program.py, and flags
    "libc": None,           # uclibc-0.9.32 glibc-2.11.1 musl
    "hostname": None, "release": None, "number": None, "machine": None,
    "builder": None,        # of the kernel: (who@where) (gcc version ...)
    "processor": "unknown", "platform": "unknown",
    "prompt": "# ", "home": "/root", "shell": "/bin/sh", "foreign": "%s: Exec format error",
    "user": "root",
    "cpus": "1", "ram": None,  # kB of RAM that the kernel was given
    "total": None, "free": None, "shared": "0", "buffers": None, "cached": None, "swap": "0",
    "load": "0.08 0.03 0.05", "uptime": "864000", "pid": "1200",
    "made": None,           # time of the files of its image
    "clock": "no",          # it keeps the time while it is off: without, what was made at its start is of 1970
    "flash": "",            # name of the flash chip's driver in the log
    "erase": "64k",
    "console": "ttyS0",
    "serial": "",           # what the log says of it
    "log_time": "no",       # the kernel's log has times
    "log_cpu": "",          # lines of it on the CPU, with " // " between
    "modules_at": "",       # folder of its kernel's modules
    "usb": "no",
    "vfs": "",              # more types of file systems
}

# Where a BusyBox installs each applet.
PLACES = {
    "bin": """addgroup adduser arch ash base64 cat chattr chgrp chmod chown cp cpio date dd delgroup deluser df dmesg
        dnsdomainname echo ed egrep false fgrep getopt grep gunzip gzip hostname ionice ipcalc kill link linux32 ln login ls
        lsattr mkdir mknod mktemp more mount mt mv netstat nice pidof ping ping6 printenv ps pwd rev rm rmdir run-parts sed
        setpriv sh sleep stat stty su sync tar touch true umount uname uncompress usleep vi watch zcat""",
    "sbin": """adjtimex arp blockdev devmem fdisk freeramdisk getty halt hwclock ifconfig ifdown ifup init insmod ip klogd
        loadkmap logread losetup lsmod mdev mkswap modinfo modprobe nameif pivot_root poweroff reboot rmmod route
        start-stop-daemon sulogin swapoff swapon switch_root sysctl syslogd udhcpc vconfig watchdog""",
    "usr/sbin": "arping brctl chroot crond ether-wake httpd inetd loadfont nologin rdate telnetd udhcpd",
}
SETS = {
    "small": """[ [[ arp ash basename busybox cat chmod chown clear cp cut date dd df dmesg du echo egrep env expr false fgrep
        find free grep gunzip gzip halt head hostname id ifconfig init insmod kill killall klogd ln logger login ls lsmod md5sum
        mkdir mknod modprobe more mount mv netstat passwd pidof ping poweroff printf ps pwd reboot reset rm rmdir rmmod route sed
        sh sleep sort sync syslogd tail tar telnetd test time top touch tr true tty umount uname uniq uptime usleep vi wc which
        whoami xargs yes zcat""",
    "client": "ftpget ftpput nc tftp wget telnet nslookup traceroute",
    "middle": """addgroup adduser awk bunzip2 bzcat chgrp chroot cmp cpio crond crontab depmod dirname dos2unix expand fdisk fold
        getopt getty hexdump hostid hwclock ip killall5 less losetup lsattr mkfifo mkswap mktemp modinfo nice nohup od patch
        pgrep pivot_root pkill printenv readlink realpath renice run-parts seq setsid sha1sum start-stop-daemon stat strings
        stty su sulogin swapoff swapon switch_root sysctl tee udhcpc udhcpd unexpand unix2dos unzip uudecode uuencode vconfig
        watch watchdog who""",
    "new": "base64 ionice nproc rev sha256sum sha512sum tac taskset timeout truncate unlink arch devmem diff",
}
# Applets that came later: the first version that has each.
SINCE = {
    "base64": (1, 20), "ionice": (1, 16), "nproc": (1, 26), "rev": (1, 17), "sha256sum": (1, 11), "sha512sum": (1, 11),
    "sha3sum": (1, 20), "timeout": (1, 15), "truncate": (1, 26), "unlink": (1, 26), "devmem": (1, 15), "link": (1, 26),
    "factor": (1, 27), "xxd": (1, 29), "nl": (1, 27), "shuf": (1, 23), "whois": (1, 23), "pgrep": (1, 5), "pkill": (1, 5),
    "awk": (1, 0), "ftpget": (1, 1), "ftpput": (1, 1), "ip": (1, 0), "paste": (1, 27), "unxz": (1, 17), "xz": (1, 17),
}

SERVICES = """ftp		21/tcp
ssh		22/tcp
telnet		23/tcp
smtp		25/tcp
domain		53/tcp
domain		53/udp
bootps		67/udp
bootpc		68/udp
tftp		69/udp
http		80/tcp
ntp		123/udp
snmp		161/udp
https		443/tcp
"""


def fail(where, what):
    sys.exit(f"make-persona.py: {where}: {what}")


def version(text):
    return tuple(int(n) for n in re.findall(r"\d+", text)[:3])


def amount(text):
    """12M, 64k, 0x20000, 100: bytes. -: 0."""
    if text == "-":
        return 0
    unit = {"k": 1 << 10, "M": 1 << 20, "G": 1 << 30}.get(text[-1])
    return int(float(text[:-1]) * unit) if unit else int(text, 0)


GATEWAY = "00:1b:54:00:53:01"  # the next router's: Cisco's half


def web_server(name, path=HERE / "http-servers.txt"):
    """The lines of a server of http-servers.txt."""
    parts = re.split(r"^\[(\S+)\]\n", path.read_text(), flags=re.M)
    servers = dict(zip(parts[1::2], parts[2::2]))
    if name not in servers:
        fail(path.name, f"there is no [{name}]")
    return [s for s in servers[name].splitlines() if s]


class Description:
    def __init__(self, path):
        self.id = path.stem
        self.sections, self.files, self.proc, self.pages, lines = {}, {}, {}, {}, None
        for line in path.read_text().splitlines():
            head = re.fullmatch(r"\[(file |proc |page )?([^\]= ]+)(?: ([0-7]+))?\]", line)
            if head and head[1]:
                lines = []
                if head[1] == "file ":
                    self.files[head[2]] = (int(head[3] or "644", 8), lines)
                elif head[1] == "page ":
                    self.pages[head[2]] = lines
                else:
                    self.proc[head[2]] = lines
            elif head and head[2] in SECTIONS:
                lines = self.sections.setdefault(head[2], [])
            elif lines is not None:
                lines.append(line)
            elif line and not line.startswith("#"):
                fail(path.name, f"'{line}' stands in no section")
        self.device = dict(DEVICE)
        for line in self.rows("device"):
            name, _, value = line.partition("=")
            if name.strip() not in DEVICE:
                fail(self.id, f"[device] has no item '{name.strip()}'")
            self.device[name.strip()] = value.strip().strip('"')
        for name, value in self.device.items():
            if value is None:
                fail(self.id, f"[device] lacks {name}")

    def rows(self, section):
        """Its lines without comments and empty ones."""
        return [s for s in self.sections.get(section, []) if s.strip() and not s.startswith("#")]

    def cells(self, section, most):
        return [s.split(None, most - 1) for s in self.rows(section)]


class Persona:
    def __init__(self, description):
        self.d = description
        self.v = description.device
        self.rng = random.Random(description.id)  # numbers that only have to look like some
        self.busybox = version(self.v["busybox"])
        self.kernel = version(self.v["release"])
        self.mtime = calendar.timegm(time.strptime(self.v["made"], "%Y-%m-%d %H:%M:%S"))
        self.folder = HERE.parent / "personas" / description.id
        self.nodes = {}  # path: (type, mode, rest)
        self.bodies = {}  # path: bytes
        self.out = {}  # name: text, of files beside root/

    # ---- The tree ----

    def node(self, kind, path, mode, rest="-"):
        parts = path.strip("/").split("/")
        for i in range(1, len(parts)):
            self.nodes.setdefault("/" + "/".join(parts[:i]), ("d", 0o755, "-"))
        self.nodes[path] = (kind, mode, rest)

    def body(self, path, data, mode=0o644):
        self.node("f", path, mode)
        self.bodies[path] = data if isinstance(data, bytes) else data.encode()

    def stub(self, path, size, words=(), kind=2, mode=0o755):
        cpu, *flags = self.v["stub"].split()
        other = int(flags[0], 0) if flags else None
        self.body(path, make_program.program(cpu, size, list(words), kind, other), mode)

    def real(self, path):
        """Where a path leads if a folder on its way is a link."""
        parts = path.strip("/").split("/")
        for i in range(1, len(parts)):
            kind, _, target = self.nodes.get("/" + "/".join(parts[:i]), ("d", 0, ""))
            if kind == "l":
                up = [] if target.startswith("/") else parts[:i - 1]
                return self.real("/" + "/".join(up + target.strip("/").split("/") + parts[i:]))
        return "/" + "/".join(parts)

    def preset(self, path, text, mode=0o644):
        path = self.real(path)
        if path not in self.nodes:
            self.body(path, text, mode)

    # ---- What the description says ----

    def applets(self):
        names = set()
        for word in self.v["applets"].split():
            if word.startswith("-"):
                names.discard(word[1:])
            elif word in SETS:
                names |= set(SETS[word].split())
            else:
                names.add(word)
        names = sorted(n for n in names if SINCE.get(n, (0,)) <= self.busybox)
        return names

    def banner(self):
        return f"v{self.v['busybox']} ({self.v['built']})"

    def banner_line(self):
        """1.13.4 and older end without a dot, 1.16.0 and younger with one."""
        return f"BusyBox {self.banner()} multi-call binary" + ("." if self.busybox >= (1, 14) else "")

    def order(self):
        return "big" if make_program.CPUS[self.v["stub"].split()[0]][1] == ">" else "little"

    def make_ini(self):
        v = self.v
        names = self.applets()
        lines = ["# Made by scripts/make-persona.py.", "[busybox]", f"banner = {self.banner_line()}",
                 f"version = {self.banner()}"]
        lines += ["applets = " + " ".join(names[i:i + 20]) for i in range(0, len(names), 20)]
        if v["programs"]:
            lines.append("programs = " + v["programs"])
        lines += [f"{k} = {v[k]}" for k in ("ps", "standalone", "awk_math") if v[k] != DEVICE[k]]
        lines += ["", "[system]", "sysname = Linux", f"nodename = {v['hostname']}", f"release = {v['release']}",
                  f"version = {v['number']}", f"machine = {v['machine']}", f"processor = {v['processor']}",
                  f"platform = {v['platform']}", "domain = (none)", f"order = {self.order()}",
                  "os = GNU/Linux", f'prompt = "{v["prompt"]}"', "",
                  "[user]", f"user = {v['user']}", "uid = 0", "gid = 0", f"home = {v['home']}", f"shell = {v['shell']}", "",
                  "[environment]"]
        lines += self.d.rows("environment") or [f"USER={v['user']}", f"LOGNAME={v['user']}", f"HOME={v['home']}",
                                                "PATH=/bin:/sbin:/usr/bin:/usr/sbin", f"SHELL={v['shell']}", "TERM=vt102"]
        lines += ["", "[hardware]", f"cpus = {v['cpus']}", f"uptime = {v['uptime']}", f"memory_total = {v['total']}",
                  f"memory_free = {v['free']}", f"memory_shared = {v['shared']}", f"memory_buffers = {v['buffers']}",
                  f"memory_cached = {v['cached']}", f"swap_total = {v['swap']}", f"swap_free = {v['swap']}",
                  f"load = {v['load']}", f"pid_first = {v['pid']}", f'foreign = "{v["foreign"]}"']
        self.out["machine.ini"] = "\n".join(lines) + "\n"

    def make_persona(self):
        lines = []
        for section in PERSONA_INI:
            rows = self.d.rows(section)
            if rows:
                lines += [f"[{section}]", *rows, ""]
        self.out["persona.ini"] = "\n".join(lines)
        rows = self.d.rows("commands")
        if rows:
            table = ["# level, command, action, text"]
            for line in sorted(rows, key=lambda line: " | ... | " in line):  # what answers all the rest comes last
                cells = [re.sub(r'^"(.*)"$', r"\1", c.strip()) for c in line.split(" | ", 3)]
                table.append("\t".join("" if c == "-" else c for c in cells))
            self.out["cli.tsv"] = "\n".join(table) + "\n"

    def make_http(self):
        lines = []
        for line in self.d.rows("http"):
            like = re.fullmatch(r"like (\S+)(?: (.*))?", line)
            made = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(self.mtime))
            lines += [s.replace("{server}", like[2] or "").replace("{made}", made) for s in web_server(like[1])
                      if like[2] or "{server}" not in s or s.startswith("error")] if like else [line]
        if lines:
            self.out["http.ini"] = "\n".join(["# Made by scripts/make-persona.py.", *lines]) + "\n"
        for name, page in self.d.pages.items():
            while page and not page[-1]:
                page.pop()
            self.out["http/" + name] = "\n".join(page) + "\n"

    def make_cpuinfo(self):
        width = {"arm": 16, "aarch64": 16, "mips": 24, "ppc": 16, "sh": 16, "sparc": 16, "x86": 16}[self.v["family"]]
        lines = []
        for line in self.d.sections["cpuinfo"]:
            line = line.rstrip("\n")
            if line.startswith("#"):
                continue
            if line.strip() in ("", '""'):
                if line.strip():
                    lines.append("")
                continue
            key, _, value = line.partition(":")
            tabs = "\t" * max(0, -(-(width - len(key)) // 8))
            value = value.strip().replace("~", " ")
            lines.append(f"{key}{tabs}:" + (f" {value}" if value else ""))
        self.out["proc/cpuinfo"] = "\n".join(lines) + "\n"

    def linux_version(self):
        return f"Linux version {self.v['release']} {self.v['builder']} {self.v['number']}"

    def cmdline(self):
        return " ".join(s.strip() for s in self.d.rows("cmdline"))

    def partitions(self):
        """name, first byte, size of the flash's."""
        at, ret = 0, []
        for name, size, *where in self.d.cells("mtd", 3):
            at = amount(where[0]) if where else at
            ret.append((name.replace("+", " "), at, amount(size)))
            at += amount(size)
        return ret

    def make_proc(self):
        self.out["proc/version"] = self.linux_version() + "\n"
        self.out["proc/cmdline"] = self.cmdline() + "\n"
        for name, lines in self.d.proc.items():
            self.out[f"proc/{name}"] = "\n".join(lines).strip("\n") + "\n"
        mtd, blocks = self.partitions(), self.d.cells("blocks", 3)
        rows = []
        if mtd:
            erase = amount(self.v["erase"])
            self.out["proc/mtd"] = "dev:    size   erasesize  name\n" + "".join(
                f'mtd{i}: {size:08x} {erase:08x} "{name}"\n' for i, (name, _, size) in enumerate(mtd))
            rows += [(31, i, size >> 10, f"mtdblock{i}") for i, (_, _, size) in enumerate(mtd)]
        rows += [(*map(int, number.split(":")), int(size), name) for number, size, name in blocks]
        self.out["proc/partitions"] = "major minor  #blocks  name\n\n" + "".join(
            f"{major:4d}  {minor:7d} {size:10d} {name}\n" for major, minor, size, name in rows)
        self.make_devices({r[0] for r in rows})
        self.make_small(rows)
        self.make_filesystems()
        self.make_interrupts()
        near = next((c[1] for c in self.d.cells("routes", 3) if c[1] != "-"), None)
        if near:
            dev = next(c[2] for c in self.d.cells("routes", 3) if c[1] == near)
            if dev.startswith("ppp"):  # nobody is asked for there: a host of its own net, then
                dev, net = next((r.split()[0], r.split()[1]) for r in self.d.rows("interfaces") if "/24" in r)
                near = net.rsplit(".", 1)[0] + f".{2 + len(self.d.rows('processes'))}"
            self.out["proc/net/arp"] = ("IP address       HW type     Flags       HW address            Mask     Device\n" +
                                        f"{near:<16} 0x1         0x2         {GATEWAY}     *        {dev}\n")

    def oui(self):
        """The maker's half of its MACs (IEEE's registry; of boards that keep what their boot loader presets, that)."""
        return next(s.split("=")[1].strip() for s in self.d.rows("address") if s.startswith("oui"))

    def make_small(self, rows):
        """Files of /proc that are looked at for their names more than for what they say."""
        ram, code = int(self.v["ram"]) << 10, 0x240000 + 0x1000 * self.rng.randrange(256)
        first = {"arm": 0x80000000, "sh": 0x0C000000, "sparc": 0x40000000}.get(self.v["family"], 0)
        text = first + {"arm": 0x8000, "aarch64": 0x80000, "x86": 0x1000000, "sparc": 0x4000}.get(self.v["family"], 0x2000)
        self.out["proc/iomem"] = (f"{first:08x}-{first + ram - 1:08x} : System RAM\n  {text:08x}-{text + code - 1:08x} : Kernel code\n"
                                  f"  {text + code:08x}-{text + code + code // 5:08x} : Kernel data\n")
        self.out["proc/ioports"] = self.out["proc/locks"] = ""
        minors = sorted((int(r[3].split(":")[1]), r[1].split("/")[-1]) for r in (s.split() for s in self.d.rows("tree"))
                        if r[0] == "c" and r[3].startswith("10:"))
        self.out["proc/misc"] = "".join(f"{minor:3d} {name}\n" for minor, name in minors)
        if self.kernel >= (2, 6, 0):
            root = self.root_device()
            lines = []
            for major, minor, _, name in rows:
                reads = self.rng.randrange(800, 6000) if f"{major}:{minor}" == root or name.startswith(("sd", "hd", "md", "mmc")) else 0
                lines.append(f"{major:4d} {minor:7d} {name} {reads} {reads // 9} {reads * 14} {reads * 3} 0 0 0 0 0 {reads * 2} {reads * 3}\n")
            self.out["proc/diskstats"] = "".join(lines)
        if self.kernel >= (2, 6, 30):
            self.out["proc/crypto"] = "".join(
                f"name         : {name}\ndriver       : {name}-generic\nmodule       : kernel\npriority     : 100\nrefcnt       : 1\n"
                f"selftest     : passed\ntype         : {kind}\n\n" for name, kind in (("crc32c", "shash"), ("aes", "cipher"), ("zlib", "pcomp")))

    def make_devices(self, majors):
        tty = {"ttyAMA0": (204, "ttyAMA"), "ttySC1": (204, "ttySC"), "ttyAS0": (204, "ttyAS")}.get(self.v["console"], (4, "ttyS"))
        chars = [(1, "mem"), (5, "/dev/tty"), (5, "/dev/console"), (5, "/dev/ptmx"), (10, "misc"), (128, "ptm"), (136, "pts"), tty]
        if 31 in majors:
            chars.append((90, "mtd"))
        if self.v["usb"] == "yes":
            chars += [(180, "usb"), (189, "usb_device")]
        names = {7: "loop", 8: "sd", 9: "md", 31: "mtdblock", 179: "mmc", 3: "ide0", 253: "device-mapper", 1: "ramdisk"}
        blocks = [(m, names[m]) for m in majors] + ([(259, "blkext")] if self.kernel >= (2, 6, 28) else [])
        self.out["proc/devices"] = "Character devices:\n" + "".join(f"{m:3d} {n}\n" for m, n in sorted(chars)) + \
            "\nBlock devices:\n" + "".join(f"{m:3d} {n}\n" for m, n in sorted(blocks))

    def make_filesystems(self):
        k = self.kernel
        names = ["sysfs", "rootfs", "ramfs", "bdev", "proc", "tmpfs"]
        names += ["devtmpfs"] if k >= (3, 10) or "devtmpfs" in [c[2] for c in self.d.cells("mounts", 6)] else []
        names += ["debugfs"] if k >= (3, 10) else []
        names += ["sockfs"] + (["usbfs"] if self.v["usb"] == "yes" and k < (3, 5) else []) + ["pipefs"]
        names += ["anon_inodefs"] if (2, 6, 22) <= k < (4, 20) else []
        names += ["futexfs"] if k < (2, 6, 30) else []
        names += ["inotifyfs"] if (2, 6, 13) <= k < (2, 6, 36) else []
        names += ["devpts"]
        if k < (2, 6, 0):
            names = ["rootfs", "bdev", "proc", "sockfs", "tmpfs", "pipefs", "ramfs", "devpts"]
        on_disk = [t for t in ("ext3", "ext2", "ext4", "cramfs", "squashfs", "vfat", "msdos", "xfs", "romfs")
                   if t in [c[2] for c in self.d.cells("mounts", 6)] + self.v["vfs"].split()]
        flash = [t for t in ("jffs2", "yaffs2", "ubifs", "nfs", "overlay", "overlayfs", "mini_fo", "fuse")
                 if t in [c[2] for c in self.d.cells("mounts", 6)] + self.v["vfs"].split()]
        flash = [("yaffs2", "") if t == "yaffs2" else (t, "nodev") for t in flash]
        self.out["proc/filesystems"] = "".join(f"nodev\t{n}\n" for n in names) + "".join(f"\t{n}\n" for n in on_disk) + \
            "".join(f"{nodev}\t{n}\n" for n, nodev in flash)

    def make_interrupts(self):
        chip = {"arm": "GIC" if self.v["machine"] == "armv7l" else "VIC", "aarch64": "GICv2", "mips": "MIPS", "ppc": "IPIC  ",
                "sh": "IPR-IRQ", "sparc": "leon", "x86": "XT-PIC-XT"}[self.v["family"]]
        cpus = int(self.v["cpus"])
        nets = [c[0] for c in self.d.cells("interfaces", 7) if re.match(r"(eth|ra|wlan|wl|ath)\d$", c[0])]
        rows = [(5, "timer"), (8, "serial" if self.v["console"] == "ttyS0" else "uart"), *((12 + i, n) for i, n in enumerate(nets))]
        if self.v["usb"] == "yes":
            rows.append((20, "ehci_hcd:usb1"))
        up = int(self.v["uptime"])
        text = "     " + "".join(f"       CPU{i}" for i in range(cpus)) + "       \n"
        for irq, name in rows:
            counts = [up * 100 // (i + 1) if name == "timer" else self.rng.randrange(100, 2000) if name in ("serial", "uart")
                      else 0 if i else self.rng.randrange(1, 40) * up // 10 for i in range(cpus)]
            text += f"{irq:3d}: " + "".join(f"{c:10d} " for c in counts) + f"{chip:>10s}  {name}\n"
        self.out["proc/interrupts"] = text + ("ERR:          0\n" if self.v["family"] in ("mips", "x86") else
                                              "Err:          0\n" if self.v["family"] in ("arm", "aarch64") else "BAD:          0\n")

    def make_sys(self):
        """The folders of /sys that everybody looks for."""
        k = self.kernel
        names = ["block", "bus", "class", "devices", "firmware", "module", "power", "class/net", "class/tty", "class/mem"]
        names += (["kernel"] if k >= (2, 6, 10) else []) + (["fs"] if k >= (2, 6, 16) else []) + (["dev"] if k >= (2, 6, 26) else [])
        names += [f"class/net/{c[0]}" for c in self.d.cells("interfaces", 7)]
        names += [f"block/mtdblock{i}" for i in range(len(self.partitions()))]
        names += [f"block/{c[2]}" for c in self.d.cells("blocks", 3) if not re.search(r"(sd|hd)[a-z]\d|p\d", c[2])]
        names += [f"module/{c[0]}" for c in self.d.cells("modules", 4)]
        for name in names:
            self.node("d", f"/sys/{name}", 0o755)

    def make_mounts(self):
        lines = ["# device, path, type, options, size and used (bytes)"]
        for device, path, kind, options, size, used in self.d.cells("mounts", 6):
            lines.append("\t".join([device, path, kind, options, str(amount(size)), str(amount(used))]))
            if kind == "sysfs":
                self.make_sys()
            if path != "/" and path not in self.nodes:
                self.node("d", path, 0o1777 if path == "/tmp" else 0o755)
        self.out["mounts.tsv"] = "\n".join(lines) + "\n"

    def threads(self):
        """(pid, name, state) of the kernel's, as a kernel of this age has them."""
        k, n = self.kernel, int(self.v["cpus"])
        nice = "SW<" if k < (2, 6, 31) or k >= (3, 9) else "SW"
        if k < (2, 6, 0):
            return [(2, "keventd", "SW"), (3, "ksoftirqd_CPU0", "SWN"), (4, "kswapd", "SW"), (5, "bdflush", "SW"),
                    (6, "kupdated", "SW")]
        if k < (2, 6, 20):
            return [(2, "ksoftirqd/0", "SWN"), (3, "events/0", "SW<"), (4, "khelper", "SW<"), (5, "kblockd/0", "SW<"),
                    (21, "pdflush", "SW"), (22, "pdflush", "SW"), (23, "kswapd0", "SW"), (24, "aio/0", "SW<")]
        if k < (2, 6, 36):
            late = k >= (2, 6, 32)
            rows = [(2, "kthreadd", nice), (3, "ksoftirqd/0", nice), (4, "events/0", nice), (5, "khelper", nice)]
            for i in range(1, n):
                rows += [(9 + 3 * i, f"migration/{i}", nice), (10 + 3 * i, f"ksoftirqd/{i}", nice), (11 + 3 * i, f"events/{i}", nice)]
            rows += [(8, "async/mgr", nice)] if k >= (2, 6, 29) else []
            rows += [(60, "sync_supers", "SW"), (62, "bdi-default", "SW"), (64, "kblockd/0", "SW")] if late else \
                [(60, "kblockd/0", nice)]
            rows += [(84, "kswapd0", "SW"), (85, "aio/0", "SW")] if late else \
                [(81, "pdflush", "SW"), (82, "pdflush", "SW"), (83, "kswapd0", nice), (84, "aio/0", nice)]
            return rows
        per, pid = [], 3
        for i in range(n):
            if i:
                per += [(pid, f"migration/{i}", "SW"), (pid + 1, f"ksoftirqd/{i}", "SW"), (pid + 2, f"kworker/{i}:0", "SW")]
                pid += 3
            else:
                per += [(pid, "ksoftirqd/0", "SW"), (pid + 1, "kworker/0:0", "SW")]
                pid += 2
                if k >= (3, 9):
                    per.append((pid, "kworker/0:0H", "SW<"))
                    pid += 1
                per.append((pid, f"kworker/u{2 * n}:0" if k >= (3, 9) else "kworker/u:0", "SW"))
                pid += 1
                if k >= (3, 10):
                    per += [(pid, "rcu_sched", "SW"), (pid + 1, "rcu_bh", "SW")] if n > 1 else []
                    pid += 2 if n > 1 else 0
                if n > 1:
                    per.append((pid, "migration/0", "SW"))
                    pid += 1
        rows = [(2, "kthreadd", "SW"), *per]
        work = "SW<" if k >= (3, 0) else "SW"
        later = ["khelper"] if k < (4, 2) else []
        later += ["kdevtmpfs"] if k >= (3, 10) and "devtmpfs" in self.out["mounts.tsv"] else []
        later += ["netns"] if k >= (3, 10) else []
        later += ["writeback"] if k >= (3, 10) else ["sync_supers", "bdi-default"]
        later += ["crypto", "bioset"] if k >= (3, 10) else []
        later += ["kblockd", "kswapd0", "fsnotify_mark"]
        later += ["crypto"] if k < (3, 10) else []
        base = pid + 9
        for i, name in enumerate(later):
            rows.append((base + i * 3 + (i > 4) * 40, name, work if name not in ("kdevtmpfs", "kswapd0", "fsnotify_mark",
                         "sync_supers", "bdi-default", "writeback") or name == "writeback" and k >= (3, 10) else "SW"))
        return rows

    def make_processes(self):
        rows, taken = [], {int(c[0].split(":")[0]) for c in self.d.cells("processes", 5)}
        family = 2 if self.kernel >= (2, 6, 20) else 1  # whose children the kernel's threads are
        for pid, name, state in self.threads():
            while pid in taken:
                pid += 1
            taken.add(pid)
            rows.append((pid, 0 if name == "kthreadd" else family, 0, 0, state, name, "-"))
        worker = "SW" if self.kernel >= (2, 6, 31) else "SW<"
        for who, vsz, rss, name, *command in self.d.cells("processes", 5):
            pid, _, parent = who.partition(":")
            if vsz == "-":
                rows.append((int(pid), family, 0, 0, command[0] if command else worker, name, "-"))
            else:
                rows.append((int(pid), int(parent or (0 if pid == "1" else 1)), int(vsz), int(rss), "S", name, command[0]))
        rows.sort()
        for a, b in zip(rows, rows[1:]):
            if a[0] == b[0]:
                fail(self.d.id, f"two processes {a[0]}: {a[5]}, {b[5]}")
        self.pids = {r[5]: r[0] for r in rows}
        for row in rows:
            self.provide(row[6].split()[0])
            match = re.search(r" (/var/run/\S+\.pid)", row[6])
            if match:
                self.preset(match[1], f"{row[0]}\n")
        self.out["processes.tsv"] = "# pid, ppid, uid, vsz and rss (kB), state, name, command line (-: a thread of the kernel)\n" + \
            "".join(f"{pid}\t{ppid}\t0\t{vsz}\t{rss}\t{state}\t{name}\t{command}\n" for pid, ppid, vsz, rss, state, name, command in rows)

    def provide(self, program):
        """A process has its program somewhere."""
        name = program.lstrip("-./")
        if program.startswith("/"):
            if self.real(program) not in self.nodes:
                self.stub(self.real(program), 3072)
        elif program != "-" and not any(path.endswith("/" + name.split("/")[-1]) for path in self.nodes):
            self.stub(f"/usr/sbin/{name}", 3072)

    def make_sockets(self):
        lines = ["# protocol, local, remote, state, pid; of unix: path, STREAM or DGRAM, state, pid"]
        for cells in self.d.cells("sockets", 5):
            protocol, local, name = cells[0], cells[1], cells[-1]
            if name not in self.pids:
                fail(self.d.id, f"no process {name} for {local}")
            any_one = ":::*" if local.startswith(":::") else "0.0.0.0:*"
            remote, state = cells[2:4] if len(cells) == 5 else (any_one, "LISTEN" if protocol == "tcp" else "-")
            lines.append("\t".join([protocol, local, remote, state, str(self.pids[name])]))
        self.out["sockets.tsv"] = "\n".join(lines) + "\n"

    def make_interfaces(self):
        peers = {name: target[:-3] for target, _, name in self.d.cells("routes", 3) if target.endswith("/32")}
        lines = ["# name, address, broadcast, mask, hardware, flags, mtu, metric, queue, received packets and bytes, sent packets and bytes"]
        for name, address, mac, queue, rx, tx, *mtu in self.d.cells("interfaces", 7):
            ip, _, prefix = address.partition("/")
            bits = 0xFFFFFFFF << (32 - int(prefix or 0)) & 0xFFFFFFFF
            number = int.from_bytes(bytes(map(int, ip.split("."))), "big") if prefix else 0
            quad = lambda n: ".".join(str(n >> s & 255) for s in (24, 16, 8, 0))  # noqa: E731
            lo, ppp = name == "lo", name.startswith("ppp")
            size = int(mtu[0]) if mtu else 1492 if ppp else (65536 if self.kernel >= (3, 7) else 16436) if lo else 1500
            flags = "UP LOOPBACK RUNNING" if lo else "UP POINTOPOINT RUNNING NOARP MULTICAST" if ppp else "UP BROADCAST RUNNING MULTICAST"
            counts = []
            for megabytes in (float(rx), float(tx)):
                n = int(megabytes * 1e6 * self.rng.uniform(0.9, 1.1))
                each = self.rng.uniform(70, 90) if lo else self.rng.uniform(360, 760)
                counts += [int(n / each), n if "64" in self.v["machine"] else n % (1 << 32)]  # of 32 bits where a long is
            if lo:
                counts[2:] = counts[:2]
            far = peers.get(name, "-") if ppp else quad(number | ~bits & 0xFFFFFFFF) if prefix and not lo else "-"
            lines.append("\t".join([name, ip if prefix else "-", far,
                                    quad(bits) if prefix else "-", f"{self.oui()}:00:53:{mac}" if mac != "-" else "-", flags, str(size), "1",
                                    queue, *map(str, counts)]))
        self.out["interfaces.tsv"] = "\n".join(lines) + "\n"
        routes = ["# destination, gateway, mask, flags, metric, interface"]
        for target, gateway, name in self.d.cells("routes", 3):
            ip, _, prefix = target.partition("/")
            mask = quad(0xFFFFFFFF << (32 - int(prefix)) & 0xFFFFFFFF) if prefix != "0" else "0.0.0.0"
            flags = ("UG" if gateway != "-" else "U") + ("H" if prefix == "32" else "")
            routes.append("\t".join([ip, gateway if gateway != "-" else "0.0.0.0", mask, flags, "0", name]))
        self.out["routes.tsv"] = "\n".join(routes) + "\n"

    def make_modules(self):
        rows = self.d.cells("modules", 4)
        self.out["modules.tsv"] = "# name, size, count, used by\n" + "".join("\t".join(r) + "\n" for r in rows)
        if self.v["modules_at"]:
            for name, *_ in rows:
                self.stub(f"{self.v['modules_at']}/{name}.ko", 1536, (f"vermagic={self.v['release']} mod_unload", f"name={name}"), 1, 0o644)

    def make_tree(self):
        for line in self.d.rows("tree"):
            kind, path, *rest = line.split()
            if kind == "d":
                self.node("d", path, int(rest[0], 8) if rest else 0o755)
            elif kind == "l":
                self.node("l", path, 0o777, rest[0])
            elif kind == "p":
                self.stub(path, int(rest[0]), rest[1:])
            elif kind == "s":
                self.stub(path, int(rest[0]), rest[1:], 3)
            elif kind == "k":
                self.stub(path, 1536, (f"vermagic={self.v['release']} mod_unload",), 1, 0o644)
            else:
                self.node(kind, path, int(rest[0], 8), rest[1])

    def make_file(self):
        def hashed(match):
            kind, salt, word = match[1], match[2], match[3]
            return LIBCRYPT.crypt(word.encode(), (f"$1${salt}$" if kind == "md5" else salt).encode()).decode()
        for path, (mode, lines) in self.d.files.items():
            text = "\n".join(lines).strip("\n")
            text = re.sub(r"\{(md5|des):([^:}]*):([^}]*)\}", hashed, text)
            self.body(path, text + "\n" if text else "\n" if path == "/etc/issue" else "", mode)

    def make_presets(self):
        v = self.v
        self.preset("/etc/services", SERVICES)
        self.preset("/etc/protocols", "ip\t0\tIP\nicmp\t1\tICMP\ntcp\t6\tTCP\nudp\t17\tUDP\n")
        self.preset("/etc/hosts", f"127.0.0.1\tlocalhost\n" + (f"127.0.1.1\t{v['hostname']}\n" if v["hostname"] != "(none)" else ""))
        self.preset("/etc/host.conf", "order hosts,bind\n")
        self.preset("/etc/group", "root:x:0:\n")
        self.preset("/etc/profile", "export PATH=/bin:/sbin:/usr/bin:/usr/sbin\n")
        self.preset("/etc/TZ", "UTC0\n")
        dns = next((c[1] for c in self.d.cells("routes", 3) if c[1] != "-"), "192.168.1.1")
        self.preset("/etc/resolv.conf", f"nameserver {dns}\n")
        for name in ("bin", "sbin", "usr/bin", "usr/sbin", "lib", "proc", "sys", "dev", "tmp", "var", "mnt", "etc"):
            path = "/" + name
            if path not in self.nodes:
                self.node("d", path, 0o1777 if name == "tmp" else 0o555 if name == "proc" else 0o755)
        if v["home"] != "/":
            self.nodes.setdefault(v["home"], ("d", 0o700, "-"))

    def make_busybox(self):
        names = self.applets()
        self.stub("/bin/busybox", 40960 + self.rng.randrange(64) * 256, (self.banner_line(), self.v["busybox"],
                  "applet not found", *(n for n in names if len(n) > 3)))
        for name in names:
            if name == "busybox":
                continue
            place = next((p for p, all in PLACES.items() if name in all.split()), "usr/bin")
            up = "../" * (place.count("/") + 1)
            target = "busybox" if place == "bin" else f"{up}bin/busybox"
            if f"/{place}/{name}" not in self.nodes:
                self.node("l", f"/{place}/{name}", 0o777, target)
        self.nodes.setdefault("/linuxrc", ("l", 0o777, "bin/busybox"))

    def make_libc(self):
        kind, _, number = self.v["libc"].partition("-")
        wide = "/lib64" if self.v["machine"] in ("x86_64", "mips64") else "/lib"
        short = number.split(".")
        if kind == "uclibc":
            files = [("ld-uClibc", "ld-uClibc.so.0", 4096), ("libuClibc", "libc.so.0", 12288), ("libcrypt", "libcrypt.so.0", 2048),
                     ("libdl", "libdl.so.0", 2048), ("libm", "libm.so.0", 3072), ("libpthread", "libpthread.so.0", 3072),
                     ("librt", "librt.so.0", 2048)]
        elif kind == "glibc":
            hard = "arm-hard" in self.v["stub"]
            loader = {"arm": "ld-linux-armhf.so.3" if hard else "ld-linux.so.3", "aarch64": "ld-linux-aarch64.so.1", "mips": "ld.so.1",
                      "ppc": "ld.so.1", "sh": "ld-linux.so.2", "sparc": "ld-linux.so.2",
                      "x86": "ld-linux-x86-64.so.2" if self.v["machine"] == "x86_64" else "ld-linux.so.2"}[self.v["family"]]
            files = [("ld", loader, 4096), ("libc", "libc.so.6", 12288), ("libcrypt", "libcrypt.so.1", 2048),
                     ("libdl", "libdl.so.2", 2048), ("libm", "libm.so.6", 3072), ("libpthread", "libpthread.so.0", 3072)]
        else:
            arch = {"mips": "mipsel-sf" if "mipsel" in self.v["stub"] else "mips-sf", "arm": "armhf" if "hard" in self.v["stub"] else "arm",
                    "aarch64": "aarch64", "x86": "x86_64" if self.v["machine"] == "x86_64" else "i386", "ppc": "powerpc-sf"}
            name = arch[self.v["family"]] if self.v["machine"] != "mips64" else "mips64-sf"
            self.stub("/lib/libc.so", 12288, ("musl",), 3)
            self.node("l", f"/lib/ld-musl-{name}.so.1", 0o777, "libc.so")
            return
        for base, link, size in files:
            self.stub(f"{wide}/{base}-{number}.so", size, (f"{base}-{number}",), 3)
            self.node("l", f"{wide}/{link}", 0o777, f"{base}-{number}.so")
        if wide != "/lib":
            self.nodes.setdefault("/lib", ("d", 0o755, "-"))

    def make_dev(self):
        nodes = [("console", 0o600, "5:1"), ("full", 0o666, "1:7"), ("kmem", 0o640, "1:2"), ("mem", 0o640, "1:1"),
                 ("null", 0o666, "1:3"), ("ptmx", 0o666, "5:2"), ("random", 0o666, "1:8"), ("tty", 0o666, "5:0"),
                 ("urandom", 0o666, "1:9"), ("zero", 0o666, "1:5")]
        console = self.v["console"]
        nodes.append((console, 0o660, {"ttyAMA0": "204:64", "ttySC1": "204:9", "ttyAS0": "204:40"}.get(console, "4:64")))
        mtd = self.partitions()
        nodes += [(f"mtd{i}", 0o640, f"90:{2 * i}") for i in range(len(mtd))]
        for name, mode, number in nodes:
            self.node("c", f"/dev/{name}", mode, number)
        for i in range(len(mtd)):
            self.node("b", f"/dev/mtdblock{i}", 0o640, f"31:{i}")
        for number, _, name in self.d.cells("blocks", 3):
            self.node("b", f"/dev/{name}", 0o640, number)
        self.node("d", "/dev/pts", 0o755)
        self.node("c", "/dev/pts/0", 0o620, "136:0")

    def root_device(self):
        """major:minor of what the kernel is told to mount."""
        match = re.search(r"\broot=(?:/dev/)?(\S+)", self.cmdline())
        name = match[1] if match else ""
        flash = re.fullmatch(r"(?:mtdblock|31:0?|1f0)(\d+)", name)
        return f"31:{flash[1]}" if flash else next((n for n, _, other in self.d.cells("blocks", 3) if other == name), "1:0")

    # ---- The kernel's log ----

    def log_head(self):
        v, family = self.v, self.v["family"]
        ram = int(v["ram"])
        pages, init = ram // 4, 96 + 4 * self.rng.randrange(20)
        total = int(v["total"])
        free_at_boot = total - init
        bogo = next((s.split(":")[1].strip() for s in self.d.rows("cpuinfo") if s.lower().startswith(("bogomips", "cpu0bogo"))), "99.00")
        lines = [f"<5>{self.linux_version()}"]
        cpu = v["log_cpu"]
        if cpu:
            lines += ["<4>" + s.strip() for s in cpu.split(" // ")]
        if family in ("mips",):
            lines += ["<4>Determined physical RAM map:", f"<4> memory: {ram * 1024:08x} @ 00000000 (usable)"]
        if family in ("arm",):
            lines += ["<4>Memory policy: ECC disabled, Data cache writeback"]
        if family == "x86":
            lines += ["<6>BIOS-provided physical RAM map:", "<4> BIOS-e820: 0000000000000000 - 00000000000a0000 (usable)",
                      f"<4> BIOS-e820: 0000000000100000 - {ram * 1024:016x} (usable)"]
        if self.kernel >= (2, 6, 0):
            lines += [f"<4>Built 1 zonelists in Zone order, mobility grouping {'on' if ram > 20000 else 'off'}.  Total pages: {pages - pages // 128}"]
        lines.append(f"<5>Kernel command line: {self.cmdline()}")
        word = 8 if "64" in v["machine"] else 4
        pids, dentry = min(4096, max(64, 1 << (pages // 32).bit_length() - 1)), 1 << max(10, (pages // 2).bit_length() - 1)
        order = lambda n: (n * word // 64).bit_length() - 7  # noqa: E731 (log2 of pages; below 0 in newer kernels)
        lines.append(f"<4>PID hash table entries: {pids} (order: {order(pids) if self.kernel >= (2, 6, 31) else pids.bit_length() - 1}, "
                     f"{pids * word} bytes)")
        lines += [f"<4>{name} hash table entries: {n} (order: {max(0, order(n))}, {n * word} bytes)"
                  for name, n in (("Dentry cache", dentry), ("Inode-cache", dentry // 2))]
        code = 1800 + self.rng.randrange(1800)
        if family == "arm" and self.kernel < (3, 10):
            lines += [f"<6>Memory: {ram // 1024}MB = {ram // 1024}MB total",
                      f"<5>Memory: {free_at_boot}k/{free_at_boot}k available, {ram - free_at_boot}k reserved, 0K highmem"]
        elif self.kernel >= (3, 11):
            lines += [f"<6>Memory: {free_at_boot}K/{ram}K available ({code}K kernel code, {code // 16}K rwdata, {code // 4}K rodata, "
                      f"{init}K init, {code // 12}K bss, {ram - free_at_boot}K reserved, 0K cma-reserved)"]
        else:
            lines += [f"<6>Memory: {free_at_boot}k/{ram}k available ({code}k kernel code, {ram - free_at_boot}k reserved, "
                      f"{code // 5}k data, {init}k init{', 0k highmem' if family in ('mips', 'x86') else ''})"]
        if self.kernel >= (2, 6, 24):
            lines.append(f"<6>SLUB: Genslabs={7 if family == 'mips' else 11}, HWalign={64 if v['machine'] in ('armv7l', 'aarch64', 'x86_64') else 32}, "
                         f"Order=0-3, MinObjects=0, CPUs={v['cpus']}, Nodes=1")
        hz = 2 if family != "x86" else 1
        how = " (skipped), value calculated using timer frequency.." if family == "aarch64" else "..."
        lines += [f"<4>Calibrating delay loop{how} {bogo} BogoMIPS (lpj={int(float(bogo) * 5000 / 2 * hz)})"]
        if self.kernel >= (2, 6, 30):
            lines.append("<6>pid_max: default: 32768 minimum: 301")
        lines.append("<4>Mount-cache hash table entries: 512")
        self.init = init
        return lines

    def log_net(self):
        port = self.v["serial"] or {
            "ttyAMA0": "uart:0: ttyAMA0 at MMIO 0x20080000 (irq = 8) is a PL011 rev2", "ttySC1": "sh-sci.0: ttySC1 at MMIO 0xffe80000 (irq = 43) is a scif",
            "ttyAS0": "stasc.0: ttyAS0 at MMIO 0xfd032000 (irq = 121) is a asc"}.get(
                self.v["console"], "Serial: 8250/16550 driver, 2 ports, IRQ sharing disabled")
        port = [f"<6>{port}", f"<6>console [{self.v['console']}] enabled"]
        lines = ["<6>NET: Registered protocol family 16", "<6>NET: Registered protocol family 2",
                 "<6>IP route cache hash table entries: 1024 (order: 0, 4096 bytes)" if self.kernel < (3, 6) else "",
                 "<6>TCP established hash table entries: 2048 (order: 2, 16384 bytes)",
                 "<6>TCP bind hash table entries: 2048 (order: 1, 8192 bytes)",
                 "<6>TCP: Hash tables configured (established 2048 bind 2048)",
                 "<6>NET: Registered protocol family 1"]
        kinds = {c[2] for c in self.d.cells("mounts", 6)} | set(self.v["vfs"].split())
        if "squashfs" in kinds:
            lines.append("<6>squashfs: version 4.0 (2009/01/31) Phillip Lougher" if self.kernel >= (2, 6, 29) else
                         "<6>squashfs: version 3.2-r2 (2007/01/15) Phillip Lougher")
        if "jffs2" in kinds:
            lines.append("<6>JFFS2 version 2.2. (NAND) (SUMMARY)  \xa9 2001-2006 Red Hat, Inc.".replace("\xa9", "(C)"))
        lines += ["<6>io scheduler noop registered", "<6>io scheduler deadline registered (default)"] if self.kernel >= (2, 6, 18) else []
        return [s for s in lines + port if s]

    def log_flash(self):
        mtd, flash = self.partitions(), self.v["flash"]
        if not mtd:
            return []
        return [f"<5>{len(mtd)} cmdlinepart partitions found on MTD device {flash}"] * ("mtdparts" in self.cmdline()) + \
            [f'<5>Creating {len(mtd)} MTD partitions on "{flash}":'] + \
            [f'<5>0x{at:0{12 if self.kernel >= (2, 6, 30) else 8}x}-0x{at + size:0{12 if self.kernel >= (2, 6, 30) else 8}x} : "{name}"'
             for name, at, size in mtd]

    def make_dmesg(self):
        root = next(c for c in self.d.cells("mounts", 6) if c[1] == "/")
        lines = self.log_head() + self.log_net() + self.log_flash()
        lines += ["<6>TCP cubic registered" if self.kernel >= (2, 6, 19) else "", "<6>NET: Registered protocol family 17"]
        device = self.root_device()
        match = re.search(r"rootfstype=(\w+)", self.cmdline())
        kind = match[1] if match else root[2]
        state = " readonly" if root[3].startswith("ro") or kind in ("squashfs", "cramfs") else ""
        lines.append(f"<4>VFS: Mounted root ({kind} filesystem){state}" + (f" on device {device}." if self.kernel >= (2, 6, 29) else "."))
        lines.append(f"<6>Freeing init memory: {self.init}K" if self.v["family"] == "arm" and self.kernel < (3, 11) else
                     f"<6>Freeing unused kernel memory: {self.init}{'k freed' if self.kernel < (3, 11) else 'K'}")
        lines += [s if s.startswith("<") else "<6>" + s for s in self.d.rows("dmesg")]
        lines = [s for s in lines if s]
        if self.v["log_time"] == "yes":
            at, timed = 0.0, []
            for i, line in enumerate(lines):
                at += 0 if i < 8 else self.rng.random() * (0.02 if i < len(lines) - len(self.d.rows("dmesg")) - 2 else 0.9)
                timed.append(f"{line[:3]}[{at:12.6f}] {line[3:]}")
            lines = timed
        self.out["dmesg"] = "\n".join(lines) + "\n"

    # ---- All ----

    def time_of(self, path):
        """When it was made: with the image, or while the device started."""
        kinds = [(c[1], c[2]) for c in self.d.cells("mounts", 6) if (path + "/").startswith(c[1].rstrip("/") + "/")]
        _, kind = max(kinds, key=lambda k: len(k[0]))
        fresh = kind in ("tmpfs", "ramfs", "devtmpfs", "devpts", "sysfs") and self.v["clock"] == "no"
        return 4 + len(path) % 19 if fresh else self.mtime

    def make(self):
        """Its files: {path below its folder: bytes}."""
        for step in (self.make_ini, self.make_persona, self.make_http, self.make_cpuinfo, self.make_file, self.make_busybox, self.make_libc,
                     self.make_modules, self.make_tree, self.make_dev, self.make_mounts, self.make_presets, self.make_proc,
                     self.make_processes, self.make_sockets, self.make_interfaces, self.make_dmesg):
            step()
        self.nodes["/"] = ("d", 0o755, "-")
        rows = ["\t".join([path, kind, f"{mode:o}", "0", "0", str(self.time_of(path)), rest])
                for path, (kind, mode, rest) in sorted(self.nodes.items())]
        self.out["root.tsv"] = "\n".join(rows) + "\n"
        return {name: text.encode() for name, text in self.out.items()} | {"root" + p: data for p, data in self.bodies.items()}

    def write(self):
        files = self.make()
        if self.folder.exists():
            shutil.rmtree(self.folder)
        for name, data in files.items():
            at = self.folder / name
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(data)

    def check(self):
        """Number of files that are not as they would be made."""
        made = self.make()
        there = {str(p.relative_to(self.folder)): p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}
        wrong = sorted(n for n in made.keys() | there.keys() if made.get(n) != there.get(n))
        for name in wrong:
            print(f"personas/{self.d.id}/{name}: not as scripts/personas/{self.d.id}.txt makes it")
        return len(wrong)


def main():
    checks = sys.argv[1:2] == ["--check"]
    names = sys.argv[1 + checks:] or sorted(p.stem for p in (HERE / "personas").glob("*.txt"))
    wrong = 0
    for name in names:
        path = HERE / "personas" / f"{name}.txt"
        if not path.is_file():
            sys.exit(__doc__)
        persona = Persona(Description(path))
        if checks:
            wrong += persona.check()
        else:
            persona.write()
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
