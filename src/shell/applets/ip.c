#include "shell/applets/links.h"
#include "shell/options.h"

#include <stdlib.h>
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

/* Ends the process where there is none of the name. */
static const struct machine_interface *device(struct proc *p, const char *name)
{
    const struct machine_interface *x = links_find(p, name, NULL);
    if (x)
        return x;
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

static void show_link(const struct view *v, size_t index, const struct machine_interface *x)
{
    static const char *const flags[] = { "LOOPBACK", "BROADCAST", "POINTOPOINT", "MULTICAST",
                                         "NOARP",    "PROMISC",   "UP" };
    bool first = true, up = links_has(x, "UP");
    out_print(v->p, "%zu: %s: <", index, x->name);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (!links_has(x, flags[i]))
            continue;
        out_print(v->p, "%s%s", first ? "" : ",", flags[i]);
        first = false;
    }
    out_print(v->p, "%s> mtu %u qdisc %s ", links_has(x, "RUNNING") ? ",LOWER_UP" : "", x->mtu,
              !up                                     ? "noop"
              : x->queue && !links_has(x, "LOOPBACK") ? "pfifo_fast"
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
    bool loop = links_has(x, "LOOPBACK");
    if (loop)
        out_text(v->p, "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n");
    else if (*x->hardware)
        out_print(v->p, "    link/ether %s brd ff:ff:ff:ff:ff:ff\n", lower_case(v->p, x->hardware));
    else
        out_text(v->p, "    link/ppp\n");
}

/* In the network of an address that came before it. */
static bool is_secondary(struct proc *p, size_t at)
{
    const struct machine_interface *x = proc_interface(p, at), *y;
    uint32_t mine, other, mask;
    if (!network_address(x->address, &mine) || !network_address(x->mask, &mask))
        return false;
    for (size_t i = 0; i < at && (y = proc_interface(p, i)); i++) {
        if (strcmp(links_base(p, y->name), links_base(p, x->name)) == 0 &&
            strcmp(y->mask, x->mask) == 0 && network_address(y->address, &other) &&
            (mine & mask) == (other & mask))
            return true;
    }
    return false;
}

static void show_address(const struct view *v, size_t index, size_t at)
{
    const struct machine_interface *x = proc_interface(v->p, at);
    if (!*x->address || v->six)
        return;
    if (v->line)
        out_print(v->p, "%zu: %s ", index, links_base(v->p, x->name));
    bool peer = links_has(x, "POINTOPOINT") && *x->broadcast;
    out_print(v->p, "   %sinet %s%s%s/%u ", v->line ? "" : " ", x->address, peer ? " peer " : "",
              peer ? x->broadcast : "", links_prefix(x->mask));
    if (*x->broadcast && !peer)
        out_print(v->p, "brd %s ", x->broadcast);
    out_print(v->p, "scope %s %s%s%s       valid_lft forever preferred_lft forever\n",
              strncmp(x->address, "127.", 4) == 0 ? "host" : "global",
              is_secondary(v->p, at) ? "secondary " : "", x->name, v->line ? "\\" : "\n");
}

static void show_addresses(const struct view *v, size_t index, const char *device)
{
    const struct machine_interface *x;
    for (size_t i = 0; (x = proc_interface(v->p, i)); i++) {
        if (strcmp(links_base(v->p, x->name), device) == 0)
            show_address(v, index, i);
    }
}

static int show_devices(const struct view *v, char **words, bool addresses)
{
    const struct machine_interface *x;
    const char *name = value_of(words, "dev");
    if (!name && *words && strcmp(*words, "up") != 0 && strcmp(*words, "to") != 0 &&
        strcmp(*words, "label") != 0)
        name = *words;
    if (name)
        device(v->p, name);
    for (size_t i = 0, index = 0; (x = proc_interface(v->p, i)); i++) {
        if (proc_interface_is_further(v->p, i) || (++index && name && strcmp(name, x->name) != 0))
            continue;
        if (!addresses || !v->line)
            show_link(v, index, x);
        if (!addresses || (!v->line && !v->four && !v->six))
            show_hardware(v, x);
        if (addresses)
            show_addresses(v, index, x->name);
    }
    return 0;
}

static void __attribute__((noreturn)) refuse(struct proc *p, int e)
{
    proc_die_errno(p, e, "RTNETLINK answers");
}

/* For a change of what is there: `call` is what fails where it is not, NULL the search for it. */
static void must_change(struct proc *p, const char *name, const char *call)
{
    proc_fails_with(p, call ? 1 : FAILED);
    if (call && !links_find(p, name, NULL))
        proc_die_errno(p, ENODEV, "%s", call);
    if (!call)
        device(p, name);
    proc_fails_with(p, FAILED);
    if (proc_uid(p) != 0)
        refuse(p, EPERM);
}

/* "192.0.2.0/24", "default": false where it is neither. A host has a prefix of 32. */
static bool read_prefix(struct proc *p, const char *word, const char **ret_address,
                        unsigned *ret_prefix)
{
    uint32_t v;
    const char *slash = strchr(word, '/');
    *ret_address = memory_bytes(proc_memory(p), word, strcspn(word, "/"));
    *ret_prefix = 32;
    if (strcmp(word, "default") == 0 || strcmp(word, "any") == 0 || strcmp(word, "all") == 0) {
        *ret_address = "0.0.0.0";
        *ret_prefix = 0;
        return true;
    }
    if (slash) {
        char *end;
        unsigned long n = slash[1] >= '0' && slash[1] <= '9' ? strtoul(slash + 1, &end, 10) : 33;
        if (n > 32 || *end)
            return false;
        *ret_prefix = (unsigned)n;
    }
    return network_address(*ret_address, &v);
}

static bool is_show(const char *word)
{
    return !word || is_short_for(word, "show") || is_short_for(word, "list") ||
           strcmp(word, "lst") == 0;
}

/* What follows "add" and "delete" of an address. */
struct address {
    const char *device, *label, *broadcast, *local;
    unsigned prefix;
};

static struct address read_address(struct proc *p, char **words)
{
    struct address a = { .prefix = 32 };
    for (; *words; words++) {
        const char **to = strcmp(*words, "dev") == 0     ? &a.device
                          : strcmp(*words, "label") == 0 ? &a.label
                          : strcmp(*words, "brd") == 0 || strcmp(*words, "broadcast") == 0
                              ? &a.broadcast
                          : strcmp(*words, "local") == 0 ? &a.local
                                                         : NULL;
        if (to && !words[1])
            proc_die(p, "\"%s\" requires an argument", *words);
        if (to)
            *to = *++words;
        else
            a.local = *words;
    }
    if (!a.device)
        proc_die(p, "need \"dev IFACE\"");
    if (a.local && !read_prefix(p, a.local, &a.local, &a.prefix))
        proc_die(p, "an inet prefix is expected rather than \"%s\"", a.local);
    return a;
}

static bool find_address(struct proc *p, const struct address *a, size_t *ret)
{
    const struct machine_interface *x;
    for (*ret = 0; (x = proc_interface(p, *ret)); ++*ret) {
        if (strcmp(links_base(p, x->name), a->device) == 0 && strcmp(x->address, a->local) == 0 &&
            links_prefix(x->mask) == a->prefix)
            return true;
    }
    return false;
}

/* The first address of an interface has its place; others come behind. */
static void add_address(struct proc *p, const struct address *a)
{
    size_t at;
    struct machine_interface x = *links_find(p, a->device, &at);
    const char *mask = links_mask(p, a->prefix);
    const char *broadcast = !a->broadcast                    ? ""
                            : strcmp(a->broadcast, "+") == 0 ? links_broadcast(p, a->local, mask)
                                                             : a->broadcast;
    if (*x.address || (a->label && strchr(a->label, ':'))) {
        x.name = a->label ? a->label : a->device;
        x.address = x.mask = x.broadcast = "";
        links_put(p, SIZE_MAX, &x);
        for (at = 0; proc_interface(p, at + 1);)
            at++;
    }
    links_address(p, at, a->local, mask, broadcast);
}

static void flush_addresses(struct proc *p, const char *name)
{
    const struct machine_interface *x;
    size_t i = 0;
    while (proc_interface(p, i))
        i++;
    while (i-- > 0) {
        x = proc_interface(p, i);
        if (*x->address && strcmp(links_base(p, x->name), name) == 0)
            links_drop(p, i);
    }
}

static int change_address(struct proc *p, const char *verb, char **words)
{
    size_t at;
    if (strcmp(verb, "flush") == 0 && !*words)
        proc_die(p, "flush requires an argument");
    struct address a = read_address(p, words);
    must_change(p, a.device, NULL);
    if (strcmp(verb, "flush") == 0) {
        flush_addresses(p, a.device);
        return 0;
    }
    if (!a.local)
        refuse(p, strcmp(verb, "delete") == 0 ? EADDRNOTAVAIL : EOPNOTSUPP);
    bool there = find_address(p, &a, &at);
    if (strcmp(verb, "delete") == 0 && !there)
        refuse(p, EADDRNOTAVAIL);
    if (strcmp(verb, "delete") == 0)
        links_drop(p, at);
    else if (!there)
        add_address(p, &a);
    else if (strcmp(verb, "add") == 0)
        refuse(p, EEXIST);
    return 0;
}

static int do_address(const struct view *v, char **words)
{
    static const char *const verbs[] = { "add", "change", "replace", "delete", "flush" };
    if (is_show(*words))
        return show_devices(v, words + (*words != NULL), true);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (is_short_for(*words, verbs[i]))
            return change_address(v->p, verbs[i], words + 1);
    }
    proc_die(v->p, "invalid argument '%s' to 'ip'", *words);
}

static bool is_valued(const char *word)
{
    static const char *const valued[] = { "mtu",       "name",         "qlen",    "txqueuelen",
                                          "address",   "master",       "netns",   "arp",
                                          "multicast", "allmulticast", "promisc", "addr" };
    for (size_t i = 0; i < sizeof valued / sizeof valued[0]; i++) {
        if (strcmp(valued[i], word) == 0)
            return true;
    }
    return false;
}

/* What follows "set": the device among settings, some of which have a value. */
static const char *link_words(struct proc *p, char **words)
{
    static const char *const plain[] = { "up", "down", "nomaster" };
    const char *name = NULL;
    for (; *words; words++) {
        bool known = false, has_value = is_valued(*words);
        for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
            known |= strcmp(plain[i], *words) == 0;
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

static void rename_link(struct proc *p, const char *name, const char *to)
{
    size_t at;
    struct machine_interface x = *links_find(p, name, &at);
    if (links_has(&x, "UP"))
        proc_die_errno(p, EBUSY, "SIOCSIFNAME");
    if (links_find(p, to, NULL))
        proc_die_errno(p, EEXIST, "SIOCSIFNAME");
    x.name = to;
    links_put(p, at, &x);
}

static void switch_flag(struct proc *p, size_t at, const char *flag, bool on)
{
    links_flags(p, at, on ? flag : "", on ? "" : flag);
}

static void set_number(struct proc *p, size_t at, const char *key, const char *value)
{
    struct machine_interface x = *proc_interface(p, at);
    unsigned long n = strtoul(value, NULL, 0);
    bool mtu = strcmp(key, "mtu") == 0;
    if (mtu && (n < 68 || n > 65536))
        proc_die_errno(p, EINVAL, "SIOCSIFMTU");
    *(mtu ? &x.mtu : &x.queue) = (uint32_t)(n & INT32_MAX);
    links_put(p, at, &x);
}

/* A setting with a value; "name" waits until all others are done. */
static void set_value(struct proc *p, const char *name, const char *key, const char *value)
{
    static const struct {
        const char *key, *flag;
        bool against;
    } flags[] = { { "arp", "NOARP", true },
                  { "multicast", "MULTICAST", false },
                  { "allmulticast", "ALLMULTI", false },
                  { "promisc", "PROMISC", false } };
    size_t at;
    struct machine_interface x = *links_find(p, name, &at);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strcmp(flags[i].key, key) == 0)
            switch_flag(p, at, flags[i].flag, (strcmp(value, "on") == 0) != flags[i].against);
    }
    if (strcmp(key, "mtu") == 0 || strcmp(key, "qlen") == 0 || strcmp(key, "txqueuelen") == 0)
        set_number(p, at, key, value);
    if (strncmp(key, "addr", 4) == 0) {
        x.hardware = value;
        links_put(p, at, &x);
    }
}

static int set_link(struct proc *p, char **words)
{
    const char *name = link_words(p, words), *to = NULL;
    if (!name)
        proc_die(p, "\"dev\" requires an argument");
    must_change(p, name, "SIOCGIFFLAGS");
    for (; *words; words++) {
        if (strcmp(*words, "up") == 0)
            links_up(p, name);
        else if (strcmp(*words, "down") == 0)
            links_down(p, name);
        else if (is_valued(*words) && strcmp(*words, "name") == 0)
            to = words[1];
        else if (is_valued(*words))
            set_value(p, name, *words, words[1]);
        words += is_valued(*words);
    }
    if (to)
        rename_link(p, name, to);
    return 0;
}

static int do_link(const struct view *v, char **words)
{
    proc_fails_with(v->p, FAILED);
    if (is_show(*words))
        return show_devices(v, words + (*words != NULL), false);
    if (strcmp(*words, "set") == 0)
        return set_link(v->p, words + 1);
    if (!is_short_for(*words, "add") && !is_short_for(*words, "delete"))
        proc_die(v->p, "invalid argument '%s' to 'ip'", *words);
    return 0;
}

/* The address that the interface has in this very network; a route that was added tells none. */
static const char *source_of(struct proc *p, const struct machine_route *r)
{
    const struct machine_interface *x;
    uint32_t at, mask, net;
    for (size_t i = 0; (x = proc_interface(p, i)); i++) {
        if (strcmp(links_base(p, x->name), r->interface) == 0 && strcmp(x->mask, r->mask) == 0 &&
            network_address(x->address, &at) && network_address(x->mask, &mask) &&
            network_address(r->destination, &net) && (at & mask) == net)
            return x->address;
    }
    return "";
}

static void show_route(const struct view *v, const struct machine_route *r)
{
    bool gateway = strchr(r->flags, 'G') != NULL;
    unsigned prefix = links_prefix(r->mask);
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
        const char *source = source_of(v->p, r);
        out_print(v->p, *source ? "scope link  src %s " : "scope link %s", source);
    }
    if (r->metric)
        out_print(v->p, " metric %u ", r->metric);
    out_char(v->p, '\n');
}

static struct machine_route read_route(struct proc *p, char **words)
{
    struct machine_route r = { .interface = value_of(words, "dev"),
                               .gateway = value_of(words, "via") };
    const char *metric = value_of(words, "metric"), *to = NULL;
    unsigned prefix = 32;
    for (; *words; words++) {
        if (strcmp(*words, "to") == 0 && words[1])
            to = *++words;
        else if (!to && words[0][strspn(words[0], "0123456789./")] &&
                 strcmp(*words, "default") != 0)
            words += words[1] != NULL;
        else
            to = to ? to : *words;
    }
    r.metric = metric ? (uint32_t)strtoul(metric, NULL, 0) : 0;
    r.destination = "0.0.0.0";
    if (to && !read_prefix(p, to, &r.destination, &prefix))
        proc_die(p, "an inet prefix is expected rather than \"%s\"", to);
    r.mask = links_mask(p, to ? prefix : 0);
    return r;
}

static void flush_routes(struct proc *p, const struct machine_route *r, bool all)
{
    const struct machine_route *x;
    for (size_t i = 0; (x = proc_route(p, i));) {
        bool named = strcmp(x->destination, r->destination) == 0 && strcmp(x->mask, r->mask) == 0;
        if ((all || named) && (!r->interface || strcmp(x->interface, r->interface) == 0))
            proc_drop_route(p, i);
        else
            i++;
    }
}

static int change_route(struct proc *p, const char *verb, char **words)
{
    uint32_t at, mask;
    struct machine_route r = read_route(p, words),
                         there = { r.destination, NULL, r.mask, "", NULL, 0 };
    proc_fails_with(p, FAILED);
    if (r.interface)
        device(p, r.interface);
    if (proc_uid(p) != 0)
        refuse(p, EPERM);
    if (network_address(r.destination, &at) && network_address(r.mask, &mask) && at & ~mask)
        refuse(p, EINVAL);
    int e = 0;
    if (strcmp(verb, "flush") == 0) {
        flush_routes(p, &r,
                     *words && (!strcmp(*words, "dev") || !strcmp(*words, "table") ||
                                !strcmp(*words, "cache")));
    } else if (strcmp(verb, "delete") == 0) {
        e = links_drop_route(p, &r);
    } else {
        if (strcmp(verb, "change") == 0 || strcmp(verb, "replace") == 0)
            e = links_drop_route(p, &there);
        if (e && strcmp(verb, "change") == 0)
            refuse(p, ENOENT);
        e = links_add_route(p, &r, strcmp(verb, "add") == 0);
    }
    if (e)
        refuse(p, e);
    return 0;
}

static int do_route(const struct view *v, char **words)
{
    static const char *const verbs[] = { "add", "append", "change", "replace", "delete", "flush" };
    const struct machine_route *r;
    if (is_show(*words) || is_short_for(*words, "get")) {
        for (size_t i = 0; !v->six && (r = proc_route(v->p, i)); i++)
            show_route(v, r);
        return 0;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (is_short_for(*words, verbs[i]))
            return change_route(v->p, verbs[i], words + 1);
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
