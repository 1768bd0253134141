#include "shell/applets/net.h"
#include "shell/options.h"

#include <stdlib.h>
#include <string.h>

enum { SECOND = 1000000, SIZE_MOST = 65507, INTERVAL_LEAST = 10000 };

/* Times are microseconds. */
struct ping {
    struct shell_fetch what;
    const char *address, *source;
    uint32_t size, ttl, count, sent, received;
    int64_t interval, wait, until; /* until 0: no end */
    int64_t begun, next;           /* of the session's clock: the first packet, the one to come */
    uint32_t least, most, trip;    /* trip: of the packet under way, 0: none */
    uint64_t sum;
    bool quiet, adaptive, known, answered, near;
};

/* "0.2" seconds */
static int64_t duration(struct proc *p, const char *s)
{
    char *end;
    double v = *s >= '0' && *s <= '9' ? strtod(s, &end) : -1;
    if (v < 0 || v > 1e6 || *end)
        proc_die(p, "invalid number '%s'", s);
    return v * SECOND < INTERVAL_LEAST ? INTERVAL_LEAST : (int64_t)(v * SECOND);
}

static bool has_interface(struct proc *p, const char *name)
{
    const struct machine_interface *x;
    for (size_t i = 0; (x = proc_interface(p, i)); i++) {
        if (strcmp(x->name, name) == 0)
            return true;
    }
    return false;
}

static void take_source(struct proc *p, struct ping *g, const char *s)
{
    if (net_is_address(s))
        g->source = s;
    else if (!has_interface(p, s))
        proc_die(p, "bad address '%s'", s);
}

static void take_option(struct proc *p, struct ping *g, int option, const char *s)
{
    switch (option) {
    case 'c':
        g->count = (uint32_t)options_number(p, s, 0, UINT32_MAX, NULL);
        break;
    case 's':
        g->size = (uint32_t)options_number(p, s, 0, 65535, NULL);
        break;
    case 'i':
        g->interval = duration(p, s);
        break;
    case 't':
        options_number(p, s, 0, INT32_MAX, NULL);
        break;
    case 'W':
        g->wait = (int64_t)options_number(p, s, 0, INT32_MAX, NULL) * SECOND;
        break;
    case 'w':
        g->until = (int64_t)options_number(p, s, 0, INT32_MAX, NULL) * SECOND;
        break;
    case 'I':
        take_source(p, g, s);
        break;
    case 'q':
        g->quiet = true;
        break;
    case 'A':
        g->adaptive = true;
        break;
    case 'p':
        if (!*s || s[strspn(s, "0123456789abcdefABCDEF")])
            proc_die(p, "invalid number '%s'", s);
        break;
    default: /* -4, -6 */
        break;
    }
}

static void start(struct proc *p, int argc, char **argv, const char *letters)
{
    struct ping *g = proc_state(p);
    struct options o;
    int option;
    g->size = 56;
    g->interval = SECOND;
    g->wait = 10 * (int64_t)SECOND;
    options_begin(&o, p, argc, argv, letters, NULL);
    while ((option = options_next(&o)) != -1)
        take_option(p, g, option, o.argument);
    if (!argv[o.index] || argv[o.index + 1])
        proc_usage(p);
    g->what = (struct shell_fetch){
        .applet = proc_name(p),
        .scheme = FETCH_UDP, /* there is none of ICMP: the applet tells */
        .host = argv[o.index],
        .path = "",
        .url = "",
        .user = "",
        .password = "",
        .method = "",
        .save = "",
    };
}

static void ping_start(struct proc *p, int argc, char **argv)
{
    start(p, argc, argv, "qvAc:s:t:w:W:I:np:i:46");
}

static void ping6_start(struct proc *p, int argc, char **argv)
{
    uint8_t four[4];
    struct ping *g = proc_state(p);
    start(p, argc, argv, "qvAc:s:t:w:W:I:np:i:");
    if (net_ipv4(g->what.host, four))
        proc_die(p, "bad address '%s'", g->what.host);
}

/* The device itself needs nobody's answer. */
static bool is_own(struct proc *p, const char *address)
{
    const struct machine_interface *x;
    bool own = strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
    for (size_t i = 0; !own && (x = proc_interface(p, i)); i++)
        own = strcmp(x->address, address) == 0;
    return own;
}

/* Whether an address is of one of the device's networks: its way is short. */
static bool is_near(struct proc *p, const char *address)
{
    const struct machine_interface *x;
    const char *dot = strrchr(address, '.');
    bool near = is_own(p, address);
    for (size_t i = 0; dot && !near && (x = proc_interface(p, i)); i++)
        near = strncmp(x->address, address, (size_t)(dot + 1 - address)) == 0;
    return near;
}

static uint32_t hashed(const char *s)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (; *s; s++)
        h = (h ^ (uint8_t)*s) * 16777619u;
    return h;
}

static void take_answer(struct proc *p, struct ping *g, const struct shell_fetched *got)
{
    if (got->answer == FETCH_UNRESOLVED || !*g->what.host)
        proc_die(p, "bad address '%s'", g->what.host);
    g->known = true;
    g->address = memory_text(proc_memory(p), net_address(&g->what, got));
    g->near = is_near(p, g->address);
    bool own = is_own(p, g->address);
    g->answered = got->answer == FETCH_FOUND || got->answer == FETCH_REFUSED || own;
    g->ttl = g->near ? 64 : 44 + hashed(g->address) % 12;
    g->begun = g->next = proc_now(p);
    out_print(p, "PING %s (%s)", g->what.host, g->address);
    if (g->source)
        out_print(p, " from %s", g->source);
    out_print(p, ": %u data bytes\n", g->size);
    out_flush(p);
    if (got->answer == FETCH_UNREACHABLE && !own)
        proc_die_errno(p, ENETUNREACH, "sendto");
    if (g->size > SIZE_MOST)
        proc_die_errno(p, EMSGSIZE, "sendto");
}

/* There and back: what the address has of its own, and some noise. */
static uint32_t trip_of(struct proc *p, const struct ping *g)
{
    uint32_t base = g->near ? 280 : 9000 + hashed(g->address) % 90000;
    return base + (uint32_t)(proc_random(p) % (base / 16 + 1));
}

static void receive(struct proc *p, struct ping *g)
{
    uint32_t trip = g->trip;
    g->trip = 0;
    g->least = !g->received || trip < g->least ? trip : g->least;
    g->most = trip > g->most ? trip : g->most;
    g->sum += trip;
    g->received++;
    if (g->quiet)
        return;
    out_print(p, "%u bytes from %s: seq=%u ttl=%u", g->size + 8, g->address, g->sent - 1, g->ttl);
    if (g->size >= 4)
        out_print(p, " time=%u.%03u ms", trip / 1000, trip % 1000);
    out_char(p, '\n');
    out_flush(p);
}

static enum applet_next statistics(struct proc *p, const struct ping *g)
{
    out_print(p,
              "\n--- %s ping statistics ---\n%u packets transmitted, %u packets received, %u%% "
              "packet loss\n",
              g->what.host, g->sent, g->received,
              g->sent ? (g->sent - g->received) * 100 / g->sent : 0);
    if (g->received && g->size >= 4) {
        uint32_t mean = (uint32_t)(g->sum / g->received);
        out_print(p, "round-trip min/avg/max = %u.%03u/%u.%03u/%u.%03u ms\n", g->least / 1000,
                  g->least % 1000, mean / 1000, mean % 1000, g->most / 1000, g->most % 1000);
    }
    proc_done(p, g->received ? 0 : 1);
    return NEXT_DONE;
}

static enum applet_next sleep_until(struct proc *p, const struct ping *g, int64_t when)
{
    int64_t end = g->begun + g->until;
    proc_wake_at(p, g->until && end < when ? end : when);
    return NEXT_SLEEP;
}

static bool all_sent(const struct ping *g)
{
    return g->count && g->sent >= g->count;
}

static enum applet_next go_on(struct proc *p, struct ping *g)
{
    int64_t now = proc_now(p), sent_at = g->next - g->interval;
    if (g->trip && now >= sent_at + g->trip) {
        receive(p, g);
        g->next = g->adaptive ? now : g->next;
    }
    if (g->until && now >= g->begun + g->until)
        return statistics(p, g);
    if (g->trip)
        return sleep_until(p, g, sent_at + g->trip);
    if (all_sent(g)) {
        int64_t end = sent_at + g->wait;
        return g->received == g->sent || now >= end ? statistics(p, g) : sleep_until(p, g, end);
    }
    if (now < g->next)
        return sleep_until(p, g, g->next);
    g->sent++;
    g->next = now + g->interval;
    g->trip = g->answered ? trip_of(p, g) : 0;
    return NEXT_AGAIN;
}

static enum applet_next ping_step(struct proc *p)
{
    struct ping *g = proc_state(p);
    struct shell_fetched got = { 0 };
    if (g->known)
        return go_on(p, g);
    if (!proc_fetch(p, &g->what, &got))
        return NEXT_FETCH;
    take_answer(p, g, &got);
    return NEXT_AGAIN;
}

const struct applet applet_ping = {
    .name = "ping", .start = ping_start, .step = ping_step, .state = sizeof(struct ping)
};
const struct applet applet_ping6 = {
    .name = "ping6", .start = ping6_start, .step = ping_step, .state = sizeof(struct ping)
};
