/* hostname, dnsdomainname */
#include "shell/applets/net.h"
#include "shell/options.h"

#include <string.h>

enum { FILE_MOST = 64 * 1024 };

/* What /etc/hosts says of the host's name. */
struct host {
    const char *address, *full;
};

static bool in_line(char *line, const char *name, struct host *ret)
{
    char *rest, *word;
    line[strcspn(line, "#")] = '\0';
    ret->address = strtok_r(line, " \t", &rest);
    ret->full = NULL;
    while (ret->address && (word = strtok_r(NULL, " \t", &rest))) {
        ret->full = ret->full ? ret->full : word;
        if (strcasecmp(word, name) == 0)
            return true;
    }
    return false;
}

static struct host look_up(struct proc *p, const char *name)
{
    char *data;
    size_t n;
    struct host found;
    if (proc_read_file(p, "/etc/hosts", FILE_MOST, &data, &n) == 0) {
        for (char *line = data, *next; line; line = next) {
            next = strchr(line, '\n');
            if (next)
                *next++ = '\0';
            if (in_line(line, name, &found))
                return found;
        }
    }
    if (strcmp(proc_name(p), "dnsdomainname") == 0)
        proc_die(p, "?: Unknown host");
    proc_die(p, "%s: Host name lookup failure", name);
}

enum { NAME_MOST = 64 };

static void set_name(struct proc *p, const char *name)
{
    if (strlen(name) > NAME_MOST)
        proc_die_errno(p, EINVAL, "sethostname");
    proc_set_hostname(p, name);
}

static void set_from_file(struct proc *p, const char *path)
{
    char *data;
    size_t n;
    int e = proc_read_file(p, path, FILE_MOST, &data, &n);
    if (e)
        proc_die_errno(p, e, "can't open '%s'", path);
    for (char *line = data, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        line += strspn(line, " \t");
        line[strcspn(line, " \t\r")] = '\0';
        if (*line && *line != '#') {
            set_name(p, line);
            return;
        }
    }
}

static void set(struct proc *p, const char *name, bool file)
{
    if (proc_uid(p) != 0)
        proc_die_errno(p, EPERM, "sethostname");
    if (file)
        set_from_file(p, name);
    else
        set_name(p, name);
}

static void show_domain(struct proc *p, const struct host *h)
{
    const char *dot = strchr(h->full, '.');
    if (dot)
        out_print(p, "%s\n", dot + 1);
}

static int hostname_once(struct proc *p, int argc, char **argv)
{
    enum { DOMAIN = 1, FULL = 2, ADDRESS = 4, SHORT = 8, FROM_FILE = 16 };
    const char *file = NULL, *name = proc_hostname(p);
    uint32_t given = options_bits(p, argc, argv, "dfisF:v", &argv, &file);
    if (strcmp(proc_name(p), "dnsdomainname") == 0)
        given = DOMAIN;
    struct host h = { NULL, NULL };
    if (given & (DOMAIN | FULL | ADDRESS))
        h = look_up(p, name);
    if (given & FULL)
        out_print(p, "%s\n", h.full);
    else if (given & DOMAIN)
        show_domain(p, &h);
    else if (given & ADDRESS)
        out_print(p, "%s\n", h.address);
    else if (given & SHORT)
        out_print(p, "%.*s\n", (int)strcspn(name, "."), name);
    else if (file || argv[0])
        set(p, file ? file : argv[0], file != NULL);
    else
        out_print(p, "%s\n", name);
    return 0;
}

const struct applet applet_hostname = { .name = "hostname", .once = hostname_once };
const struct applet applet_dnsdomainname = { .name = "dnsdomainname", .once = hostname_once };
