#pragma once
/*
 * Samples, while the observatory observes: what visitors make goes into the vault, triage reads one after the other, the store
 * keeps what it tells. A store that cannot be written now is left alone, as everybody leaves it.
 */
#include "main/daemon.h"
#include "main/desk.h"
#include "main/ledger.h"
#include "main/plan.h"
#include "sample/vault.h"

/* Who hears of scripts that triage told of. */
struct samples_ear {
    void *context;
    void (*script)(void *context, const struct sample_report *r);
};

struct samples {
    struct samples_ear ear;
    struct daemon *daemon; /* borrowed, as all */
    const struct sample_plan *plan;
    struct store *store;
    struct ledger *ledger;
    struct vault vault;
    struct desk_tools tools;
    struct desk desk[TRAYS_MOST];
    uint8_t lies[TRAYS_MOST][32]; /* what lies on each */
    uint64_t size[TRAYS_MOST];
    size_t n;              /* desks; 0: there is no vault, or nobody to bring samples */
    bool look;             /* there may be some that triage has not told of */
    uint64_t numbers;
    uint64_t pause;        /* time_mono(): nothing is done before */
    uint64_t missed;       /* programs that could not be put into the vault */
};

/* Without a vault the observatory goes on; that is told in the log. */
void samples_begin(struct samples *s);
void samples_end(struct samples *s);
/* A program was made of what a visitor wrote (doors_ear.made). */
void samples_made(struct samples *s, const struct session_event *e);

/* What is to be waited for, at most TRAYS_MOST: how many. */
nfds_t samples_listen(const struct samples *s, struct pollfd *ret);
/* What came of it, and what is due: triage of the next ones, room in the vault. 0, also where trouble came that passes. */
int must_check samples_hear(struct samples *s, const struct pollfd *p, nfds_t n);
