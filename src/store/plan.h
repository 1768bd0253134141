#pragma once
/*
 * How a question is answered: the stretches of its period for which totals are kept (whole days where they
 * were worked out, else hours), and the flows behind them.
 */
#include "store/bag.h"
#include "store/inside.h"

/* A day or an hour with something in it. */
struct unit {
    int64_t start, end;
    bool day;
    bool gone; /* a day whose flows were cleaned */
    bool v6;   /* of days: some hour has IPv6 flows */
};

struct plan {
    struct unit *unit; /* owned; in time order */
    size_t n;
};

/* What of the flows is wanted, made of a question once. */
struct sieve {
    unsigned packet_kinds, source_kinds; /* bits: counted in packets; counted as sources */
    int proto, port, fingerprint;
    const struct prefix *within;
};

struct sieve sieve_make(const struct question *q);
/* Whether totals answer it: no choice of sources. */
bool sieve_is_plain(const struct sieve *v);
bool sieve_takes_service(const struct sieve *v, uint32_t scope);

/* Units of [from, to), days where they fit. 0; STORE_REFUSED where something of it was cleaned. */
int must_check plan_make(struct plan *ret, struct store *s, int64_t from, int64_t to, bool hours_only);
/* Leaves out the hours in which no source lay in the prefix: the censuses of days, then of hours, are the
 * index to hosts. */
int must_check plan_keep_hours_of(struct plan *p, struct store *s, const struct prefix *within);
void plan_release(struct plan *p);

/* Totals and census of a unit; either may be NULL, both must be empty. */
int must_check unit_summary(struct store *s, const struct unit *u, struct totals *totals,
                            struct census *census);

/* A flow that passed the sieve. */
struct passed {
    const struct flow *flow;
    const uint32_t *dest; /* NULL without lists */
    const struct merge *merge;
    uint32_t hour;
};
typedef int (*passed_fn)(void *context, const struct passed *p);
/* All flows of an hour that pass; how: CHUNK_ flags. */
int must_check scan_hour(struct store *s, uint32_t hour, const struct sieve *v, unsigned how,
                         passed_fn fn, void *context);

/* Sources of a unit that pass, into a bag: from day sets, censuses or flows, whatever is least. 0; or
 * SOURCES_GONE where none of them is kept. */
enum { SOURCES_GONE = 1 };
int must_check unit_sources(struct store *s, const struct unit *u, const struct sieve *v,
                            struct bag *bag);
/* Only from a day's set of a service: 1 where there is one, else 0 and nothing is done; SET_LOST where what
 * goes with it cannot be read. */
enum { SET_LOST = 2 };
int must_check unit_set(struct store *s, const struct unit *u, const struct sieve *v, struct bag *bag);
