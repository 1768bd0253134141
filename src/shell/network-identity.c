#include "shell/network-identity.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool network_differs(const struct shell_identity *id)
{
    uint32_t v;
    return id && (id->has_mac || (id->address && network_address(id->address, &v)) ||
                  (id->peer && network_address(id->peer, &v)));
}

/* ---- Addresses ---- */

static uint32_t number(const char *s)
{
    uint32_t v;
    return network_address(s, &v) ? v : 0;
}

static const char *dotted(uint32_t v, char ret[static DOTTED])
{
    (void)snprintf(ret, DOTTED, "%u.%u.%u.%u", v >> 24, v >> 16 & 255, v >> 8 & 255, v & 255);
    return ret;
}

/* What the world does not route: a device with such an address is behind another. */
static bool is_private(uint32_t v)
{
    return v >> 24 == 10 || v >> 24 == 127 || v >> 20 == 0xac1 || v >> 16 == 0xc0a8 ||
           v >> 16 == 0xa9fe || v >> 22 == 0x191;
}

static const struct machine_route *default_route(const struct machine *m)
{
    for (size_t i = 0; i < m->n_routes; i++) {
        const struct machine_route *r = &m->routes[i];
        if (!number(r->destination) && !number(r->mask))
            return r;
    }
    return NULL;
}

static const struct machine_interface *outside(const struct machine *m)
{
    const struct machine_route *r = default_route(m);
    for (size_t i = 0; r && i < m->n_interfaces; i++) {
        if (strcmp(m->interfaces[i].name, r->interface) == 0 && number(m->interfaces[i].address))
            return &m->interfaces[i];
    }
    return NULL;
}

/* A network as large as the machine's, or as it takes for the address to be no network's own and no
 * broadcast. */
static uint32_t room_around(uint32_t address, uint32_t mask)
{
    enum { LEAST = 0xff };
    while (mask >> 24 == LEAST && mask << 8 &&
           (!(address & ~mask) || (address & ~mask) == ~mask))
        mask <<= 1;
    return mask;
}

struct facing facing_of(const struct machine *machine, const struct shell_identity *id)
{
    struct facing f = { .machine = machine, .id = id };
    const struct machine_interface *x = id && id->address ? outside(machine) : NULL;
    if (!x || !network_address(id->address, &f.is) || is_private(number(x->address)))
        return f;
    f.moves = true;
    f.was = number(x->address);
    f.was_mask = number(x->mask);
    f.pair = f.was_mask == UINT32_MAX || !f.was_mask;
    if (f.pair)
        f.was_mask = 0xffffff00;
    f.was_net = f.was & f.was_mask;
    f.was_gateway = number(default_route(machine)->gateway);
    f.mask = f.pair ? f.was_mask : room_around(f.is, f.was_mask);
    f.net = f.is & f.mask;
    f.gateway = f.net | 1;
    if (f.gateway == f.is)
        f.gateway = (f.net | ~f.mask) - 1;
    return f;
}

static uint32_t moved(const struct facing *f, uint32_t v)
{
    if (v == f->was)
        return f->is;
    if (v == f->was_gateway && v)
        return f->gateway;
    if (v == (f->was_net | ~f->was_mask))
        return f->net | ~f->mask;
    return (v & f->was_mask) == f->was_net ? f->net | (v & ~f->was_mask) : v;
}

const char *facing_address(const struct facing *f, const char *s, char ret[static DOTTED])
{
    uint32_t v;
    return f->moves && network_address(s, &v) ? dotted(moved(f, v), ret) : s;
}

const char *facing_mask(const struct facing *f, const char *address, const char *mask,
                        char ret[static DOTTED])
{
    uint32_t v;
    bool its = f->moves && network_address(address, &v) && (v & f->was_mask) == f->was_net;
    return its && number(mask) == f->was_mask ? dotted(f->mask, ret) : mask;
}

const char *facing_local(const struct facing *f, char ret[static DOTTED])
{
    const struct machine_interface *x = outside(f->machine);
    *ret = '\0';
    return x ? dotted(f->moves ? f->is : number(x->address), ret) : ret;
}

/* ---- MACs: two halves, whose maker it is and which one ---- */

struct hardware {
    uint32_t maker, one;
};

static bool read_hardware(const char *s, struct hardware *ret)
{
    uint64_t v = 0;
    for (int i = 0; i < 6; i++, s += 3) {
        if (!isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]) ||
            s[2] != (i < 5 ? ':' : '\0'))
            return false;
        v = v << 8 | strtoul((char[]){ s[0], s[1], '\0' }, NULL, 16);
    }
    *ret = (struct hardware){ (uint32_t)(v >> 24), (uint32_t)(v & 0xffffff) };
    return true;
}

static struct hardware hardware_given(const struct shell_identity *id)
{
    const uint8_t *m = id->mac;
    return (struct hardware){ (uint32_t)m[0] << 16 | (uint32_t)m[1] << 8 | m[2],
                              (uint32_t)m[3] << 16 | (uint32_t)m[4] << 8 | m[5] };
}

/* splitmix64 (Steele, Lea and Flood, 2014) */
static uint64_t mixed(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static bool first_of(const struct machine *m, struct hardware *ret)
{
    for (size_t i = 0; i < m->n_interfaces; i++) {
        if (!strstr(m->interfaces[i].flags, "LOOPBACK") &&
            read_hardware(m->interfaces[i].hardware, ret))
            return true;
    }
    return false;
}

static bool is_own(const struct machine *m, const char *s)
{
    for (size_t i = 0; i < m->n_interfaces; i++) {
        if (strcmp(m->interfaces[i].hardware, s) == 0)
            return true;
    }
    return false;
}

const char *facing_hardware(const struct facing *f, const char *s, char ret[static HARDWARE])
{
    struct hardware h, first;
    if (!f->id || !f->id->has_mac || !read_hardware(s, &h) || !first_of(f->machine, &first))
        return s;
    struct hardware given = hardware_given(f->id);
    if (is_own(f->machine, s)) {
        h.one = (given.one + h.one - first.one) & 0xffffff;
        h.maker = h.maker == first.maker ? given.maker : h.maker;
    } else { /* a neighbour's */
        uint64_t seed = mixed(f->id->secret) ^ ((uint64_t)given.maker << 24 | given.one);
        h.one = (uint32_t)(mixed(seed ^ mixed(h.one)) & 0xffffff);
    }
    (void)snprintf(ret, HARDWARE, "%02x:%02x:%02x:%02x:%02x:%02x", h.maker >> 16 & 255,
                   h.maker >> 8 & 255, h.maker & 255, h.one >> 16 & 255, h.one >> 8 & 255,
                   h.one & 255);
    return ret;
}

/* ---- Texts ---- */

static const char *word_moved(const struct facing *f, const char *word, char ret[static HARDWARE])
{
    const char *is = facing_address(f, word, ret);
    return is == word ? facing_hardware(f, word, ret) : is;
}

void network_say(const struct machine *machine, const struct shell_identity *id, struct text *to,
                 const char *s)
{
    struct facing f = facing_of(machine, id);
    while (*s) {
        char word[HARDWARE], own[HARDWARE];
        size_t n = strcspn(s, " \t\n"), blanks = strspn(s + n, " "), now = n;
        if (n && n < sizeof word) {
            memcpy(word, s, n);
            word[n] = '\0';
            const char *is = word_moved(&f, word, own);
            now = strlen(is);
            text_add(to, is, now);
        } else {
            text_add(to, s, n);
        }
        size_t wide = n + blanks > now ? n + blanks - now : blanks != 0;
        text_print(to, "%*s", (int)(blanks ? wide : 0), "");
        s += n + blanks;
        if (!blanks && *s) /* an end of line, or a tab */
            text_char_add(to, *s++);
    }
}
