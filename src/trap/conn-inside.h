#pragma once
/* What the files of a connection share: conn.c its stages, conn-record.c what is seen of it, conn-hook.c what its
 * shell asks of the world. */
#include "trap/conn.h"

enum conn_stage { STAGE_OPENING, STAGE_LOGIN, STAGE_VENDOR, STAGE_SHELL, STAGE_OVER };

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

/* A piece of the transcript. */
struct spoken {
    uint8_t direction;
    int64_t at; /* its first byte */
    uint16_t n;
    uint8_t data[SPOKEN_PIECE];
};

struct vendor_stage {
    struct vendor_at at;
    struct line line;
    char text[VENDOR_LINE];
};

/* What the shell shows of the address; points into itself. */
struct identity {
    struct shell_identity shell;
    char address[ADDR_TEXT], peer[ADDR_TEXT];
    char resolved[ADDR_TEXT]; /* of the name that was asked for last */
};

struct conn {
    const struct conn_world *world;
    uint64_t id, seed;
    struct persona_here here;
    struct addr source, destination;
    uint16_t source_port, destination_port;
    uint8_t stage;
    bool visitor_ended;
    bool held; /* it would have gone on, but too much waited to be sent */
    uint8_t told_spoken; /* of the negotiation */
    uint16_t tries, columns_told;
    int64_t began, last, now;     /* last: when the visitor spoke; now: of this turn */
    int64_t gone;                 /* when it was seen that he hung up */
    struct shell_limits limits;   /* of the next shell: what the ones before have left of the world's */
    struct identity *identity;    /* once the shell has begun */
    struct telnet telnet;
    struct login *login;          /* while it lasts */
    struct vendor_stage *vendor;  /* once it has begun */
    struct shell *shell;
    enum shell_state shell_state;
    struct spoken *spoken;        /* NULL: nothing is gathered */
    struct buf typed, out;
    size_t typed_at, out_at;      /* what was taken of them */
    const char *reason;           /* of the end; static */
    uint64_t bytes_in, bytes_out;
    uint32_t commands, downloads, events, content;
    uint8_t *stub;                /* content of the last download */
};

/* To the world, as long as there is something left to tell. */
void record_event(struct conn *c, const struct session_event *e);
/* What the device says, escaped for Telnet. */
void conn_say(struct conn *c, const void *data, size_t n);

/* ---- conn-record.c ---- */
void record_open(struct conn *c);
void record_client(struct conn *c, int64_t now); /* where there is news of it */
void record_login(struct conn *c, const struct pair_try *t, bool accepted, bool remembered);
void record_command(struct conn *c, const char *text, size_t n, int64_t now);
/* A command that the device does not have, and what it answers. */
void record_unknown(struct conn *c, const char *name, size_t n, const void *answer, size_t n_answer);
void record_close(struct conn *c, int64_t now);
void record_spoken(struct conn *c, unsigned direction, const void *data, size_t n, int64_t now);
void record_flush(struct conn *c);

/* ---- conn-hook.c ---- */
extern const struct shell_hook conn_hook; /* its context is the connection */
