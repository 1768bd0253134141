#pragma once
/*
 * Live capture: a sense worker an interface, one writer. Runs until a signal asks to stop.
 */
#include "main/cover.h"
#include "main/sensor.h"

#include <net/if.h>

enum { OBSERVE_INTERFACES = COVER_PARTS };

struct observe_interface {
    char name[IF_NAMESIZE];
    uint64_t addresses; /* of its own */
};

struct observe {
    struct store *store;         /* borrowed, as all */
    const struct sensor *sensor; /* setup.own holds every address of the sensor */
    struct observe_interface interface[OBSERVE_INTERFACES];
    size_t n;
    bool together;        /* the addresses are the sensor's, not each interface's own */
    bool promiscuous;
    struct keep keep;
    int64_t clock_offset; /* seconds, for tests */
    /* where it could not begin, or had to end: */
    const char *trouble;  /* interface or program; NULL: the store */
};

/* 0 when asked to stop and all was stored; -errno (said in the log where it came while running), with
 * `trouble` set. */
int must_check observe_run(struct observe *o);
