#pragma once
/*
 * A capture ring and the sense workers that read it, one after the other: the ring is ours for life, so what
 * comes while a worker is dead is read by the next one, which goes on where the last whole delta ended.
 */
#include "main/delta.h"
#include "main/restart.h"
#include "main/sensor.h"
#include "main/worker.h"
#include "packet/ring.h"

#include <net/if.h>

struct watch {
    size_t number; /* part of the cover */
    char interface[IF_NAMESIZE];
    int ring; /* owned; -1: none now */
    struct ring_stats stats; /* of all its rings */
    struct worker worker;
    bool running;
    struct delta delta;
    struct intake intake;
    uint64_t first_block; /* in no whole delta yet */
    struct record_coverage told; /* the period that was told last */
    int64_t observed_until; /* its end in the last whole delta, or when the ring began; 0: no ring */
    struct restart restart;
    int64_t started;      /* on the clock */
    unsigned fruitless;   /* lives in a row that told of no block, and ended by themselves */
    bool blameless;       /* the last one was killed from outside: nothing in the ring did that */
    uint64_t restarts, flows, packets, given_up; /* over all lives */
    uint32_t confined;    /* CONFINED_ flags of this life */
    uint64_t quiet_until; /* time_mono(): no more warnings until then */
    bool ready;
};

void watch_init(struct watch *w, size_t number, const char *interface);
void watch_release(struct watch *w);

/* Takes the descriptor of a ring that packets go to since that second of the clock. */
void watch_give_ring(struct watch *w, int fd, int64_t since);
/* Hears its worker out and ends it, too; what lies in the ring unread counts as dropped. */
void watch_take_ring(struct watch *w);
/* False where the ring's interface is gone, or worker after worker died of what is in it. */
bool watch_ring_serves(const struct watch *w);

/* How workers are started. */
struct watch_start {
    const struct program *sense;
    const struct sensor *sensor;
    struct store *store;
    int64_t clock_offset;
};
/* 0 or -errno. */
int must_check watch_start(struct watch *w, const struct watch_start *how);
/* Starts it again later, and less and less often; says so once. */
void watch_plan_restart(struct watch *w, const char *why);

/* What lies ready on the channel is held. 0; 1: the worker is at its end; -EPROTO: it spoke nonsense. */
int must_check watch_serve(struct watch *w);
/* Waits for its end, after its last word: how it ended, in words. Or makes it end at once. */
const char *watch_bury(struct watch *w);
void watch_kill(struct watch *w);
