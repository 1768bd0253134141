#pragma once
/*
 * One thing that is fetched, by a teiten-dial and a teiten-fetch of its own: resolved, judged, connected, spoken over, and the
 * bytes put aside. Which of the addresses may be dialled the owner says; what came of it, and what follows, is the owner's, too.
 */
#include "event/record-sample.h"
#include "main/dialler.h"
#include "main/plan.h"
#include "main/worker.h"
#include "sample/vault.h"

#include <poll.h>

/* What all slots share; borrowed. */
struct slot_tools {
    const struct sample_plan *plan;
    struct dialler *dialler;
    const struct program *fetch;
    struct vault *vault;
};

struct slot_ask {
    char url[FETCH_URL];     /* that was judged (sample/url.h) */
    char host[DIAL_HOST];
    uint16_t port;
    bool tftp;
    unsigned more;           /* connections that may follow the first, to the same address */
    char file[DIAL_HOST];    /* of TFTP */
    char agent[FETCH_AGENT]; /* "": none */
};

enum slot_state {
    SLOT_FREE,
    SLOT_RESOLVES,
    SLOT_RESOLVED, /* waits for slot_connect() */
    SLOT_CONNECTS,
    SLOT_FETCHES,
    SLOT_ADDS, /* FTP's connection for data is dialled meanwhile */
    SLOT_DONE, /* until slot_clear() */
};

/* What became of it: connected to `address` where its family is not 0. */
struct slot_result {
    int status;          /* 0: there is `ended`; else -errno of resolving or connecting */
    struct fetch_ended ended;
    struct addr address;
    bool kept;           /* all came, and is in the vault */
    uint8_t sha256[32];
    uint64_t size;
};

struct fetch_slot {
    const struct slot_tools *tools;
    enum slot_state state;
    struct slot_ask ask;
    struct channel dial;   /* open from SLOT_RESOLVES on */
    int hand, more;        /* owned; -1; sockets come by the one and go on by the other */
    struct worker fetch;
    bool fetching;         /* it runs */
    struct vault_file file;
    bool writing;
    uint64_t until;        /* time_mono(): all of it is over */
    struct dial_found found;
    struct slot_result result;
};

void slot_init(struct fetch_slot *s, const struct slot_tools *tools);
/* Begins with a free one. 0; -EPIPE: there is no dialler any more; -errno, and it is free. */
int must_check slot_begin(struct fetch_slot *s, const struct slot_ask *ask);
/* Goes on from SLOT_RESOLVED with one of s->found. */
void slot_connect(struct fetch_slot *s, const struct addr *to);
/* Ends what there is of it; the slot is free. */
void slot_clear(struct fetch_slot *s);

enum { SLOT_POLLS = 3 };
/* What is to be waited for, SLOT_POLLS of it. */
void slot_listen(const struct fetch_slot *s, struct pollfd *ret);
/* What came of it, or of the time that passed: s->state tells. */
void slot_hear(struct fetch_slot *s, const struct pollfd *p);
