/*
 * Programs that would stay: init, watchdog, syslogd, telnetd, httpd, getty, udhcpc, devmem. In the
 * background they are gone at once, in the foreground they wait for a signal.
 */
#include "shell/options.h"

#include <stdlib.h>
#include <string.h>

enum { HOUR = 3600, SECOND = 1000000 };

static int init_once(struct proc *p, int argc, char **argv)
{
    (void)argc, (void)argv;
    proc_die(p, "must be run as PID 1");
}

static enum applet_next wait_step(struct proc *p)
{
    proc_wake_at(p, proc_now(p) + HOUR * (int64_t)SECOND);
    return NEXT_SLEEP;
}

static void watchdog_start(struct proc *p, int argc, char **argv)
{
    enum { FOREGROUND = 1 };
    const char *every = NULL, *after = NULL;
    uint32_t given = options_bits(p, argc, argv, "Ft:T:", &argv, &every, &after);
    if (!argv[0] || argv[1])
        proc_usage(p);
    if (!(given & FOREGROUND))
        proc_exit(p, 0);
    int fd = proc_open(p, argv[0], 1, 0);
    if (fd < 0)
        proc_die_errno(p, fd, "can't open '%s'", argv[0]);
    proc_perror(p, ENOTTY, "WDIOC_SETOPTIONS");
    proc_perror(p, ENOTTY, "WDIOC_SETTIMEOUT");
}

static void syslogd_start(struct proc *p, int argc, char **argv)
{
    enum { FOREGROUND = 1 };
    const char *ignored = NULL;
    uint32_t given = options_bits(p, argc, argv, "nO:l:StR:LC::s:b:Df:K", &argv, &ignored, &ignored,
                                  &ignored, &ignored, &ignored, &ignored, &ignored);
    if (!(given & FOREGROUND))
        proc_exit(p, 0);
}

static void telnetd_start(struct proc *p, int argc, char **argv)
{
    enum { FOREGROUND = 64 };
    const char *ignored = NULL;
    uint32_t given =
        options_bits(p, argc, argv, "f:l:Kip:b:F", &argv, &ignored, &ignored, &ignored, &ignored);
    if (!(given & FOREGROUND))
        proc_exit(p, 0);
}

/* ---- httpd ---- */

static void encode(struct proc *p, const char *s)
{
    for (; *s; s++) {
        bool plain = (*s >= '0' && *s <= '9') || ((*s | 32) >= 'a' && (*s | 32) <= 'z');
        if (plain)
            out_char(p, *s);
        else
            out_print(p, "&#%u;", (unsigned char)*s);
    }
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void decode(struct proc *p, const char *s)
{
    for (; *s; s++) {
        if (*s == '%' && hex(s[1]) >= 0 && hex(s[2]) >= 0) {
            out_char(p, (char)(hex(s[1]) * 16 + hex(s[2])));
            s += 2;
        } else {
            out_char(p, *s == '+' ? ' ' : *s);
        }
    }
}

static void httpd_start(struct proc *p, int argc, char **argv)
{
    struct options o;
    bool stays = false;
    int option;
    options_begin(&o, p, argc, argv, "c:d:h:e:r:m:u:p:ifv", NULL);
    while ((option = options_next(&o)) != -1) {
        struct vfs_stat st;
        stays |= option == 'f';
        if (option == 'e' || option == 'd') {
            (option == 'e' ? encode : decode)(p, o.argument);
            proc_exit(p, 0);
        }
        int e = option == 'h' ? proc_stat(p, o.argument, &st) : 0;
        if (e)
            proc_die_errno(p, e, "can't change directory to '%s'", o.argument);
    }
    if (!stays)
        proc_exit(p, 0);
}

static void getty_start(struct proc *p, int argc, char **argv)
{
    const char *ignored = NULL;
    options_bits(p, argc, argv, "I:LH:f:hil:mt:wn", &argv, &ignored, &ignored, &ignored, &ignored,
                 &ignored);
    if (!argv[0] || !argv[1])
        proc_usage(p);
}

/* ---- udhcpc ---- */

struct udhcpc {
    unsigned sent, tries;
    int64_t pause, next;
    bool fails, background;
};

static void udhcpc_start(struct proc *p, int argc, char **argv)
{
    struct udhcpc *u = proc_state(p);
    struct options o;
    const char *interface = "eth0";
    const struct machine *m = proc_machine(p);
    int option;
    u->tries = 3;
    u->pause = 3;
    options_begin(&o, p, argc, argv, "CV:F:H:i:np:qRr:s:T:t:SA:O:ox:fBba::", NULL);
    while ((option = options_next(&o)) != -1) {
        interface = option == 'i' ? o.argument : interface;
        u->fails |= option == 'n';
        u->background |= option == 'b';
        if (option == 't')
            u->tries = (unsigned)options_number(p, o.argument, 0, 1000, NULL);
        if (option == 'T')
            u->pause = (int64_t)options_number(p, o.argument, 0, 100000, NULL);
    }
    const struct machine_interface *x;
    size_t i = 0;
    while ((x = proc_interface(p, i)) && strcmp(x->name, interface) != 0)
        i++;
    if (!x)
        proc_die_errno(p, ENODEV, "SIOCGIFINDEX");
    proc_error(p, "started, %.*s", (int)strcspn(m->version, " "), m->version);
    u->next = proc_now(p);
}

static enum applet_next udhcpc_step(struct proc *p)
{
    struct udhcpc *u = proc_state(p);
    if (proc_now(p) >= u->next && u->sent < u->tries) {
        proc_error(p, "broadcasting discover");
        u->sent++;
        u->next = proc_now(p) + u->pause * SECOND;
    } else if (proc_now(p) >= u->next && u->fails) {
        proc_die(p, "no lease, failing");
    } else if (proc_now(p) >= u->next && u->background) {
        proc_error(p, "no lease, forking to background");
        proc_exit(p, 0);
    } else if (proc_now(p) >= u->next) {
        u->sent = 0;
        u->next = proc_now(p) + 20 * (int64_t)SECOND;
    }
    proc_wake_at(p, u->next);
    return NEXT_SLEEP;
}

static int devmem_once(struct proc *p, int argc, char **argv)
{
    char *end = NULL;
    struct vfs_stat st;
    if (argc < 2 || (strtoull(argv[1], &end, 0), *end))
        proc_usage(p);
    int e = proc_stat(p, "/dev/mem", &st);
    if (!e && proc_uid(p) != 0)
        e = -EACCES;
    if (e)
        proc_die_errno(p, e, "can't open '/dev/mem'");
    proc_die_errno(p, EPERM, "mmap");
}

const struct applet applet_init = { .name = "init", .once = init_once };
const struct applet applet_watchdog = { .name = "watchdog",
                                        .start = watchdog_start,
                                        .step = wait_step };
const struct applet applet_syslogd = { .name = "syslogd",
                                       .start = syslogd_start,
                                       .step = wait_step };
const struct applet applet_telnetd = { .name = "telnetd",
                                       .start = telnetd_start,
                                       .step = wait_step };
const struct applet applet_httpd = { .name = "httpd", .start = httpd_start, .step = wait_step };
const struct applet applet_getty = { .name = "getty", .start = getty_start, .step = wait_step };
const struct applet applet_udhcpc = {
    .name = "udhcpc", .start = udhcpc_start, .step = udhcpc_step, .state = sizeof(struct udhcpc)
};
const struct applet applet_devmem = { .name = "devmem", .once = devmem_once };
