/* Of this room it uses nothing else, so that the keeper can have it without the shell. */
#include "trap/ports.h"

#include "base/hash.h"

void ports_key(const uint8_t key[static 16], uint64_t ret[static 3])
{
    for (uint64_t i = 0; i < 3; i++)
        ret[i] = hash64(key, 16, 0x706f727473 + i);
}

static uint64_t half(const uint8_t *bytes)
{
    uint64_t v = 0;
    for (size_t i = 0; i < 8; i++)
        v = v << 8 | bytes[i];
    return v;
}

/* main/syn-filter.c does the same in BPF. */
uint64_t ports_hash(const uint64_t key[static 3], const struct addr *a)
{
    uint64_t hi = a->family == 4 ? 0 : half(a->bytes),
             lo = a->family == 4 ? addr_u32(a) : half(a->bytes + 8);
    uint64_t h = (lo ^ key[0]) * (key[1] | 1);
    h ^= h >> 32;
    h = (h ^ hi) * (key[2] | 1);
    h ^= h >> 29;
    h *= key[1] | 1;
    return h ^ h >> 32;
}

/* Where HTTP is attacked (corpus/ports.tsv), and 23's siblings. */
/* clang-format off */
static const struct {
    uint16_t first, last;
    uint8_t service;
} usual[] = {
    { 23, 23, SERVICE_TELNET },     { 26, 26, SERVICE_TELNET },     { 80, 90, SERVICE_HTTP },
    { 2323, 2323, SERVICE_TELNET }, { 5431, 5431, SERVICE_HTTP },   { 7547, 7547, SERVICE_HTTP },
    { 8000, 8090, SERVICE_HTTP },   { 8181, 8181, SERVICE_HTTP },   { 8888, 8888, SERVICE_HTTP },
    { 9673, 9673, SERVICE_HTTP },   { 23231, 23231, SERVICE_TELNET }, { 37215, 37215, SERVICE_HTTP },
    { 49152, 49152, SERVICE_HTTP }, { 52869, 52869, SERVICE_HTTP }, { 60001, 60001, SERVICE_HTTP },
};
/* clang-format on */

enum trap_service ports_usual(uint16_t tcp_port)
{
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        if (tcp_port >= usual[i].first && tcp_port <= usual[i].last)
            return usual[i].service;
    }
    return SERVICE_OTHER;
}

static const struct ports_persona *persona_at(const struct ports *p, uint64_t hash)
{
    return &p->persona[p->persona_of_class[ports_class(hash)]];
}

static bool is_extra(const struct ports_extra *e, uint16_t port)
{
    for (size_t i = 0; i < e->n; i++) {
        if (e->port[i] == port)
            return true;
    }
    return false;
}

int ports_service(const struct ports *p, const struct addr *a, uint16_t tcp_port)
{
    uint64_t hash = ports_hash(p->key, a);
    const struct ports_persona *own = persona_at(p, hash);
    for (size_t i = 0; i < own->n; i++) {
        if (own->open[i].port == tcp_port)
            return own->open[i].service;
    }
    if (tcp_port &&
        (p->catchall == CATCHALL_ALL ||
         (p->catchall == CATCHALL_SOME && is_extra(&p->extra[ports_extra(hash)], tcp_port))))
        return (int)ports_usual(tcp_port);
    return PORTS_CLOSED;
}

int ports_datagrams(const struct ports *p, const struct addr *a, uint16_t udp_port)
{
    return udp_port == PORTS_NETIS && persona_at(p, ports_hash(p->key, a))->netis ? SERVICE_NETIS
                                                                                  : PORTS_CLOSED;
}

/* ---- Bitmaps ---- */

static void set_bit(uint8_t *bitmap, uint16_t port)
{
    bitmap[port / 8] |= (uint8_t)(1u << port % 8);
}

void ports_bitmap_persona(const struct ports *p, unsigned persona, uint8_t ret[static PORTS_BITMAP])
{
    bool all = p->catchall == CATCHALL_ALL;
    memset(ret, all ? 0xff : 0, PORTS_BITMAP);
    if (all)
        ret[0] &= 0xfe;
    for (size_t i = 0; i < p->persona[persona].n; i++)
        set_bit(ret, p->persona[persona].open[i].port);
}

void ports_bitmap_extra(const struct ports *p, unsigned extra, uint8_t ret[static PORTS_BITMAP])
{
    memset(ret, 0, PORTS_BITMAP);
    for (size_t i = 0; p->catchall == CATCHALL_SOME && i < p->extra[extra].n; i++)
        set_bit(ret, p->extra[extra].port[i]);
}

/* ---- As a record ---- */

enum { FLAG_NETIS = 1, FLAG_SILENT = 2 }; /* of a persona in a record */

void ports_put(struct buf *b, const struct ports *p)
{
    for (size_t i = 0; i < 3; i++)
        buf_le64(b, p->key[i]);
    buf_u8(b, p->catchall);
    buf_u8(b, p->n_personas);
    buf_put(b, p->persona_of_class, PORTS_CLASSES);
    for (size_t i = 0; i < p->n_personas; i++) {
        buf_u8(b, (uint8_t)(p->persona[i].netis * FLAG_NETIS | p->persona[i].silent * FLAG_SILENT));
        buf_u8(b, p->persona[i].n);
        for (size_t k = 0; k < p->persona[i].n; k++) {
            buf_le16(b, p->persona[i].open[k].port);
            buf_u8(b, p->persona[i].open[k].service);
        }
    }
    for (size_t i = 0; i < PORTS_EXTRAS; i++) {
        buf_u8(b, p->extra[i].n);
        for (size_t k = 0; k < p->extra[i].n; k++)
            buf_le16(b, p->extra[i].port[k]);
    }
}

static bool get_persona(struct rd *r, struct ports_persona *ret)
{
    uint8_t flags = rd_u8(r);
    ret->netis = flags & FLAG_NETIS;
    ret->silent = flags & FLAG_SILENT;
    ret->n = rd_u8(r);
    if (flags > (FLAG_NETIS | FLAG_SILENT) || ret->n > PORTS_OWN)
        return false;
    for (size_t i = 0; i < ret->n; i++) {
        ret->open[i] = (struct ports_open){ .port = rd_le16(r) };
        ret->open[i].service = rd_u8(r);
        if (!ret->open[i].port || (i && ret->open[i].port <= ret->open[i - 1].port) ||
            ret->open[i].service >= TRAP_SERVICES)
            return false;
    }
    return rd_ok(r);
}

static bool get_extra(struct rd *r, struct ports_extra *ret)
{
    ret->n = rd_u8(r);
    if (ret->n > PORTS_FEW)
        return false;
    for (size_t i = 0; i < ret->n; i++) {
        ret->port[i] = rd_le16(r);
        if (!ret->port[i] || (i && ret->port[i] <= ret->port[i - 1]))
            return false;
    }
    return rd_ok(r);
}

static bool get_classes(struct rd *r, struct ports *ret)
{
    ret->catchall = rd_u8(r);
    ret->n_personas = rd_u8(r);
    rd_copy(r, ret->persona_of_class, PORTS_CLASSES);
    if (ret->catchall >= CATCHALL_WAYS || ret->n_personas > PORTS_PERSONAS || !ret->n_personas)
        return false;
    for (size_t i = 0; i < PORTS_CLASSES; i++) {
        if (ret->persona_of_class[i] >= ret->n_personas)
            return false;
    }
    return rd_ok(r);
}

int ports_get(struct rd *r, struct ports *ret)
{
    memset(ret, 0, sizeof *ret);
    for (size_t i = 0; i < 3; i++)
        ret->key[i] = rd_le64(r);
    bool good = get_classes(r, ret);
    for (size_t i = 0; good && i < ret->n_personas; i++)
        good = get_persona(r, &ret->persona[i]);
    for (size_t i = 0; good && i < PORTS_EXTRAS; i++)
        good = get_extra(r, &ret->extra[i]);
    return !good;
}
