#pragma once
/*
 * What the files of a connection share: conn.c what all have, conn-telnet.c and its like (one a service) what is said at a
 * port, conn-record.c what is seen of it, conn-hook.c what its shell tells the world, conn-fetch.c what it wants from there.
 */
#include "trap/conn.h"

enum {
    SPOKEN_PIECE = 512,   /* bytes of the transcript that are gathered */
    OUT_MOST = 16 << 20, /* that wait to be sent; then it ends. One write may be all that a shell holds, each byte doubled */
    OUT_ENOUGH = 16 << 10, /* that wait: it is not run before they are fewer */
    TYPED_MOST = 8 << 10, /* that came and nobody took yet */
    STUB_MOST = 512,
    EVENTS_MOST = 20000, /* of a session, but for its end: an endless loop has no more to tell */
    CONTENT_MOST = 1 << 20, /* bytes of made files that a session tells with them; of the others their hashes */
    STEPS_MOST = 50 * 1000 * 1000, /* of a connection: 5 s of CPU for an empty loop; some 3 MB that are typed */
    GONE_MOST = 10 * 1000 * 1000, /* microseconds that what a visitor began may take once he has hung up */
};

/* What answers at a port. Where a function has nothing to do it is NULL, but for `take` and `run`. */
struct conn_service {
    const char *name; /* as its sessions say it */
    bool datagrams;   /* what it is told and says are messages, not a stream */
    size_t talk;      /* bytes of its own that a connection has (c->talk): zeroed, aligned */
    void (*open)(struct conn *c); /* says what it says first */
    /* What came, as it came: puts into c->typed what is left to be taken. NULL: all of it is. */
    void (*input)(struct conn *c, const uint8_t *data, size_t n);
    /* Takes of what was typed as much as it can now: how much. */
    size_t (*take)(struct conn *c, const uint8_t *data, size_t n);
    /* A turn (conn_feed(), conn_run_shell() and what else it has to do); true: it wants another at once. */
    bool (*run)(struct conn *c, int64_t steps);
    /* What is said on its way out: puts it into c->out. NULL: as it is. */
    void (*put)(struct conn *c, const void *data, size_t n);
    /* What its shell says. NULL: it is said. */
    void (*shell_said)(struct conn *c, const void *data, size_t n);
    void (*shell_ended)(struct conn *c, int status);
    /* Before an event that tells of what the visitor did, and at the end: what is news of his program. */
    void (*tell_client)(struct conn *c, int64_t now);
    int64_t (*wakes)(const struct conn *c); /* beside its budget, idle time and shell; INT64_MAX: never */
    void (*release)(struct conn *c);        /* what c->talk points to */
    size_t (*memory)(const struct conn *c); /* of that */
};
extern const struct conn_service conn_telnet, conn_http, conn_netis, conn_other;

/* A piece of the transcript. */
struct spoken {
    uint8_t direction;
    int64_t at; /* its first byte */
    uint16_t n;
    uint8_t data[SPOKEN_PIECE];
};

/* What the shell shows of the address; points into itself. */
struct identity {
    struct shell_identity shell;
    char address[ADDR_TEXT], peer[ADDR_TEXT];
    char resolved[ADDR_TEXT]; /* of the name that was asked for last */
};

/* Something that others fetch for the visitor (DESIGN, "Fetch policy"). */
struct fetch_wait {
    struct fetch_wait *next;
    uint64_t ticket;
    char *url;
    uint8_t scheme;
    uint16_t port;
    char applet[16], host[256]; /* for what is told of one who left */
    bool whole;                 /* all was said of it */
    int64_t until;              /* microseconds; then nobody will say anything any more */
    struct trap_told told;      /* its answer is FETCH_PENDING before */
    size_t expected;            /* bytes */
    struct buf content;
};

struct conn {
    const struct conn_world *world;
    const struct conn_service *service;
    void *talk;                   /* the service's own; lies behind this, or in talk_later */
    void *talk_later;             /* of the service that it became */
    uint64_t id, seed;
    struct persona_here here;
    struct addr source, destination;
    uint16_t source_port, destination_port;
    bool mute;                    /* never answered, if by datagrams */
    uint8_t stream;               /* of what the shell says: 1 or 2 */
    bool over;                    /* it has nothing more to say than what waits to be sent */
    bool visitor_ended;
    bool held; /* it would have gone on, but too much waited to be sent */
    uint16_t tries;
    int64_t began, last, now;     /* last: when the visitor spoke; now: of this turn */
    int64_t gone;                 /* when it was seen that he hung up */
    struct shell_limits limits;   /* of the next shell: what the ones before have left of the world's */
    struct identity *identity;    /* once a shell has begun */
    uint16_t columns, rows;       /* of the visitor's terminal; 0: not known */
    struct shell *shell;
    enum shell_state shell_state;
    struct spoken *spoken;        /* NULL: nothing is gathered */
    struct buf typed, out;
    size_t typed_at, out_at;      /* what was taken of them */
    const char *reason;           /* of the end; static */
    uint64_t bytes_in, bytes_out;
    uint32_t commands, downloads, events, content;
    uint8_t *stub;                /* content of the last download */
    struct fetch_wait *waits;     /* owned */
    struct buf fetched;           /* content of the last one that others fetched */
};

/* ---- conn.c ---- */
/* What the device says; of datagrams a whole one. */
void conn_say(struct conn *c, const void *data, size_t n);
void conn_end(struct conn *c, const char *reason); /* static */
/* Offers what was typed to the service; whether it took any. */
bool conn_feed(struct conn *c);
/* The device's shell: as it stands behind a log-in (command NULL), or for one command (sh -c, without a terminal). Where there
 * is no memory for it the connection is over. */
void conn_begin_shell(struct conn *c, const char *command);
void conn_run_shell(struct conn *c, int64_t steps);
static inline bool conn_shell_runs(const struct conn *c)
{
    return c->shell && c->shell_state == SHELL_RUNNING;
}
/* Another service has the visitor from here on, as if he had come to it and said what was not taken yet; it must be the last
 * that `take` does, which then takes nothing. false: it has not (no memory, no such service). */
bool conn_become(struct conn *c, enum trap_service s);
/* So much waits to be sent that nothing more is to be said now. */
bool conn_is_full(const struct conn *c);
/* The visitor has hung up, and all that he said was taken. */
bool conn_is_deserted(const struct conn *c);
/* Judges a pair, tells of it, and remembers it for others. */
bool conn_judge(struct conn *c, const char *user, size_t n_user, const char *password, size_t n_password);

/* ---- conn-record.c ---- */
/* To the world, as long as there is something left to tell. */
void record_event(struct conn *c, const struct session_event *e);
void record_open(struct conn *c);
void record_login(struct conn *c, const struct pair_try *t, bool accepted, bool remembered);
void record_command(struct conn *c, const char *text, size_t n, int64_t now);
/* A command that the device does not have, and what it answers. */
void record_unknown(struct conn *c, const char *name, size_t n, const void *answer, size_t n_answer);
void record_close(struct conn *c, int64_t now);
void record_spoken(struct conn *c, unsigned direction, const void *data, size_t n, int64_t now);
void record_flush(struct conn *c);

/* ---- conn-fetch.c ---- */
void conn_fetch(void *context, const struct shell_fetch *what, struct shell_fetched *ret); /* shell_hook.fetch */
int64_t conn_waits_until(const struct conn *c); /* INT64_MAX: for nothing */
size_t conn_waits_memory(const struct conn *c);
void conn_free_waits(struct conn *c);

/* ---- conn-hook.c ---- */
extern const struct shell_hook conn_hook; /* its context is the connection */
