#include "shell/applets/ip.h"

#include <string.h>

/* What follows "add" and "delete" of an address. */
struct address {
    const char *device, *label, *broadcast, *local;
    unsigned prefix;
};

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

static void show_address(const struct ip_view *v, size_t index, size_t at)
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

void ip_show_addresses(const struct ip_view *v, size_t index, const char *device)
{
    const struct machine_interface *x;
    for (size_t i = 0; (x = proc_interface(v->p, i)); i++) {
        if (strcmp(links_base(v->p, x->name), device) == 0)
            show_address(v, index, i);
    }
}

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
    if (a.local && !ip_read_prefix(p, a.local, &a.local, &a.prefix))
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
    ip_must_change(p, a.device, NULL);
    if (strcmp(verb, "flush") == 0) {
        flush_addresses(p, a.device);
        return 0;
    }
    if (!a.local)
        ip_refuse(p, strcmp(verb, "delete") == 0 ? EADDRNOTAVAIL : EOPNOTSUPP);
    bool there = find_address(p, &a, &at);
    if (strcmp(verb, "delete") == 0 && !there)
        ip_refuse(p, EADDRNOTAVAIL);
    if (strcmp(verb, "delete") == 0)
        links_drop(p, at);
    else if (!there)
        add_address(p, &a);
    else if (strcmp(verb, "add") == 0)
        ip_refuse(p, EEXIST);
    return 0;
}

int ip_address(const struct ip_view *v, char **words)
{
    static const char *const verbs[] = { "add", "change", "replace", "delete", "flush" };
    if (ip_is_show(*words))
        return ip_show_devices(v, words + (*words != NULL), true);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (ip_is_short_for(*words, verbs[i]))
            return change_address(v->p, verbs[i], words + 1);
    }
    ip_bad_word(v->p, *words);
}
