#include "shell/applets/links.h"

#include <string.h>

static uint32_t number(const char *s)
{
    uint32_t v;
    return network_address(s, &v) ? v : 0;
}

static const char *dotted(struct proc *p, uint32_t v)
{
    return memory_print(proc_memory(p), "%u.%u.%u.%u", v >> 24, v >> 16 & 255, v >> 8 & 255,
                        v & 255);
}

const struct machine_interface *links_find(struct proc *p, const char *name, size_t *ret_i)
{
    const struct machine_interface *x;
    for (size_t i = 0; (x = proc_interface(p, i)); i++) {
        if (strcmp(x->name, name) != 0)
            continue;
        if (ret_i)
            *ret_i = i;
        return x;
    }
    return NULL;
}

const char *links_base(struct proc *p, const char *name)
{
    return memory_bytes(proc_memory(p), name, strcspn(name, ":"));
}

unsigned links_prefix(const char *mask)
{
    uint32_t v;
    return network_address(mask, &v) ? (unsigned)__builtin_popcount(v) : 32;
}

const char *links_mask(struct proc *p, unsigned prefix)
{
    return dotted(p, prefix ? UINT32_MAX << (32 - prefix) : 0);
}

const char *links_class_mask(struct proc *p, const char *address)
{
    uint32_t v = number(address);
    return links_mask(p, v >> 31 == 0 ? 8 : v >> 30 == 2 ? 16 : 24);
}

const char *links_broadcast(struct proc *p, const char *address, const char *mask)
{
    return links_prefix(mask) < 31 ? dotted(p, number(address) | ~number(mask)) : "";
}

void links_put(struct proc *p, size_t i, const struct machine_interface *x)
{
    int e = proc_set_interface(p, i, x);
    if (e)
        proc_die_errno(p, e, "SIOCSIFADDR");
}

/* ---- Flags ---- */

static const char *const flag_names[] = { "UP",          "BROADCAST",  "DEBUG",   "LOOPBACK",
                                          "POINTOPOINT", "NOTRAILERS", "RUNNING", "NOARP",
                                          "PROMISC",     "ALLMULTI",   "SLAVE",   "MASTER",
                                          "MULTICAST",   "DYNAMIC" };

static bool has_word(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += n) {
        if ((at == words || at[-1] == ' ') && (!at[n] || at[n] == ' '))
            return true;
    }
    return false;
}

bool links_has(const struct machine_interface *x, const char *flag)
{
    return has_word(x->flags, flag);
}

void links_flags(struct proc *p, size_t i, const char *set, const char *clear)
{
    struct machine_interface x = *proc_interface(p, i);
    struct text t = text_of(proc_memory(p));
    for (size_t k = 0; k < sizeof flag_names / sizeof flag_names[0]; k++) {
        const char *name = flag_names[k];
        if ((has_word(x.flags, name) && !has_word(clear, name)) || has_word(set, name))
            text_print(&t, "%s%s", t.len ? " " : "", name);
    }
    x.flags = t.data ? t.data : "";
    links_put(p, i, &x);
}

/* ---- Routes to what an interface's own address is in ---- */

static bool is_of(struct proc *p, const struct machine_interface *x, const char *base)
{
    return strcmp(links_base(p, x->name), base) == 0;
}

/* False: there is none, as of the loopback. */
static bool connected(struct proc *p, const struct machine_interface *x, struct machine_route *ret)
{
    if (!*x->address || links_has(x, "LOOPBACK") || links_prefix(x->mask) == 32)
        return false;
    const char *net = dotted(p, number(x->address) & number(x->mask));
    *ret = (struct machine_route){ net, "0.0.0.0", x->mask, "U", links_base(p, x->name), 0 };
    return true;
}

static bool same(const struct machine_route *a, const struct machine_route *wanted)
{
    return number(a->destination) == number(wanted->destination) &&
           (!wanted->mask || number(a->mask) == number(wanted->mask)) &&
           (!wanted->gateway || number(a->gateway) == number(wanted->gateway)) &&
           (!wanted->interface || strcmp(a->interface, wanted->interface) == 0);
}

static bool find_route(struct proc *p, const struct machine_route *wanted, size_t *ret)
{
    const struct machine_route *r;
    for (*ret = 0; (r = proc_route(p, *ret)); ++*ret) {
        if (same(r, wanted))
            return true;
    }
    return false;
}

static void connect(struct proc *p, const struct machine_interface *x)
{
    struct machine_route r;
    size_t at;
    if (!links_has(x, "UP") || !connected(p, x, &r) || find_route(p, &r, &at))
        return;
    int e = proc_add_route(p, &r);
    if (e)
        proc_die_errno(p, e, "SIOCSIFADDR");
}

/* An address goes; another in the same network keeps the route. */
static void disconnect(struct proc *p, size_t i)
{
    const struct machine_interface *x = proc_interface(p, i), *other;
    struct machine_route r, of_other;
    size_t at;
    if (!connected(p, x, &r))
        return;
    for (size_t k = 0; (other = proc_interface(p, k)); k++) {
        if (k != i && connected(p, other, &of_other) && same(&of_other, &r))
            return;
    }
    if (find_route(p, &r, &at))
        proc_drop_route(p, at);
}

void links_up(struct proc *p, const char *name)
{
    const struct machine_interface *x;
    const char *base = links_base(p, name);
    for (size_t i = 0; (x = proc_interface(p, i)); i++) {
        if (!is_of(p, x, base))
            continue;
        links_flags(p, i, "UP RUNNING", "");
        connect(p, proc_interface(p, i));
    }
}

static void drop_routes(struct proc *p, const char *interface)
{
    const struct machine_route *r;
    for (size_t i = 0; (r = proc_route(p, i));) {
        if (strcmp(r->interface, interface) == 0)
            proc_drop_route(p, i);
        else
            i++;
    }
}

void links_down(struct proc *p, const char *name)
{
    const struct machine_interface *x;
    const char *base = links_base(p, name);
    size_t at;
    if (strchr(name, ':')) {
        if (links_find(p, name, &at))
            links_drop(p, at);
        return;
    }
    for (size_t i = 0; (x = proc_interface(p, i)); i++) {
        if (is_of(p, x, base))
            links_flags(p, i, "", "UP RUNNING");
    }
    drop_routes(p, base);
}

void links_address(struct proc *p, size_t i, const char *address, const char *mask,
                   const char *broadcast)
{
    disconnect(p, i);
    struct machine_interface x = *proc_interface(p, i);
    x.address = address;
    x.mask = mask;
    x.broadcast = broadcast;
    links_put(p, i, &x);
    connect(p, proc_interface(p, i));
}

void links_drop(struct proc *p, size_t i)
{
    if (!proc_interface_is_further(p, i)) {
        links_address(p, i, "", "", "");
        return;
    }
    disconnect(p, i);
    links_put(p, i, NULL);
}

/* ---- Routes ---- */

/* The interface whose network a gateway is in, or NULL. */
static const char *way_to(struct proc *p, const char *gateway, const char *interface)
{
    const struct machine_route *r;
    for (size_t i = 0; (r = proc_route(p, i)); i++) {
        uint32_t mask = number(r->mask);
        if (!strchr(r->flags, 'G') && mask && (number(gateway) & mask) == number(r->destination) &&
            (!interface || strcmp(interface, r->interface) == 0))
            return r->interface;
    }
    return NULL;
}

int links_add_route(struct proc *p, const struct machine_route *r, bool alone)
{
    struct machine_route new = *r;
    const struct machine_route *other;
    size_t at;
    const struct machine_interface *x = new.interface ? links_find(p, new.interface, NULL) : NULL;
    bool through = new.gateway &&number(new.gateway);
    if (new.interface && !x)
        return -ENODEV;
    if (x && !links_has(x, "UP"))
        return -ENETDOWN;
    if (!through && !x)
        return -ENODEV;
    if (through)
        new.interface = way_to(p, new.gateway, new.interface);
    if (!new.interface)
        return -ENETUNREACH;
    bool host = links_prefix(new.mask) == 32;
    new.gateway = through ? new.gateway : "0.0.0.0";
    new.flags = through ? (host ? "UGH" : "UG") : host ? "UH" : "U";
    struct machine_route wanted = new;
    if (alone)
        wanted.gateway = wanted.interface = NULL;
    for (at = 0; (other = proc_route(p, at)); at++) {
        if (same(other, &wanted) && other->metric == new.metric)
            return -EEXIST;
    }
    return proc_add_route(p, &new);
}

int links_drop_route(struct proc *p, const struct machine_route *r)
{
    size_t at;
    if (!find_route(p, r, &at))
        return -ESRCH;
    proc_drop_route(p, at);
    return 0;
}
