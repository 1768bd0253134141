#include "cli/trap-expect.h"

#include "base/text.h"
#include "trap/conn.h"

#include <stdlib.h>
#include <string.h>

/* ---- Whose it is ---- */

static const enum conf_id places_of[TRAP_SERVICES] = { [SERVICE_TELNET] = CONF_TRAP_TELNET,
                                                       [SERVICE_HTTP] = CONF_TRAP_HTTP,
                                                       [SERVICE_NETIS] = CONF_TRAP_NETIS,
                                                       [SERVICE_OTHER] = CONF_TRAP_OTHER };

static bool is_any(const struct addr *a)
{
    static const uint8_t zeros[16];
    return memcmp(a->bytes, zeros, a->family == 4 ? 4 : 16) == 0;
}

static bool is_loopback(const struct addr *a)
{
    static const uint8_t v6[16] = { [15] = 1 };
    return a->family == 4 ? a->bytes[0] == 127 : memcmp(a->bytes, v6, sizeof v6) == 0;
}

/* A place where the service answers: this port (0: any), at this address or (any) at all of this host. */
static bool has_place(const struct conf *conf, enum trap_service service, const struct addr *a, uint16_t port, bool any)
{
    size_t n;
    const struct endpoint *e = conf_endpoints(conf, places_of[service], &n);
    if (conf_int(conf, CONF_SENSOR_MODE) != 0) /* dark */
        return false;
    for (size_t i = 0; i < n; i++) {
        bool here = addr_cmp(&e[i].addr, a) == 0 || (any && e[i].addr.family == a->family && is_any(&e[i].addr));
        if (here && e[i].port && (!port || e[i].port == port))
            return true;
    }
    return false;
}

bool expect_is_ours(const struct conf *conf, const struct addr *a)
{
    if (is_loopback(a) || prefix_list_has(conf_prefixes(conf, CONF_SENSOR_PREFIX), a))
        return true;
    for (enum trap_service s = 0; s < TRAP_SERVICES; s++) {
        if (!is_any(a) && has_place(conf, s, a, 0, false))
            return true;
    }
    return false;
}

/* ---- Which device ---- */

int expect_make(struct expect *ret, const struct conf *conf, const struct prefix_list *claimed, const char *folder,
                const uint8_t key[static 16], char why[static 200])
{
    const char *id = conf_text(conf, CONF_TRAP_PERSONA);
    *ret = (struct expect){ .conf = conf, .claimed = claimed };
    memcpy(ret->key, key, sizeof ret->key);
    int err = personas_load(&ret->personas, folder, why);
    if (err)
        return err;
    ret->pinned = id[0] ? personas_find(&ret->personas, id) : NULL;
    if (id[0] && !ret->pinned) {
        text_copy(why, 200, "no such persona");
        return 1;
    }
    for (size_t i = 0; i < ret->personas.n && !ret->netis; i++)
        ret->netis = *ret->personas.list[i]->netis ? ret->personas.list[i] : NULL;
    ret->ports = malloc(sizeof *ret->ports);
    if (!ret->ports)
        return -ENOMEM;
    return ports_make(ret->ports, &ret->personas, ret->pinned, key, (enum trap_catchall)conf_int(conf, CONF_TRAP_CATCHALL));
}

void expect_release(struct expect *x)
{
    free(x->ports);
    personas_release(&x->personas);
}

void expect_here(const struct expect *x, const struct addr *a, int64_t now, struct persona_here *ret)
{
    if (x->pinned)
        persona_here_as(x->pinned, x->key, a, now, ret);
    else
        persona_here(&x->personas, x->key, a, now, ret);
}

/* ---- Which ports ---- */

static bool is_excepted(const struct conf *conf, const struct addr *a, uint16_t port)
{
    size_t n;
    const struct endpoint *e = conf_endpoints(conf, CONF_TRAP_EXCEPT, &n);
    for (size_t i = 0; i < n; i++) {
        if (e[i].port == port && (is_any(&e[i].addr) || addr_cmp(&e[i].addr, a) == 0))
            return true;
    }
    return false;
}

bool expect_is_claimed(const struct expect *x, const struct addr *a, uint16_t tcp_port)
{
    return prefix_list_has(x->claimed, a) && !is_excepted(x->conf, a, tcp_port);
}

int expect_service(const struct expect *x, const struct addr *a, uint16_t tcp_port)
{
    static const enum trap_service tcp[] = { SERVICE_TELNET, SERVICE_HTTP, SERVICE_OTHER };
    if (expect_is_claimed(x, a, tcp_port))
        return ports_service(x->ports, a, tcp_port);
    for (size_t i = 0; i < sizeof tcp / sizeof tcp[0]; i++) {
        if (has_place(x->conf, tcp[i], a, tcp_port, true))
            return (int)tcp[i];
    }
    return PORTS_CLOSED;
}

bool expect_netis(const struct expect *x, const struct addr *a, int64_t now, struct persona_here *ret)
{
    bool claimed = prefix_list_has(x->claimed, a), own = ports_datagrams(x->ports, a, PORTS_NETIS) != PORTS_CLOSED;
    bool placed = !claimed && x->netis && has_place(x->conf, SERVICE_NETIS, a, PORTS_NETIS, true);
    if (placed && !own)
        persona_here_as(x->netis, x->key, a, now, ret);
    else
        expect_here(x, a, now, ret);
    return placed || (own && claimed);
}

struct port_list {
    uint16_t *port;
    size_t n, room;
};

static void add(struct port_list *l, uint16_t port)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->port[i] == port)
            return;
    }
    if (l->n < l->room)
        l->port[l->n++] = port;
}

static int by_number(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

size_t expect_ports(const struct expect *x, const struct addr *a, size_t room, uint16_t *ret)
{
    static const uint16_t usual[] = { 23, 80, 2323, 5555, 7547, 8080, 37215, 52869, 60001 }; /* where all are open */
    static const uint16_t closed[] = { 7, 22, 25, 111, 445, 1900, 3389, 5900, 50001 };
    struct port_list l = { .port = ret, .room = room };
    bool all = conf_int(x->conf, CONF_TRAP_CATCHALL) == CATCHALL_ALL && prefix_list_has(x->claimed, a);
    for (unsigned port = 1; port < 65536 && !all; port++) {
        if (expect_service(x, a, (uint16_t)port) != PORTS_CLOSED)
            add(&l, (uint16_t)port);
    }
    for (size_t i = 0; i < sizeof usual / sizeof usual[0] && all; i++)
        add(&l, usual[i]);
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++)
        add(&l, closed[i]);
    qsort(ret, l.n, sizeof *ret, by_number);
    return l.n;
}

/* ---- What it says ---- */

static void no_event(void *context, const struct session_event *e)
{
    (void)context;
    (void)e;
}

static int talk(const struct conn_options *o, const char *say, struct buf *ret)
{
    enum { TURNS = 64, STEPS = 2000 };
    struct conn *c;
    size_t n;
    int err = conn_make(&c, o);
    if (err)
        return err;
    (void)conn_run(c, STEPS, o->now);
    if (say)
        conn_input(c, say, strlen(say), o->now);
    for (int i = 0; i < TURNS && conn_run(c, STEPS, o->now) == CONN_RUNNING; i++)
        ;
    const uint8_t *said = conn_output(c, &n);
    buf_put(ret, said, n);
    conn_free(c, "closed", o->now);
    return buf_status(ret);
}

int expect_said(const struct persona_here *here, enum trap_service service, const struct addr *a, uint16_t port, const char *say,
                int64_t now, struct buf *ret)
{
    struct pairs *pairs;
    static const uint8_t key[16];
    struct conn_world world = { .event = no_event };
    struct conn_options o = { .world = &world,
                              .service = service,
                              .id = 1,
                              .here = *here,
                              .source = *a,
                              .destination = *a,
                              .source_port = 40000,
                              .destination_port = port,
                              .now = now };
    int err = pairs_make(&pairs, key, 1, 1);
    if (err)
        return err;
    world.pairs = pairs;
    err = talk(&o, say, ret);
    pairs_free(pairs);
    return err;
}
