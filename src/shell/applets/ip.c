#include "shell/applets/net.h"
#include "shell/options.h"

#include <string.h>

enum { FAILED = 2 };

struct view {
    struct proc *p;
    bool four, six, line; /* -4, -6, -o */
};

static bool is_short_for(const char *word, const char *whole)
{
    return *word && strncmp(word, whole, strlen(word)) == 0;
}

static bool has_flag(const struct machine_interface *x, const char *flag)
{
    const char *at = strstr(x->flags, flag);
    return at && (at == x->flags || at[-1] == ' ');
}

/* Ends the process where there is none of the name. */
static const struct machine_interface *device(struct proc *p, const char *name)
{
    const struct machine *m = proc_machine(p);
    for (size_t i = 0; i < m->n_interfaces; i++) {
        if (strcmp(m->interfaces[i].name, name) == 0)
            return &m->interfaces[i];
    }
    proc_die(p, "can't find device '%s'", name);
}

/* What stands behind a key ("dev eth0"), or NULL. */
static const char *value_of(char **words, const char *key)
{
    for (; *words; words++) {
        if (strcmp(*words, key) == 0)
            return words[1];
    }
    return NULL;
}

static unsigned prefix_of(const char *mask)
{
    uint8_t o[4];
    unsigned n = 0;
    if (!net_ipv4(mask, o))
        return 32;
    for (size_t i = 0; i < 4; i++)
        n += (unsigned)__builtin_popcount(o[i]);
    return n;
}

static void show_link(const struct view *v, size_t index, const struct machine_interface *x)
{
    static const char *const flags[] = { "LOOPBACK", "BROADCAST", "POINTOPOINT", "MULTICAST",
                                         "NOARP",    "PROMISC",   "UP" };
    bool first = true, up = has_flag(x, "UP");
    out_print(v->p, "%zu: %s: <", index, x->name);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (!has_flag(x, flags[i]))
            continue;
        out_print(v->p, "%s%s", first ? "" : ",", flags[i]);
        first = false;
    }
    out_print(v->p, "%s> mtu %u qdisc %s ", has_flag(x, "RUNNING") ? ",LOWER_UP" : "", x->mtu,
              !up                                    ? "noop"
              : x->queue && !has_flag(x, "LOOPBACK") ? "pfifo_fast"
                                                     : "noqueue");
    if (x->queue)
        out_print(v->p, "qlen %u", x->queue);
    out_text(v->p, v->line ? "\\" : "\n");
}

static const char *lower_case(struct proc *p, const char *s)
{
    char *copy = memory_text(proc_memory(p), s);
    for (char *c = copy; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
    return copy;
}

static void show_hardware(const struct view *v, const struct machine_interface *x)
{
    bool loop = has_flag(x, "LOOPBACK");
    if (loop)
        out_text(v->p, "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n");
    else if (*x->hardware)
        out_print(v->p, "    link/ether %s brd ff:ff:ff:ff:ff:ff\n", lower_case(v->p, x->hardware));
    else
        out_text(v->p, "    link/ppp\n");
}

static void show_address(const struct view *v, size_t index, const struct machine_interface *x)
{
    if (!*x->address || v->six)
        return;
    if (v->line)
        out_print(v->p, "%zu: %s ", index, x->name);
    out_print(v->p, "   %sinet %s/%u ", v->line ? "" : " ", x->address, prefix_of(x->mask));
    if (*x->broadcast)
        out_print(v->p, "brd %s ", x->broadcast);
    out_print(v->p, "scope %s %s%s       valid_lft forever preferred_lft forever\n",
              has_flag(x, "LOOPBACK") ? "host" : "global", x->name, v->line ? "\\" : "\n");
}

static int show_devices(const struct view *v, char **words, bool addresses)
{
    const struct machine *m = proc_machine(v->p);
    const char *name = value_of(words, "dev");
    if (!name && *words && strcmp(*words, "up") != 0 && strcmp(*words, "to") != 0 &&
        strcmp(*words, "label") != 0)
        name = *words;
    if (name)
        device(v->p, name);
    for (size_t i = 0; i < m->n_interfaces; i++) {
        const struct machine_interface *x = &m->interfaces[i];
        if (name && strcmp(name, x->name) != 0)
            continue;
        if (!addresses || !v->line)
            show_link(v, i + 1, x);
        if (!addresses || (!v->line && !v->four && !v->six))
            show_hardware(v, x);
        if (addresses)
            show_address(v, i + 1, x);
    }
    return 0;
}

/* Changes succeed, and are not shown afterwards. */
static int change(const struct view *v, const char *name, const char *call)
{
    const struct machine *m = proc_machine(v->p);
    size_t i = 0;
    while (i < m->n_interfaces && strcmp(m->interfaces[i].name, name) != 0)
        i++;
    proc_fails_with(v->p, FAILED);
    if (i == m->n_interfaces && call)
        proc_die_errno(v->p, ENODEV, "%s", call);
    if (i == m->n_interfaces)
        proc_die(v->p, "can't find device '%s'", name);
    if (proc_uid(v->p) != 0)
        proc_die_errno(v->p, EPERM, "RTNETLINK answers");
    return 0;
}

static bool is_show(const char *word)
{
    return !word || is_short_for(word, "show") || is_short_for(word, "list") ||
           strcmp(word, "lst") == 0;
}

static int do_address(const struct view *v, char **words)
{
    static const char *const verbs[] = { "add", "change", "replace", "delete", "flush" };
    if (is_show(*words))
        return show_devices(v, words + (*words != NULL), true);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (!is_short_for(*words, verbs[i]))
            continue;
        const char *name = value_of(words, "dev");
        if (!name)
            proc_die(v->p, "need \"dev IFACE\"");
        return change(v, name, NULL);
    }
    proc_die(v->p, "invalid argument '%s' to 'ip'", *words);
}

/* What follows "set": the device among settings, some of which have a value. */
static const char *link_words(struct proc *p, char **words)
{
    static const char *const plain[] = { "up", "down", "nomaster" };
    static const char *const valued[] = { "mtu",       "name",         "qlen",    "txqueuelen",
                                          "address",   "master",       "netns",   "arp",
                                          "multicast", "allmulticast", "promisc", "addr" };
    const char *name = NULL;
    for (; *words; words++) {
        bool known = false, has_value = false;
        for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
            known |= strcmp(plain[i], *words) == 0;
        for (size_t i = 0; i < sizeof valued / sizeof valued[0]; i++)
            has_value |= strcmp(valued[i], *words) == 0;
        if (has_value && !*++words)
            proc_die(p, "\"%s\" requires an argument", words[-1]);
        if (known || has_value)
            continue;
        if (strcmp(*words, "dev") == 0 && words[1])
            words++;
        if (name)
            proc_die(p, "either \"dev\" is duplicate, or \"%s\" is garbage", *words);
        name = *words;
    }
    return name;
}

static int do_link(const struct view *v, char **words)
{
    proc_fails_with(v->p, FAILED);
    if (is_show(*words))
        return show_devices(v, words + (*words != NULL), false);
    if (strcmp(*words, "set") != 0 && !is_short_for(*words, "add") &&
        !is_short_for(*words, "delete"))
        proc_die(v->p, "invalid argument '%s' to 'ip'", *words);
    if (strcmp(*words, "set") != 0)
        return 0;
    const char *name = link_words(v->p, words + 1);
    if (!name)
        proc_die(v->p, "\"dev\" requires an argument");
    return change(v, name, "SIOCGIFFLAGS");
}

static const char *source_of(struct proc *p, const char *interface)
{
    const struct machine *m = proc_machine(p);
    for (size_t i = 0; i < m->n_interfaces; i++) {
        if (strcmp(m->interfaces[i].name, interface) == 0)
            return m->interfaces[i].address;
    }
    return "";
}

static void show_route(const struct view *v, const struct machine_route *r)
{
    bool gateway = strchr(r->flags, 'G') != NULL;
    unsigned prefix = prefix_of(r->mask);
    if (prefix == 0)
        out_text(v->p, "default ");
    else if (prefix == 32)
        out_print(v->p, "%s ", r->destination);
    else
        out_print(v->p, "%s/%u ", r->destination, prefix);
    if (gateway)
        out_print(v->p, "via %s ", r->gateway);
    out_print(v->p, "dev %s ", r->interface);
    if (!gateway) {
        const char *source = source_of(v->p, r->interface);
        out_print(v->p, *source ? "scope link  src %s " : "scope link %s", source);
    }
    if (r->metric)
        out_print(v->p, " metric %u ", r->metric);
    out_char(v->p, '\n');
}

static int do_route(const struct view *v, char **words)
{
    static const char *const verbs[] = { "add",    "append", "change", "replace",
                                         "delete", "flush",  "test" };
    const struct machine *m = proc_machine(v->p);
    if (is_show(*words) || is_short_for(*words, "get")) {
        for (size_t i = 0; !v->six && i < m->n_routes; i++)
            show_route(v, &m->routes[i]);
        return 0;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (is_short_for(*words, verbs[i])) {
            const char *name = value_of(words, "dev");
            proc_fails_with(v->p, FAILED);
            if (!name && !value_of(words, "via") && i < 2)
                proc_die_errno(v->p, ENODEV, "RTNETLINK answers");
            return name ? change(v, name, NULL) : 0;
        }
    }
    proc_die(v->p, "invalid argument '%s' to 'ip'", *words);
}

static int do_neighbour(const struct view *v, char **words)
{
    char *data, *rest;
    size_t n;
    if (!is_show(*words) && !is_short_for(*words, "flush"))
        proc_die(v->p, "invalid argument '%s' to 'ip'", *words);
    if (!is_show(*words) || proc_read_file(v->p, "/proc/net/arp", 1 << 16, &data, &n) != 0)
        return 0;
    for (char *line = strchr(data, '\n'), *next; line; line = next) {
        next = strchr(++line, '\n');
        if (next)
            *next = '\0';
        char *field[6];
        size_t i = 0;
        for (; i < 6; i++) {
            field[i] = strtok_r(i ? NULL : line, " ", &rest);
            if (!field[i])
                break;
        }
        if (i == 6 && strcmp(field[2], "0x0") != 0)
            out_print(v->p, "%s dev %s lladdr %s REACHABLE\n", field[0], field[5], field[3]);
    }
    return 0;
}

static int do_rule(const struct view *v, char **words)
{
    if (!is_show(*words) && !is_short_for(*words, "add") && !is_short_for(*words, "delete"))
        proc_die(v->p, "invalid argument '%s' to 'ip'", *words);
    if (is_show(*words))
        out_text(v->p, "0:\tfrom all lookup local \n32766:\tfrom all lookup main \n32767:\tfrom "
                       "all lookup default \n");
    return 0;
}

static int do_tunnel(const struct view *v, char **words)
{
    (void)v, (void)words;
    return 0;
}

static const struct {
    const char *name;
    int (*run)(const struct view *v, char **words);
} objects[] = {
    { "address", do_address }, { "route", do_route },         { "link", do_link },
    { "tunnel", do_tunnel },   { "tunl", do_tunnel },         { "rule", do_rule },
    { "neigh", do_neighbour }, { "neighbour", do_neighbour },
};

static int run(const struct view *v, char **words)
{
    for (size_t i = 0; *words && i < sizeof objects / sizeof objects[0]; i++) {
        if (is_short_for(*words, objects[i].name))
            return objects[i].run(v, words + 1);
    }
    proc_usage(v->p);
}

static int ip_once(struct proc *p, int argc, char **argv)
{
    struct view v = { .p = p };
    (void)argc;
    for (argv++; *argv && **argv == '-'; argv++) {
        const char *word = *argv + 1 + ((*argv)[1] == '-');
        if (strcmp(word, "4") == 0)
            v.four = true;
        else if (strcmp(word, "6") == 0)
            v.six = true;
        else if (is_short_for(word, "oneline"))
            v.line = true;
        else if (is_short_for(word, "family") && argv[1])
            v.six = strcmp(*++argv, "inet6") == 0;
        else if (strcmp(word, "0") != 0)
            proc_usage(p);
    }
    return run(&v, argv);
}

const struct applet applet_ip = { .name = "ip", .once = ip_once };
