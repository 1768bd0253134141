#include "shell/applets/net.h"
#include "shell/options.h"

#include <string.h>

struct entry {
    char *address, *type, *flags, *hardware, *mask, *device;
};

static bool read_entry(char *line, struct entry *e)
{
    char *rest = NULL, **const fields[] = { &e->address,  &e->type, &e->flags,
                                            &e->hardware, &e->mask, &e->device };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        *fields[i] = strtok_r(i ? NULL : line, " \t", &rest);
        if (!*fields[i])
            return false;
    }
    return true;
}

static void show(struct proc *p, const struct entry *e)
{
    bool complete = strcmp(e->flags, "0x0") != 0;
    out_print(p, "? (%s) at %s%s on %s\n", e->address, complete ? e->hardware : "<incomplete>",
              complete ? " [ether] " : " ", e->device);
}

static int show_all(struct proc *p, const char *host, const char *interface)
{
    char *data;
    size_t n;
    struct entry e;
    int error = proc_read_file(p, "/proc/net/arp", 1 << 16, &data, &n);
    if (error)
        proc_die_errno(p, error, "can't open '/proc/net/arp'");
    for (char *line = strchr(data, '\n'), *next; line; line = next) {
        next = strchr(++line, '\n');
        if (next)
            *next = '\0';
        if (!read_entry(line, &e) || (host && strcmp(host, e.address) != 0) ||
            (interface && strcmp(interface, e.device) != 0))
            continue;
        show(p, &e);
    }
    return 0;
}

static int arp_once(struct proc *p, int argc, char **argv)
{
    enum { DELETE = 1 << 4, SET = 1 << 8 };
    const char *family = NULL, *family2 = NULL, *hardware = NULL, *type = NULL, *interface = NULL;
    uint8_t octets[4];
    uint32_t given = options_bits(p, argc, argv, "A:p:H:t:di:aDsnv", &argv, &family, &family2,
                                  &hardware, &type, &interface);
    if (hardware && strcmp(hardware, "ether") != 0)
        proc_die(p, "%s: unknown hardware type", hardware);
    if (argv[0] && !net_ipv4(argv[0], octets))
        proc_die(p, "%s: Host name lookup failure", argv[0]);
    if (!(given & (DELETE | SET)))
        return show_all(p, argv[0], interface);
    if (!argv[0])
        proc_die(p, "need host name");
    if (given & SET && !argv[1])
        proc_die(p, "need hardware address");
    if (proc_uid(p) != 0)
        proc_die_errno(p, EPERM, given & SET ? "SIOCSARP" : "SIOCDARP(priv)");
    return 0;
}

const struct applet applet_arp = { .name = "arp", .once = arp_once };
