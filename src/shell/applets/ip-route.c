#include "shell/applets/ip.h"

#include <stdlib.h>
#include <string.h>

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

static void show_route(const struct ip_view *v, const struct machine_route *r)
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
    struct machine_route r = { .interface = ip_value_of(words, "dev"),
                               .gateway = ip_value_of(words, "via") };
    const char *metric = ip_value_of(words, "metric"), *to = NULL;
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
    if (to && !ip_read_prefix(p, to, &r.destination, &prefix))
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
    proc_fails_with(p, IP_FAILED);
    if (r.interface)
        ip_device(p, r.interface);
    if (proc_uid(p) != 0)
        ip_refuse(p, EPERM);
    if (network_address(r.destination, &at) && network_address(r.mask, &mask) && at & ~mask)
        ip_refuse(p, EINVAL);
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
            ip_refuse(p, ENOENT);
        e = links_add_route(p, &r, strcmp(verb, "add") == 0);
    }
    if (e)
        ip_refuse(p, e);
    return 0;
}

int ip_route(const struct ip_view *v, char **words)
{
    static const char *const verbs[] = { "add", "append", "change", "replace", "delete", "flush" };
    const struct machine_route *r;
    if (ip_is_show(*words) || ip_is_short_for(*words, "get")) {
        for (size_t i = 0; !v->six && (r = proc_route(v->p, i)); i++)
            show_route(v, r);
        return 0;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (ip_is_short_for(*words, verbs[i]))
            return change_route(v->p, verbs[i], words + 1);
    }
    ip_bad_word(v->p, *words);
}
