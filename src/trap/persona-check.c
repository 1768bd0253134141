#include "trap/persona-inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void persona_fault(struct persona_checking *c, const char *format, ...)
{
    char line[400];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    c->n++;
    c->says(c->context, line);
}

/* ---- The CPU and the kernel ---- */

static void check_cpu(struct persona_checking *c)
{
    const struct persona *p = c->p;
    if (!persona_among(c->cpu->orders, p->order))
        persona_fault(c, "persona.ini: there is no %s-endian %s", p->order, p->cpu);
    if (!persona_among(c->cpu->uname, c->m->machine))
        persona_fault(c, "machine.ini: the uname of %s is none of %s, but '%s'", p->cpu,
                      c->cpu->uname, c->m->machine);
}

/* The value behind the i-th line "KEY  : ..." of a file of /proc; NULL there is none. */
static const char *value_of(const char *text, const char *key, unsigned i)
{
    size_t n = strlen(key);
    for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        size_t blank = strncmp(at, key, n) == 0 ? strspn(at + n, " \t") : 0;
        bool is = strncmp(at, key, n) == 0 && at[n + blank] == ':';
        if (is && i-- == 0)
            return at + n + blank + 1 + strspn(at + n + blank + 1, " \t");
    }
    return NULL;
}

static void check_cpuinfo(struct persona_checking *c)
{
    const char *text = machine_proc(c->m, "cpuinfo"), *value;
    unsigned n = 0;
    if (!text || !(value = value_of(text, c->cpu->cpuinfo, 0))) {
        persona_fault(c, "proc/cpuinfo: no line '%s', as one of %s has", c->cpu->cpuinfo,
                      c->p->cpu);
        return;
    }
    while ((value = value_of(text, "processor", n)) && *value >= '0' && *value <= '9')
        n++;
    if (n && n != c->m->cpus)
        persona_fault(c, "proc/cpuinfo: %u processors, machine.ini has %u", n, c->m->cpus);
    if (strncmp(c->m->machine, "armv", 4) == 0 &&
        *value_of(text, c->cpu->cpuinfo, 0) != c->m->machine[4])
        persona_fault(c, "proc/cpuinfo: the architecture is not that of %s", c->m->machine);
}

/* Every "Linux version X" is followed by the release. */
static void check_release(struct persona_checking *c, const char *name, const char *text)
{
    static const char words[] = "Linux version ";
    size_t n = strlen(c->m->release);
    const char *at = strstr(text, words);
    if (at &&
        (strncmp(at + sizeof words - 1, c->m->release, n) != 0 || at[sizeof words - 1 + n] != ' '))
        persona_fault(c, "%s: the kernel is not that of uname, %s", name, c->m->release);
}

static void check_kernel(struct persona_checking *c)
{
    const char *version = machine_proc(c->m, "version");
    if (!version || strncmp(version, "Linux version ", 14) != 0) {
        persona_fault(c, "proc/version: there is none, or it does not begin with Linux version");
        return;
    }
    check_release(c, "proc/version", version);
    check_release(c, "dmesg", c->m->dmesg);
    if (!strstr(version, c->m->version_kernel))
        persona_fault(c, "proc/version: uname has '%s'", c->m->version_kernel);
}

static void check_mounts(struct persona_checking *c)
{
    const char *known = machine_proc(c->m, "filesystems");
    const struct vfs_mount *m;
    char line[64];
    for (size_t i = 0; known && (m = vfs_mount_at(c->v, i)); i++) {
        snprintf(line, sizeof line, "\t%.60s\n", m->type);
        if (!strstr(known, line))
            persona_fault(c, "mounts.tsv: %s is of type %s, which proc/filesystems has not",
                          m->path, m->type);
    }
}

/* ---- BusyBox and the daemons ---- */

/* 119 of "... v1.19.4 ..."; 0 none. */
static unsigned busybox_version(const char *text)
{
    const char *v = strstr(text, "v1.");
    char *end;
    unsigned long minor = v ? strtoul(v + 3, &end, 10) : 100;
    return minor < 100 && end > v + 3 ? 100 + (unsigned)minor : 0;
}

static void check_busybox(struct persona_checking *c)
{
    const struct telnet_dialect *d = c->p->dialect;
    unsigned version = busybox_version(c->m->version);
    if (!strstr(c->m->banner, c->m->version))
        persona_fault(c, "machine.ini: the banner has not the version, %s", c->m->version);
    if (!machine_has_applet(c->m, "sh") && !machine_has_applet(c->m, "ash"))
        persona_fault(c, "machine.ini: BusyBox has no shell");
    if (!d->since || persona_own_telnetd(c))
        return;
    if (version < d->since || version >= d->before)
        persona_fault(c, "persona.ini: %s is not how a BusyBox %s speaks Telnet", d->name,
                      c->m->version);
    if (!machine_has_applet(c->m, "telnetd"))
        persona_fault(c, "machine.ini: the dialect is BusyBox's, which has no telnetd");
}

static bool has_process(const struct machine *m, uint32_t pid)
{
    for (size_t i = 0; i < m->n_processes; i++) {
        if (m->processes[i].pid == pid)
            return true;
    }
    return false;
}

static bool listens(const struct machine *m, uint16_t port)
{
    for (size_t i = 0; i < m->n_sockets; i++) {
        const struct machine_socket *s = &m->sockets[i];
        const char *colon = strrchr(s->local, ':');
        bool tcp = strncmp(s->protocol, "tcp", 3) == 0 && strcmp(s->state, "LISTEN") == 0;
        if (tcp && colon && strtoul(colon + 1, NULL, 10) == port)
            return true;
    }
    return false;
}

static void check_sockets(struct persona_checking *c)
{
    for (size_t i = 0; i < c->p->n_ports; i++) {
        if (!listens(c->m, c->p->ports[i]))
            persona_fault(c, "sockets.tsv: nobody listens on %u, which is one of its ports",
                          c->p->ports[i]);
    }
    for (size_t i = 0; i < c->m->n_sockets; i++) {
        if (c->m->sockets[i].pid && !has_process(c->m, c->m->sockets[i].pid))
            persona_fault(c, "sockets.tsv: %s is of process %u, which there is not",
                          c->m->sockets[i].local, c->m->sockets[i].pid);
    }
}

/* inetd starts it when somebody comes. */
static bool inetd_starts_it(struct persona_checking *c)
{
    size_t n;
    const char *conf = persona_file(c, "/etc/inetd.conf", &n);
    bool runs = false;
    for (size_t i = 0; i < c->m->n_processes; i++)
        runs = runs || strstr(c->m->processes[i].command, "inetd");
    return runs && conf && memmem(conf, n, "telnetd", 7);
}

static void check_processes(struct persona_checking *c)
{
    const struct machine *m = c->m;
    bool ours = strstr(c->p->dialect->name, "busybox") || strstr(c->p->dialect->name, "telnetd");
    bool daemon = !ours || inetd_starts_it(c);
    for (size_t i = 0; i < m->n_processes; i++) {
        const struct machine_process *p = &m->processes[i];
        daemon = daemon || strstr(p->command, "telnetd");
        if (p->ppid && !has_process(m, p->ppid))
            persona_fault(c, "processes.tsv: the parent of %u, %u, is missing", p->pid, p->ppid);
        if (p->pid >= m->pid_first)
            persona_fault(c, "processes.tsv: %u is not below pid_first", p->pid);
    }
    if (!daemon)
        persona_fault(c, "processes.tsv: there is no telnetd");
}

static void check_interfaces(struct persona_checking *c)
{
    bool ours = c->m->n_interfaces == 0;
    for (size_t i = 0; i < c->m->n_interfaces; i++)
        ours = ours || strncasecmp(c->m->interfaces[i].hardware, c->p->oui, 8) == 0;
    if (!ours)
        persona_fault(c, "interfaces.tsv: no address of the maker's, %s", c->p->oui);
}

/* ---- What is said ---- */

/* What the telnetd of BusyBox says of /etc/issue.net, which at least is its own line: through a terminal that puts a CR before
 * each LF, and with one behind. */
static bool issue_is(const char *banner, const char *issue, size_t n)
{
    if (strncmp(banner, "\r\r\n", 3) != 0)
        return false;
    if (n && (memchr(issue, '%', n) || memchr(issue, '\\', n)))
        return true; /* what it makes of these is not tried */
    banner += 3;
    for (size_t i = 0; i < n; i++) {
        char one[2] = { issue[i], '\0' };
        const char *said = issue[i] == '\n' ? "\r\n\r" : one;
        if (strncmp(banner, said, strlen(said)) != 0)
            return false;
        banner += strlen(said);
    }
    return !*banner;
}

/* A telnetd that is told another program than login says no more than its line. */
static bool has_other_login(const struct machine *m)
{
    for (size_t i = 0; i < m->n_processes; i++) {
        const char *option = strstr(m->processes[i].command, "telnetd ");
        option = option ? strstr(option, " -l ") : NULL;
        if (option && strcmp(option + 4, "/bin/login") != 0)
            return true;
    }
    return false;
}

static void check_banner(struct persona_checking *c)
{
    const char *banner = c->p->login.banner;
    size_t n;
    if (!c->p->dialect->since || persona_own_telnetd(c))
        return;
    const char *issue = persona_file(c, "/etc/issue.net", &n);
    bool good = has_other_login(c->m) ? strncmp(banner, "\r\r\n", 3) == 0 : issue_is(banner, issue, n);
    if (!good)
        persona_fault(c, "persona.ini: the banner is not what BusyBox's telnetd says: \\r\\r\\n, and the lines of "
                         "/etc/issue.net with \\r\\n\\r behind each");
}

static void check_cli(struct persona_checking *c)
{
    if (c->p->cli && !*c->p->cli_name)
        persona_fault(c, "persona.ini: whose command line it is is not said ([cli] name)");
    if (!c->p->cli && *c->p->cli_name)
        persona_fault(c, "persona.ini: [cli] has a name, but no prompts");
}

static void check_login(struct persona_checking *c)
{
    const struct login_style *l = &c->p->login;
    const char *after = strstr(l->timed_out, "after ");
    if (after && strtoll(after + 6, NULL, 10) != l->timeout / 1000000)
        persona_fault(c, "persona.ini: timed_out does not tell the timeout");
    if (!l->tries && (*l->locked || l->lock))
        persona_fault(c, "persona.ini: it locks out, but after no number of tries");
    if (!*c->p->source)
        persona_fault(c, "persona.ini: where its banner is noted is not said (source)");
}

static int check_all(struct persona_checking *c)
{
    static void (*const checks[])(struct persona_checking *) = {
        check_cpu,     check_cpuinfo,   check_kernel,     check_mounts, check_busybox,
        check_sockets, check_processes, check_interfaces, check_banner, check_login,   check_cli,
        persona_check_tree, persona_check_http,
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        checks[i](c);
    return c->n;
}

int persona_check(const struct persona *p, void (*says)(void *context, const char *line),
                  void *context)
{
    struct memory_account account = { .most = HOLD_MEMORY };
    struct persona_checking c = {
        .p = p, .m = p->machine, .cpu = persona_cpu_find(p->cpu), .says = says, .context = context
    };
    int e = vfs_make(&c.v, p->machine->tree, &account, NULL, NULL);
    if (e)
        return e;
    e = check_all(&c);
    vfs_free(c.v);
    return e;
}
