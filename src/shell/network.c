#include "shell/network-identity.h"

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

static uint32_t number(const char *s)
{
    uint32_t v;
    return network_address(s, &v) ? v : 0;
}

static bool is_default(const struct machine_route *r)
{
    return number(r->destination) == 0 && number(r->mask) == 0;
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

static void take_interface(struct network *n, const struct facing *f,
                           const struct machine_interface *x)
{
    struct machine_interface own = *x;
    char address[DOTTED], broadcast[DOTTED], mask[DOTTED], hardware[HARDWARE];
    own.address = facing_address(f, x->address, address);
    own.mask = facing_mask(f, x->address, x->mask, mask);
    own.broadcast = facing_address(f, x->broadcast, broadcast);
    own.hardware = facing_hardware(f, x->hardware, hardware);
    n->interfaces[n->n_interfaces++] = copy_interface(n->memory, &own);
}

static void take_route(struct network *n, const struct facing *f, const struct machine_route *r)
{
    struct machine_route own = *r;
    char destination[DOTTED], gateway[DOTTED], mask[DOTTED];
    own.destination = facing_address(f, r->destination, destination);
    own.gateway = facing_address(f, r->gateway, gateway);
    own.mask = facing_mask(f, r->destination, r->mask, mask);
    n->routes[n->n_routes++] = copy_route(n->memory, &own);
}

/* Kernels that show the default first have the others in order. */
static void sort_routes(struct network *n)
{
    if (n->n_routes < 3 || !is_default(n->routes[0]))
        return;
    for (size_t i = 2; i < n->n_routes; i++) {
        struct machine_route *r = n->routes[i];
        size_t at = i;
        for (; at > 1 && number(n->routes[at - 1]->destination) > number(r->destination); at--)
            n->routes[at] = n->routes[at - 1];
        n->routes[at] = r;
    }
}

/* HOST:PORT; of a host without a port, or of IPv6, itself. */
static const char *end_point(const struct facing *f, struct memory *m, const char *s)
{
    char host[DOTTED], own[DOTTED];
    size_t len = strcspn(s, ":");
    if (!s[len] || len >= sizeof host)
        return s;
    memcpy(host, s, len);
    host[len] = '\0';
    const char *is = facing_address(f, host, own);
    return strcmp(is, host) == 0 ? s : memory_print(m, "%s%s", is, s + len);
}

static uint32_t pid_of_port(const struct machine *machine, uint16_t port)
{
    for (size_t i = 0; i < machine->n_sockets; i++) {
        const struct machine_socket *s = &machine->sockets[i];
        const char *colon = strrchr(s->local, ':');
        if (strcmp(s->protocol, "tcp") == 0 && colon && strtoul(colon + 1, NULL, 10) == port)
            return s->pid;
    }
    return 0;
}

/* The machine's, and the visitor's own connection. */
static void take_sockets(struct network *n, const struct facing *f)
{
    const struct shell_identity *id = f->id;
    const struct machine *machine = f->machine;
    uint32_t peer;
    char local[DOTTED];
    n->sockets = memory_array(n->memory, NULL, machine->n_sockets + 1, sizeof *n->sockets);
    for (size_t i = 0; i < machine->n_sockets; i++) {
        struct machine_socket *s = &n->sockets[n->n_sockets++];
        *s = machine->sockets[i];
        if (strcmp(s->protocol, "unix") != 0) {
            s->local = end_point(f, n->memory, s->local);
            s->remote = end_point(f, n->memory, s->remote);
        }
    }
    if (!id->peer || !network_address(id->peer, &peer) || !*facing_local(f, local))
        return;
    n->sockets[n->n_sockets++] = (struct machine_socket){
        .protocol = "tcp",
        .local = memory_print(n->memory, "%s:%u", local, id->port),
        .remote = memory_print(n->memory, "%s:%u", id->peer, id->peer_port),
        .state = "ESTABLISHED",
        .pid = pid_of_port(machine, id->port),
    };
}

struct network *network_make(struct memory *m, const struct machine *machine,
                             const struct shell_identity *id)
{
    struct network *n = memory_take(m, sizeof *n);
    struct facing f = facing_of(machine, id);
    n->memory = m;
    for (size_t i = 0; i < machine->n_interfaces && i < NETWORK_MOST; i++)
        take_interface(n, &f, &machine->interfaces[i]);
    for (size_t i = 0; i < machine->n_routes && i < NETWORK_MOST; i++)
        take_route(n, &f, &machine->routes[i]);
    if (f.moves)
        sort_routes(n);
    if (id)
        take_sockets(n, &f);
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

const struct machine_socket *network_socket(const struct machine *machine, const struct network *n,
                                            size_t i)
{
    if (n && n->sockets)
        return i < n->n_sockets ? &n->sockets[i] : NULL;
    return i < machine->n_sockets ? &machine->sockets[i] : NULL;
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
