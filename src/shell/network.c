#include "shell/network.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MOST = 128 };

bool network_address(const char *s, uint32_t *ret)
{
    *ret = 0;
    for (int i = 0; i < 4; i++) {
        char *end;
        unsigned long v = *s >= '0' && *s <= '9' ? strtoul(s, &end, 10) : 256;
        if (v > 255 || *end != (i < 3 ? '.' : '\0'))
            return false;
        *ret = *ret << 8 | (uint32_t)v;
        s = end + 1;
    }
    return true;
}

/* ---- Copies: one block each, its words behind it ---- */

static size_t size_of(const char *const *words, size_t n)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++)
        size += strnlen(words[i], WORD_MOST) + 1;
    return size;
}

static void put_words(char *at, const char **words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strnlen(words[i], WORD_MOST);
        memcpy(at, words[i], len);
        at[len] = '\0';
        words[i] = at;
        at += len + 1;
    }
}

static struct machine_interface *copy_interface(struct memory *m, const struct machine_interface *x)
{
    const char *words[] = { x->name, x->address, x->broadcast, x->mask, x->hardware, x->flags };
    enum { N = sizeof words / sizeof words[0] };
    struct machine_interface *copy = memory_take(m, sizeof *copy + size_of(words, N));
    put_words((char *)(copy + 1), words, N);
    *copy = *x;
    copy->name = words[0];
    copy->address = words[1];
    copy->broadcast = words[2];
    copy->mask = words[3];
    copy->hardware = words[4];
    copy->flags = words[5];
    return copy;
}

static struct machine_route *copy_route(struct memory *m, const struct machine_route *r)
{
    const char *words[] = { r->destination, r->gateway, r->mask, r->flags, r->interface };
    enum { N = sizeof words / sizeof words[0] };
    struct machine_route *copy = memory_take(m, sizeof *copy + size_of(words, N));
    put_words((char *)(copy + 1), words, N);
    *copy = (struct machine_route){ words[0], words[1], words[2], words[3], words[4], r->metric };
    return copy;
}

struct network *network_make(struct memory *m, const struct machine *machine)
{
    struct network *n = memory_take(m, sizeof *n);
    n->memory = m;
    for (size_t i = 0; i < machine->n_interfaces && i < NETWORK_MOST; i++)
        n->interfaces[n->n_interfaces++] = copy_interface(m, &machine->interfaces[i]);
    for (size_t i = 0; i < machine->n_routes && i < NETWORK_MOST; i++)
        n->routes[n->n_routes++] = copy_route(m, &machine->routes[i]);
    return n;
}

const struct machine_interface *network_interface(const struct machine *machine,
                                                  const struct network *n, size_t i)
{
    if (n)
        return i < n->n_interfaces ? n->interfaces[i] : NULL;
    return i < machine->n_interfaces ? &machine->interfaces[i] : NULL;
}

const struct machine_route *network_route(const struct machine *machine, const struct network *n,
                                          size_t i)
{
    if (n)
        return i < n->n_routes ? n->routes[i] : NULL;
    return i < machine->n_routes ? &machine->routes[i] : NULL;
}

bool network_is_further(const struct machine *machine, const struct network *n, size_t i)
{
    const struct machine_interface *x = network_interface(machine, n, i);
    if (!x || strchr(x->name, ':'))
        return x != NULL;
    for (size_t k = 0; k < i; k++) {
        if (strcmp(network_interface(machine, n, k)->name, x->name) == 0)
            return true;
    }
    return false;
}

/* ---- Changes ---- */

int network_set(struct network *n, size_t i, const struct machine_interface *x)
{
    if (x && i >= n->n_interfaces && n->n_interfaces == NETWORK_MOST)
        return -ENOBUFS;
    struct machine_interface *old = i < n->n_interfaces ? n->interfaces[i] : NULL;
    if (x) {
        struct machine_interface *copy = copy_interface(n->memory, x);
        if (!old)
            i = n->n_interfaces++;
        n->interfaces[i] = copy;
    } else if (old) {
        memmove(&n->interfaces[i], &n->interfaces[i + 1],
                (--n->n_interfaces - i) * sizeof(struct machine_interface *));
    }
    memory_give(n->memory, old);
    return 0;
}

static uint32_t number(const char *s)
{
    uint32_t v;
    return network_address(s, &v) ? v : 0;
}

static bool is_default(const struct machine_route *r)
{
    return number(r->destination) == 0 && number(r->mask) == 0;
}

/* Ascending by destination, the narrower first, and the newest before its like. Older kernels have
 * the default at the end, and so has a device that shows it there. */
static size_t place_of(const struct network *n, const struct machine_route *r)
{
    bool ends = n->n_routes > 1 && is_default(n->routes[n->n_routes - 1]);
    size_t most = n->n_routes - ends, i = 0;
    if (is_default(r) && ends)
        return n->n_routes;
    for (; i < most; i++) {
        const struct machine_route *x = n->routes[i];
        uint32_t at = number(x->destination), new = number(r->destination);
        if (at > new ||
            (at == new && (number(x->mask) < number(r->mask) ||
                           (number(x->mask) == number(r->mask) && x->metric >= r->metric))))
            break;
    }
    return i;
}

int network_add_route(struct network *n, const struct machine_route *r)
{
    if (n->n_routes == NETWORK_MOST)
        return -ENOBUFS;
    struct machine_route *copy = copy_route(n->memory, r);
    size_t at = place_of(n, r);
    memmove(&n->routes[at + 1], &n->routes[at],
            (n->n_routes - at) * sizeof(struct machine_route *));
    n->routes[at] = copy;
    n->n_routes++;
    return 0;
}

void network_drop_route(struct network *n, size_t i)
{
    if (i >= n->n_routes)
        return;
    memory_give(n->memory, n->routes[i]);
    memmove(&n->routes[i], &n->routes[i + 1], (--n->n_routes - i) * sizeof(struct machine_route *));
}
