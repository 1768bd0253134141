#include "cli/commands.h"

#include "base/own.h"
#include "base/text.h"
#include "base/time.h"
#include "trap/persona.h"

#include <ifaddrs.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/wait.h>

enum verdict {
    GOOD,
    WARN, /* a part of teiten does not work, or not as well */
    FAIL, /* nothing can be counted and kept */
};

struct finding {
    enum verdict verdict;
    char found[256];
    char remedy[256];
};

enum { CAP_BIND = 10, CAP_NET = 12, CAP_RAW = 13, CAP_CHROOT = 18, CAP_ADMIN = 21, CAP_BPF_ = 39 }; /* capabilities(7) */

static void found(struct finding *f, enum verdict verdict, const char *remedy, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));

static void found(struct finding *f, enum verdict verdict, const char *remedy, const char *format,
                  ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(f->found, sizeof f->found, format, args);
    va_end(args);
    f->verdict = verdict;
    text_copy(f->remedy, sizeof f->remedy, remedy);
}

/* The first line of a small file, or "". */
static const char *first_line(const char *path, char *text, int room)
{
    auto_file FILE *f = fopen(path, "re");
    if (!f || !fgets(text, room, f))
        text[0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return text;
}

static bool has_capability(unsigned number)
{
    auto_file FILE *f = fopen("/proc/self/status", "re");
    char line[256];
    unsigned long long set = 0;
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "CapEff: %llx", &set) == 1)
            break;
    return set >> number & 1;
}

static void look_kernel(const struct cli *cli, struct finding *f)
{
    (void)cli;
    struct utsname u;
    unsigned major = 0, minor = 0;
    uname(&u);
    sscanf(u.release, "%u.%u", &major, &minor);
    unsigned version = major * 1000 + minor;
    if (version < 4020)
        found(f, FAIL, "use a kernel from 5.15 on", "Linux %.64s", u.release);
    else if (version < 5015)
        found(f, WARN, "use a kernel from 5.15 on: workers are confined less", "Linux %.64s",
              u.release);
    else
        found(f, GOOD, "", "Linux %.64s, %.32s", u.release, u.machine);
}

static void look_capture(const struct cli *cli, struct finding *f)
{
    (void)cli;
    auto_fd int fd =
        socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); /* protocol 0 receives nothing */
    if (fd >= 0)
        found(f, GOOD, "", "live capture is permitted");
    else if (errno == EPERM || errno == EACCES)
        found(f, WARN,
              has_capability(CAP_RAW) ? "leave the container that forbids it, or ingest files"
                                      : "run as root (sudo ./run); files can be ingested without",
              "no right to capture");
    else
        found(f, WARN, "files can be ingested without", "no packet sockets: %s", strerror(errno));
}

static void look_low_ports(const struct cli *cli, struct finding *f)
{
    (void)cli;
    char text[32];
    int64_t start = 1024;
    if (text_int(first_line("/proc/sys/net/ipv4/ip_unprivileged_port_start", text, sizeof text), 0,
                 65536, &start) != 0)
        start = 1024;
    if (has_capability(CAP_BIND))
        found(f, GOOD, "", "every port may be listened on");
    else if (start <= 23)
        found(f, GOOD, "", "ports from %d on may be listened on", (int)start);
    else
        found(f, WARN, "run as root, or sysctl net.ipv4.ip_unprivileged_port_start=23",
              "ports below %d may not be listened on: no Telnet trap on 23", (int)start);
}

/* 0 where it may be listened on, or why not. */
static int try_place(const struct endpoint *e)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(e->port) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(e->port) };
    bool six = e->addr.family == 6;
    int on = 1;
    auto_fd int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memcpy(&v4.sin_addr, e->addr.bytes, sizeof v4.sin_addr);
    memcpy(&v6.sin6_addr, e->addr.bytes, sizeof v6.sin6_addr);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        (six && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0) ||
        bind(fd, six ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4, six ? sizeof v6 : sizeof v4) < 0)
        return errno;
    return 0;
}

/* A running 'teiten observe' is one who is there. */
static void look_trap(const struct cli *cli, struct finding *f)
{
    size_t n, open = 0;
    int why = 0;
    const struct endpoint *e = conf_endpoints(&cli->conf, CONF_TRAP_TELNET, &n);
    for (size_t i = 0; i < n; i++) {
        int err = e[i].port ? try_place(&e[i]) : 0;
        open += e[i].port != 0;
        why = err ? err : why;
    }
    if (!open || conf_int(&cli->conf, CONF_SENSOR_MODE) != 0)
        found(f, GOOD, "", "off: nothing answers");
    else if (why)
        found(f, WARN, "where no 'teiten observe' is there, name other places with trap.telnet",
              "not every place of trap.telnet can be had: %s", strerror(why));
    else
        found(f, GOOD, "", "%zu places of trap.telnet are free", open);
}

/* A map of one number is what may be made by who may make the rest. */
static void look_bounds(const struct cli *cli, struct finding *f)
{
    (void)cli;
    union bpf_attr a;
    memset(&a, 0, sizeof a);
    a.map_type = BPF_MAP_TYPE_ARRAY;
    a.key_size = a.value_size = sizeof(uint32_t);
    a.max_entries = 1;
    auto_fd int fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &a, sizeof a);
    if (fd >= 0)
        found(f, GOOD, "", "forged SYNs are answered with no more bytes than came");
    else
        found(f, WARN, "run as root, or with the right CAP_BPF: else a forged SYN is answered twice, as the kernel does",
              "no BPF: %s", strerror(errno));
}

static void look_claims(const struct cli *cli, struct finding *f)
{
    (void)cli;
    bool rights = has_capability(CAP_NET) && (has_capability(CAP_BPF_) || has_capability(CAP_ADMIN));
    if (access("/dev/net/tun", R_OK | W_OK) < 0)
        found(f, WARN, "only --claim needs it: modprobe tun, or let the container have it", "/dev/net/tun: %s", strerror(errno));
    else if (!rights)
        found(f, WARN, "run as root, or with the rights CAP_NET_ADMIN and CAP_BPF; only --claim needs them",
              "prefixes may not be claimed");
    else
        found(f, GOOD, "", "prefixes may be claimed");
}

static void look_personas(const struct cli *cli, struct finding *f)
{
    char folder[PATH_MAX + 32];
    struct persona_names names;
    commands_personas(&cli->conf, folder, sizeof folder);
    int err = persona_names_read(&names, folder);
    if (err || names.n == 0)
        found(f, WARN, "name their folder with trap.personas, or turn the trap off: sensor.mode=dark",
              "none in %.200s", folder);
    else
        found(f, GOOD, "", "%zu in %.200s", names.n, folder);
    persona_names_release(&names);
}

/* Names of the interfaces that are up, but for the loopback. */
static size_t list_interfaces(struct buf *names)
{
    struct ifaddrs *list = NULL;
    size_t n = 0;
    if (getifaddrs(&list) != 0)
        return 0;
    for (const struct ifaddrs *at = list; at; at = at->ifa_next) {
        bool link = at->ifa_addr && at->ifa_addr->sa_family == AF_PACKET;
        if (!link || !(at->ifa_flags & IFF_UP) || (at->ifa_flags & IFF_LOOPBACK))
            continue;
        buf_print(names, "%s%s", n ? ", " : "", at->ifa_name);
        n++;
    }
    freeifaddrs(list);
    return n;
}

/* The first of sensor.interface that this host has not, or NULL. */
static const char *missing_interface(const struct cli *cli)
{
    size_t n;
    char *const *wanted = conf_words(&cli->conf, CONF_SENSOR_INTERFACE, &n);
    for (size_t i = 0; i < n; i++)
        if (if_nametoindex(wanted[i]) == 0)
            return wanted[i];
    return NULL;
}

static void look_interfaces(const struct cli *cli, struct finding *f)
{
    const char *missing = missing_interface(cli);
    struct buf names;
    buf_init(&names, 4096);
    size_t n = list_interfaces(&names);
    int length = names.len < 200 ? (int)names.len : 200;
    if (missing)
        found(f, WARN, "ip link shows the names; set sensor.interface", "there is no interface %s",
              missing);
    else if (n == 0)
        found(f, WARN, "ip link set NAME up", "no interface but the loopback is up");
    else
        found(f, GOOD, "", "up: %.*s", length, names.data ? (const char *)names.data : "");
    buf_release(&names);
}

static void look_prefix(const struct cli *cli, struct finding *f)
{
    const struct prefix_list *own = conf_prefixes(&cli->conf, CONF_SENSOR_PREFIX);
    if (own->n == 0)
        found(f, WARN, "set sensor.prefix to the addresses observed",
              "no addresses named: rates are estimated");
    else
        found(f, GOOD, "", "%llu addresses in %zu prefixes",
              (unsigned long long)prefix_list_size(own), own->n);
}

/* The deepest part of path that is there. */
static void existing_part(char *path)
{
    struct stat s;
    char *slash;
    while (stat(path, &s) != 0 && (slash = strrchr(path, '/')))
        slash[slash == path] = '\0';
    if (stat(path, &s) != 0)
        memcpy(path, ".", 2);
}

static void look_state(const struct cli *cli, struct finding *f)
{
    auto_free char *path = strdup(cli_state_dir(cli));
    struct statvfs v;
    if (!path)
        return;
    if (strlen(path) > 1)
        existing_part(path);
    if (access(path, W_OK | X_OK) != 0)
        found(f, FAIL, "name another with --state DIR", "%.150s cannot be written: %s", path,
              strerror(errno));
    else if (statvfs(path, &v) != 0)
        found(f, FAIL, "name another with --state DIR", "%.150s: %s", path, strerror(errno));
    else {
        double gib = (double)v.f_bavail * (double)v.f_frsize / (1 << 30);
        enum verdict verdict = gib < 0.0625 ? FAIL : gib < 2 ? WARN : GOOD;
        found(f, verdict, verdict ? "make room, or name another with --state DIR" : "",
              "%.150s can be written, %.1f GiB free", path, gib);
    }
}

static void look_p0f(const struct cli *cli, struct finding *f)
{
    const char *path = conf_text(&cli->conf, CONF_SENSOR_P0F);
    if (access(path, R_OK) == 0)
        found(f, GOOD, "", "%.200s", path);
    else
        found(f, WARN, "apt-get install p0f, or set sensor.p0f; other fingerprints work without",
              "%.150s: %s", path, strerror(errno));
}

static void look_zones(const struct cli *cli, struct finding *f)
{
    if (time_zone_known("Asia/Tokyo"))
        found(f, GOOD, "", "days are cut in %s", cli_zone(cli));
    else
        found(f, WARN, "apt-get install tzdata", "no zones are installed: only UTC is known");
}

/* Who a sensor that root starts becomes. */
static void look_user(const struct cli *cli, struct finding *f)
{
    const char *name = conf_text(&cli->conf, CONF_DAEMON_USER);
    const struct passwd *p = getpwnam(name);
    if (p && p->pw_uid)
        found(f, GOOD, "", "%s: what root starts becomes this user", name);
    else if (p)
        found(f, WARN, "name another one in daemon.user", "%s is root", name);
    else
        found(f, WARN, "useradd --system --no-create-home --shell /usr/sbin/nologin teiten, or set daemon.user",
              "there is no user %s: what root starts stays root, without its rights", name);
}

static void look_landlock(const struct cli *cli, struct finding *f)
{
    (void)cli;
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi >= 2)
        found(f, GOOD, "", "ABI %ld", abi);
    else if (abi > 0)
        found(f, WARN, "use a kernel from 5.19 on", "ABI %ld: workers are confined less", abi);
    else
        found(f, WARN, "boot with lsm=landlock,...; workers are confined by seccomp alone",
              "not available: %s", strerror(errno));
}

static void look_seccomp(const struct cli *cli, struct finding *f)
{
    (void)cli;
    char actions[256];
    first_line("/proc/sys/kernel/seccomp/actions_avail", actions, sizeof actions);
    if (prctl(PR_GET_SECCOMP) < 0 || (actions[0] && !strstr(actions, "kill_process")))
        found(f, WARN, "use a kernel with CONFIG_SECCOMP_FILTER", "not available");
    else
        found(f, GOOD, "", "available");
}

/* Whether a child may have a user namespace: one of our own would change who we are. */
static bool may_have_namespaces(void)
{
    int status;
    pid_t pid = fork();
    if (pid == 0)
        _exit(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? 0 : 1);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* Workers live in an empty root and a network of their own. */
static void look_empty_root(const struct cli *cli, struct finding *f)
{
    (void)cli;
    bool admin = has_capability(CAP_CHROOT) && has_capability(CAP_ADMIN);
    if (admin || may_have_namespaces())
        found(f, GOOD, "", "%s", admin ? "as root" : "in user namespaces");
    else
        found(f, WARN, "run as root, or allow user namespaces (sysctl user.max_user_namespaces)",
              "no user namespaces: workers are confined by Landlock and seccomp alone");
}

static void look_clock(const struct cli *cli, struct finding *f)
{
    (void)cli;
    struct timex t = { 0 };
    int state = adjtimex(&t);
    if (state < 0)
        found(f, WARN, "", "cannot be asked: %s", strerror(errno));
    else if (state == TIME_ERROR || (t.status & STA_UNSYNC))
        found(f, WARN, "apt-get install systemd-timesyncd, or chrony", "not synchronised");
    else
        found(f, GOOD, "", "synchronised, off by at most %.1f ms", (double)t.maxerror / 1000);
}

static void look_files(const struct cli *cli, struct finding *f)
{
    (void)cli;
    enum { ENOUGH = 16384 };
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) != 0)
        found(f, WARN, "", "%s", strerror(errno));
    else if (l.rlim_max < ENOUGH)
        found(f, WARN, "ulimit -Hn 65536, or LimitNOFILE= in the unit", "at most %llu",
              (unsigned long long)l.rlim_max);
    else
        found(f, GOOD, "", "%llu, up to %llu", (unsigned long long)l.rlim_cur,
              (unsigned long long)l.rlim_max);
}

/* Where the search path has a program, or "". */
static const char *which(const char *program, char path[static PATH_MAX])
{
    const char *at = getenv("PATH");
    while (at && *at) {
        size_t n = strcspn(at, ":");
        snprintf(path, PATH_MAX, "%.*s/%s", (int)n, at, program);
        if (access(path, X_OK) == 0)
            return path;
        at += n + (at[n] == ':');
    }
    path[0] = '\0';
    return path;
}

static void look_program(const char *program, struct finding *f)
{
    char path[PATH_MAX], remedy[128];
    snprintf(remedy, sizeof remedy, "apt-get install %s; only needed to check counts with it",
             program);
    if (*which(program, path))
        found(f, GOOD, "", "%.200s", path);
    else
        found(f, WARN, remedy, "not installed");
}

static void look_tcpdump(const struct cli *cli, struct finding *f)
{
    (void)cli;
    look_program("tcpdump", f);
}

static void look_tshark(const struct cli *cli, struct finding *f)
{
    (void)cli;
    look_program("tshark", f);
}

/* clang-format off */
static const struct {
    const char *name;
    void (*look)(const struct cli *cli, struct finding *f);
} checks[] = {
    { "kernel", look_kernel },
    { "capture", look_capture },
    { "low ports", look_low_ports },
    { "trap", look_trap },
    { "answers", look_bounds },
    { "claims", look_claims },
    { "personas", look_personas },
    { "interfaces", look_interfaces },
    { "addresses", look_prefix },
    { "state folder", look_state },
    { "p0f signatures", look_p0f },
    { "zones", look_zones },
    { "user", look_user },
    { "Landlock", look_landlock },
    { "seccomp", look_seccomp },
    { "empty root", look_empty_root },
    { "clock", look_clock },
    { "open files", look_files },
    { "tcpdump", look_tcpdump },
    { "tshark", look_tshark },
};
/* clang-format on */

/* clang-format off */
static const struct column columns[] = {
    { .name = "check", .type = COLUMN_TEXT },
    { .name = "verdict", .type = COLUMN_TEXT },
    { .name = "found", .type = COLUMN_TEXT },
    { .name = "remedy", .type = COLUMN_TEXT, .hide = true },
};
/* clang-format on */

enum { CHECKS = sizeof checks / sizeof checks[0] };

/* Under the table, where there is room for whole sentences. */
static void print_remedies(const struct finding findings[static CHECKS])
{
    bool any = false;
    for (size_t i = 0; i < CHECKS; i++) {
        if (!findings[i].remedy[0])
            continue;
        printf("%s  %s: %s\n", any ? "" : "\nWhat to do:\n", checks[i].name, findings[i].remedy);
        any = true;
    }
}

static int print_findings(const struct cli *cli, const struct finding findings[static CHECKS])
{
    static const char *const words[] = { [GOOD] = "ok", [WARN] = "warn", [FAIL] = "fail" };
    struct out o;
    cli_rows(cli, &o, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < CHECKS; i++) {
        out_text(&o, checks[i].name);
        out_text(&o, words[findings[i].verdict]);
        out_text(&o, findings[i].found);
        out_text(&o, findings[i].remedy[0] ? findings[i].remedy : NULL);
    }
    int status = cli_rows_end(&o);
    if (status == CLI_DONE && cli->format == OUT_TABLE)
        print_remedies(findings);
    return status;
}

int cmd_doctor(struct cli *cli)
{
    struct finding findings[CHECKS] = { 0 };
    enum verdict worst = GOOD;
    for (size_t i = 0; i < CHECKS; i++) {
        checks[i].look(cli, &findings[i]);
        if (findings[i].verdict > worst)
            worst = findings[i].verdict;
    }
    int status = print_findings(cli, findings);
    return status == CLI_DONE && worst == FAIL ? CLI_TROUBLE : status;
}
