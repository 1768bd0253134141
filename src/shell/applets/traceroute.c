#include "shell/applets/net.h"
#include "shell/options.h"

#include <string.h>

enum { SECOND = 1000000, SIZE_LEAST = 46, SIZE_MOST = 32768 };

/*
 * What lies between is not asked of anybody: the device's gateway answers, then whoever was to be
 * found, and where nobody was there are stars to the last hop.
 */
struct traceroute {
    struct shell_fetch what;
    const char *address, *gateway;
    uint32_t first, last, probes, size, hop, probe;
    int64_t wait;
    bool numeric, known, answered, waited;
};

static uint32_t in_range(struct proc *p, const char *s, uint32_t preset, uint32_t least,
                         uint32_t most)
{
    return s ? (uint32_t)options_number(p, s, least, most, NULL) : preset;
}

static const char *gateway_of(struct proc *p)
{
    const struct machine_route *r;
    for (size_t i = 0; (r = proc_route(p, i)); i++) {
        if (strcmp(r->destination, "0.0.0.0") == 0)
            return r->gateway;
    }
    return NULL;
}

static void traceroute_start(struct proc *p, int argc, char **argv)
{
    enum { NUMERIC = 4 };
    struct traceroute *t = proc_state(p);
    const char *first = NULL, *last = NULL, *port = NULL, *probes = NULL, *source = NULL,
               *tos = NULL, *wait = NULL, *pause = NULL, *interface = NULL;
    uint32_t given =
        options_bits(p, argc, argv, "FlnrvIf:m:p:q:s:t:w:z:i:g:46", &argv, &first, &last, &port,
                     &probes, &source, &tos, &wait, &pause, &interface, &source);
    if (!argv[0] || (argv[1] && argv[2]))
        proc_usage(p);
    t->numeric = given & NUMERIC;
    t->last = in_range(p, last, 30, 1, 255);
    t->first = t->hop = in_range(p, first, 1, 1, t->last);
    t->probes = in_range(p, probes, 3, 1, 1000);
    t->wait = (int64_t)in_range(p, wait, 3, 1, 24 * 60 * 60) * SECOND;
    t->size = in_range(p, argv[1], SIZE_LEAST, SIZE_LEAST, SIZE_MOST);
    t->gateway = gateway_of(p);
    t->what = (struct shell_fetch){
        .applet = "traceroute",
        .scheme = FETCH_UDP,
        .host = argv[0],
        .port = (uint16_t)in_range(p, port, 33434, 1, 65535),
        .path = "",
        .url = "",
        .user = "",
        .password = "",
        .method = "",
        .save = "",
    };
}

static void take_answer(struct proc *p, struct traceroute *t, const struct shell_fetched *got)
{
    if (got->answer == FETCH_UNRESOLVED)
        proc_die(p, "bad address '%s'", t->what.host);
    if (got->answer == FETCH_UNREACHABLE)
        net_die_connect(p, &t->what, got, ENETUNREACH);
    t->known = true;
    t->answered = got->answer == FETCH_FOUND || got->answer == FETCH_REFUSED;
    t->address = memory_text(proc_memory(p), net_address(&t->what, got));
    out_print(p, "traceroute to %s (%s), %u hops max, %u byte packets\n", t->what.host, t->address,
              t->last, t->size);
    out_flush(p);
}

/* Who answers at this hop; NULL: nobody. */
static const char *at_hop(const struct traceroute *t)
{
    bool local = !t->gateway || strncmp(t->address, "127.", 4) == 0;
    if (t->hop == 1 && !local)
        return t->gateway;
    return t->answered && t->hop == (local ? 1 : 2) ? t->address : NULL;
}

static bool is_last(const struct traceroute *t)
{
    const char *here = at_hop(t);
    return t->hop >= t->last || (here && strcmp(here, t->address) == 0);
}

static void answered_probe(struct proc *p, const struct traceroute *t, const char *here)
{
    uint64_t trip = (t->hop == 1 ? 400 : 9000) + proc_random(p) % (t->hop == 1 ? 300 : 9000);
    if (t->probe == 0 && t->numeric)
        out_print(p, "  %s", here);
    else if (t->probe == 0)
        out_print(p, "  %s (%s)", strcmp(here, t->address) == 0 ? t->what.host : here, here);
    out_print(p, "  %u.%03u ms", (unsigned)(trip / 1000), (unsigned)(trip % 1000));
}

/* One probe; one that nobody answers is waited for first. */
static enum applet_next go_on(struct proc *p, struct traceroute *t)
{
    const char *here = at_hop(t);
    if (t->probe == 0 && !t->waited)
        out_print(p, "%2u", t->hop);
    if (!here && !t->waited) {
        t->waited = true;
        out_flush(p);
        proc_wake_at(p, proc_now(p) + t->wait);
        return NEXT_SLEEP;
    }
    t->waited = false;
    if (here)
        answered_probe(p, t, here);
    else
        out_text(p, "  *");
    if (++t->probe < t->probes)
        return NEXT_AGAIN;
    out_char(p, '\n');
    out_flush(p);
    if (is_last(t)) {
        proc_done(p, 0);
        return NEXT_DONE;
    }
    t->probe = 0;
    t->hop++;
    return NEXT_AGAIN;
}

static enum applet_next traceroute_step(struct proc *p)
{
    struct traceroute *t = proc_state(p);
    struct shell_fetched got = { 0 };
    if (t->known)
        return go_on(p, t);
    if (!proc_fetch(p, &t->what, &got))
        return NEXT_FETCH;
    take_answer(p, t, &got);
    return NEXT_AGAIN;
}

const struct applet applet_traceroute = { .name = "traceroute",
                                          .start = traceroute_start,
                                          .step = traceroute_step,
                                          .state = sizeof(struct traceroute) };
