#pragma once
/*
 * One visitor's connection to a device that is played, at a service of it (Telnet, and its shell; HTTP...). Bytes in, turns,
 * bytes out; no socket, no clock of its own: whoever owns it feeds it and sends what it says (trap/loop.h, and tests). What
 * it sees goes to the world as events. Of a service that speaks in datagrams, each input is one and so is each output.
 *
 * Between turns a connection is only data: under 4 kB at a shell's prompt.
 */
#include "event/record-trap.h"
#include "event/session.h"
#include "trap/pairs.h"
#include "trap/persona.h"

struct conn;
struct shell_fetch;

/* What the connections of a worker share; outlives them. */
struct conn_world {
    struct pairs *pairs;
    struct shell_limits limits; /* steps and output: of all of a connection, however many shells it begins. Steps 0: 50
                                   million */
    void *context;
    /* An event, borrowed for the call. */
    void (*event)(void *context, const struct session_event *e);
    /* A pair was decided anew, until when: for other workers and other lives. */
    void (*decided)(void *context, const struct addr *destination, uint64_t fact, bool accepted, int64_t until);
    /* Of services that speak in datagrams: whether `out` bytes of IP may be sent there, now that `in` came. NULL: they may. */
    bool (*may_send)(void *context, const struct addr *to, uint32_t in, uint32_t out);
    /* Fetch policies (DESIGN): `live` has somebody who is asked for what a visitor wants, by a ticket with which he answers
     * (conn_told()) within a minute or so; 0: not now. `off` is unreachable. Neither: `record`. */
    uint64_t (*ask)(void *context, uint64_t session, const struct shell_fetch *what);
    bool unreachable;
};

struct conn_options {
    const struct conn_world *world;
    enum trap_service service;
    uint64_t id;                /* of the session, unique in the observatory */
    struct persona_here here;
    struct addr source, destination;
    uint16_t source_port, destination_port;
    bool mute;                  /* of datagrams: the source is one that is never answered */
    int64_t now;
    uint64_t seed;              /* of the session's random numbers */
};

enum conn_state {
    CONN_RUNNING, /* its turn was used up: it wants another */
    CONN_WAITS,   /* for the visitor, for its output to be sent, or for conn_wakes() */
    CONN_ENDED,   /* what is left of its output is to be sent, and the connection closed */
};

int must_check conn_make(struct conn **ret, const struct conn_options *options);
/* reason: what the closing event says where it has not said one ("closed", "lost", "shed"). NULL is fine. */
void conn_free(struct conn *c, const char *reason, int64_t now);
/* Takes what came. Where conn_reads() is false it takes nothing. */
void conn_input(struct conn *c, const void *data, size_t n, int64_t now);
bool conn_reads(const struct conn *c); /* more may come */
/* The visitor will say no more. */
void conn_input_end(struct conn *c);
/* What was asked for by a ticket: what came of it, and then, of what was found, all its bytes. Nothing where it is none of this
 * connection's. */
void conn_told(struct conn *c, const struct trap_told *t);
void conn_told_bytes(struct conn *c, uint64_t ticket, const void *data, size_t n);
bool conn_awaits(const struct conn *c); /* whether it waits for such */
enum conn_state conn_run(struct conn *c, int64_t steps, int64_t now);
/* When it wants a turn next; INT64_MAX: never. To be asked after conn_sent(), too: what was held back by output goes on then. */
int64_t conn_wakes(const struct conn *c);
/* What is to be sent, NULL where nothing is: the owner takes it from the front by conn_sent(). */
const uint8_t *conn_output(const struct conn *c, size_t *ret_n);
void conn_sent(struct conn *c, size_t n);
size_t conn_memory(const struct conn *c); /* bytes that it holds */
