#pragma once
/*
 * What visitors want fetched, by the policy `live`: judged, queued, fetched within what is allowed in an hour, put into the vault;
 * who waits is told, and handed what came. What loader scripts would fetch further is fetched, too.
 *
 * Refused before anybody is asked: what sample/url.h refuses, and what is a known way into a device (trap/http-entries.c), so
 * that nobody attacks others through us. Refused once it is resolved: what sample/judge.h does. In an hour 5 connections are made
 * to an address, to a network (/24, of IPv6 /48), and so many in all; one URL is fetched once a day.
 */
#include "main/doors.h"
#include "main/fetch-slot.h"
#include "main/samples.h"

enum { FETCH_SLOTS = 4, FETCH_WAITERS = 1024, FETCH_HOPS = 5, FETCH_DEPTH = 2 };

struct fetch_job {
    struct fetch_slot slot;
    struct wanted wanted;
    unsigned hops;      /* redirects that were followed */
};

struct fetch_waiter {
    uint64_t session, ticket;
    int64_t wanted;
};

struct fetches {
    struct daemon *daemon; /* borrowed, as all */
    const struct sample_plan *plan;
    struct store *store;
    struct ledger *ledger;
    struct doors *doors;
    struct samples *samples;
    int64_t clock_offset;
    struct slot_tools tools;
    struct fetch_job job[FETCH_SLOTS];
    struct fetch_waiter waiter[FETCH_WAITERS];
    size_t waiters;
    bool live;           /* somebody can fetch */
    uint64_t look;       /* time_mono() when the queue is looked at again */
};

void fetches_begin(struct fetches *f);
void fetches_end(struct fetches *f);
/* A visitor waits for it (doors_ear.asked). */
void fetches_asked(struct fetches *f, const struct trap_ask *ask);
/* samples_ear.script, context is the fetches: what a script that was fetched would fetch is wanted, too. */
void fetches_script(void *context, const struct sample_report *r);

enum { FETCH_POLLS = FETCH_SLOTS * SLOT_POLLS };
nfds_t fetches_listen(const struct fetches *f, struct pollfd *ret);
/* 0, also where trouble came that passes; -EUCLEAN. */
int must_check fetches_hear(struct fetches *f, const struct pollfd *p);
