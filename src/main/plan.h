#pragma once
/*
 * What is to be observed, and how it is kept: made of the command line and the configuration (cli/observe-plan.c).
 */
#include "event/record-sample.h"
#include "event/record-trap.h"
#include "main/request.h"
#include "main/sensor.h"

#include <net/if.h>

enum {
    PLAN_INTERFACES = 16,
    PLAN_WORKERS = 8, /* an interface */
    PLAN_DOORS = TRAP_LISTENERS, /* addresses and ports where the trap answers */
    PLAN_CLAIMED = 4,            /* of these, for claimed addresses: TCP and UDP of either family */
};

struct trap_place {
    struct endpoint at;
    enum trap_service service;
    bool must; /* it was asked for: that it cannot be had is trouble */
};

/* What answers, and how. */
struct trap_plan {
    struct trap_place place[PLAN_DOORS];
    size_t n;          /* 0: nothing answers */
    unsigned workers;  /* at most TRAP_WORKERS; each listens at all of them */
    struct request_claim claim; /* its ports are made when the personas can be read */
    struct trap_setup setup; /* all but what a worker has of its own; its list is the sensor's, borrowed */
};

/* What is done of samples, and of what visitors want fetched. For the life of the observatory. */
struct sample_plan {
    unsigned desks;        /* triage workers; 0: there is nobody to bring samples */
    uint64_t quota;        /* bytes of the vault */
    enum fetch_policy policy;
    struct endpoint proxy; /* port 0: none */
    struct endpoint server[DIAL_SERVERS]; /* of DNS */
    uint32_t servers;
    struct prefix_list deny; /* owned */
    uint16_t first_port;   /* of FETCH_PORTS that are connected from */
    uint32_t hourly;
    int64_t life;          /* seconds */
};
enum { FETCH_PORTS = 1000 };

struct observe_interface {
    char name[IF_NAMESIZE];
    uint64_t addresses; /* of its own */
};

struct observe_plan {
    struct sensor sensor; /* setup.own holds every address of the sensor; owned */
    struct observe_interface interface[PLAN_INTERFACES];
    size_t n;
    unsigned workers;     /* an interface */
    bool together;        /* the addresses are the sensor's, not each interface's own */
    bool promiscuous;
    struct session_rules sessions;
    struct trap_plan trap;
    struct sample_plan samples;
    struct keep keep;     /* its zone is borrowed from the configuration */
    size_t held_most;     /* bytes of counts in memory while the store cannot be written */
};

void observe_plan_release(struct observe_plan *p);
/* Addresses of the whole sensor, as far as a signed number goes. */
uint64_t observe_plan_addresses(const struct observe_plan *p);
/* Whether the rings of the one serve the other. */
bool observe_plan_same_rings(const struct observe_plan *a, const struct observe_plan *b);
/* Claims are for life: the same prefixes, left out the same, with the same ports. */
bool observe_plan_same_claim(const struct observe_plan *a, const struct observe_plan *b);
void trap_plan_release(struct trap_plan *p);
void sample_plan_release(struct sample_plan *p);
bool sample_plan_same(const struct sample_plan *a, const struct sample_plan *b);
bool trap_place_same(const struct trap_place *a, const struct trap_place *b);
/* Whether the same answers at the same places, so that nobody there needs to be disturbed. */
bool observe_plan_same_trap(const struct observe_plan *a, const struct observe_plan *b);
