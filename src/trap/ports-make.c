/* The tables of ports.h, of the personas. */
#include "trap/ports.h"

#include "base/hash.h"
#include "trap/persona-inside.h"

#include <assert.h>
#include <stdlib.h>

/*
 * What is open at some addresses beside their devices' own: ports that attacks on devices are seen
 * at, of corpus/ports.tsv, and those of recorders, boxes and shops' things that speak what
 * protocol.c names. None of a desktop or a database server, which nobody would take a device for.
 */
/* clang-format off */
static const uint16_t attacked[] = {
    21,   22,   26,   32,   81,   82,   83,   84,   85,   88,   443,  554,  1023,  1883,  2222,  2323,  2480,  3232,  5060,
    5358, 5379, 5431, 5555, 5984, 6379, 7379, 7547, 8000, 8080, 8081, 8088, 8090,  8181,  8291,  8443,  8728,  8888,  9000,
    9527, 9530, 9673, 32764, 34567, 37215, 37777, 49152, 52869, 60001,
};
/* clang-format on */
enum { ATTACKED = sizeof attacked / sizeof attacked[0] };

static int by_number(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* One to PORTS_FEW of them. */
static void fill_extra(const uint64_t key[static 3], uint64_t number, struct ports_extra *ret)
{
    uint64_t in[4] = { key[0], key[1], key[2], number };
    uint64_t drawn = hash64(in, sizeof in, 1);
    uint8_t want = (uint8_t)(1 + drawn % PORTS_FEW);
    for (uint64_t turn = 2; ret->n < want; turn++) {
        uint16_t port = attacked[hash64(in, sizeof in, turn) % ATTACKED];
        bool had = false;
        for (size_t i = 0; i < ret->n; i++)
            had |= ret->port[i] == port;
        if (!had)
            ret->port[ret->n++] = port;
    }
    qsort(ret->port, ret->n, sizeof ret->port[0], by_number);
}

static int by_port(const void *a, const void *b)
{
    return ((const struct ports_open *)a)->port - ((const struct ports_open *)b)->port;
}

static bool has_port(const struct ports_persona *p, uint16_t port)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->open[i].port == port)
            return true;
    }
    return false;
}

static void add_port(struct ports_persona *p, uint16_t port, enum trap_service service)
{
    if (!has_port(p, port))
        p->open[p->n++] = (struct ports_open){ port, (uint8_t)service };
}

/* Web servers are where it says that they are; of its other ports some are known for Telnet. */
static void fill_persona(const struct persona *p, struct ports_persona *ret)
{
    for (size_t i = 0; i < p->n_http_ports; i++)
        add_port(ret, p->http_ports[i], SERVICE_HTTP);
    for (size_t i = 0; i < p->n_ports; i++) {
        enum trap_service usual = ports_usual(p->ports[i]);
        add_port(ret, p->ports[i], usual == SERVICE_HTTP ? SERVICE_OTHER : usual);
    }
    qsort(ret->open, ret->n, sizeof ret->open[0], by_port);
    ret->netis = *p->netis != '\0';
    ret->silent = p->silent;
}

enum {
    MOST_OWN = (sizeof((struct persona *)0)->ports + sizeof((struct persona *)0)->http_ports) /
               sizeof(uint16_t),
};
static_assert((int)MOST_OWN <= (int)PORTS_OWN, "all of a persona's ports have room");

int ports_make(struct ports *ret, const struct personas *all, const struct persona *pinned,
               const uint8_t key[static 16], enum trap_catchall catchall)
{
    memset(ret, 0, sizeof *ret);
    if (!pinned && all->n > PORTS_PERSONAS)
        return -E2BIG;
    ports_key(key, ret->key);
    ret->catchall = (uint8_t)catchall;
    ret->n_personas = pinned ? 1 : (uint8_t)all->n;
    for (size_t i = 0; i < ret->n_personas; i++)
        fill_persona(pinned ? pinned : all->list[i], &ret->persona[i]);
    for (unsigned i = 0; i < PORTS_CLASSES && !pinned; i++)
        ret->persona_of_class[i] = (uint8_t)persona_of_class(all, key, i);
    for (unsigned i = 0; i < PORTS_EXTRAS; i++)
        fill_extra(ret->key, i, &ret->extra[i]);
    return 0;
}
