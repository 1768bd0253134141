#pragma once
/*
 * What passes between the supervisor and teiten-trap beside events of sessions (event/record.h): how it is to work, what
 * was decided of pairs of user and password (both ways), and how many came.
 */
#include "event/record.h"

enum { TRAP_WORKERS = 8, TRAP_PERSONA = 64, TRAP_LISTENERS = 64, TRAP_BUDGET_KEYS = 3 };

/*
 * Numbers of sessions: milliseconds since 2020, a turn within the millisecond, the worker; so that a store need not put new
 * ones between old ones, and JSON's 53 bits last for a long time. The first of a worker that begins at `now` (microseconds);
 * each further one is TRAP_WORKERS more at least.
 */
uint64_t trap_session_id(int64_t now, uint8_t worker);

/* What answers at a port. */
enum trap_service {
    SERVICE_TELNET,
    SERVICE_HTTP,
    SERVICE_NETIS, /* 53413/UDP */
    SERVICE_OTHER, /* takes what is said first, and names it */
    TRAP_SERVICES,
    SERVICE_BY_PORT = TRAP_SERVICES, /* of a listener for claimed addresses alone: what trap/ports.h has at the port */
};
const char *trap_service_name(enum trap_service s); /* "telnet" */

/* Which ports of an address answer beside its device's own. */
enum trap_catchall { CATCHALL_NONE, CATCHALL_SOME /* a few */, CATCHALL_ALL, CATCHALL_WAYS };

/* Who is let in. */
enum trap_login { LOGIN_AS_PERSONA, LOGIN_ANY, LOGIN_LISTED, LOGIN_NEVER, LOGIN_AFTER, LOGIN_WAYS };

/* What is done of what visitors want fetched (DESIGN, "Fetch policy"); as the configuration's words. */
enum fetch_policy { POLICY_FETCH_OFF, POLICY_FETCH_RECORD, POLICY_FETCH_LIVE, POLICY_FETCH_WAYS };

struct trap_setup {
    uint8_t key[16];      /* secret, of this observatory: what differs by address is made of it */
    uint8_t worker;       /* below TRAP_WORKERS */
    uint64_t first_id;    /* no session has one that is as great */
    char persona[TRAP_PERSONA]; /* that all addresses play; "": by address */
    enum trap_login login;
    uint32_t after;       /* LOGIN_AFTER: tries */
    uint64_t remember;    /* microseconds */
    uint32_t total, source, network; /* sessions at once: of this worker, of a source, of its network */
    uint64_t memory;      /* bytes that they may hold together */
    uint32_t listeners;   /* descriptors that it was handed, at most TRAP_LISTENERS */
    uint8_t service[TRAP_LISTENERS]; /* enum trap_service: of each of them; or SERVICE_BY_PORT */
    enum trap_catchall catchall;
    enum fetch_policy fetch;
    int64_t clock_offset; /* seconds, for tests */
    uint64_t budget_key[TRAP_BUDGET_KEYS]; /* of the table that it shares with others (trap/budget.h) */
    struct prefix_list own; /* the sensor's: from there nothing is answered that may be forged. What was got is the caller's */
};
int must_check record_put_trap_setup(struct channel *c, const struct trap_setup *v);
int must_check record_get_trap_setup(struct rd r, struct trap_setup *ret); /* 0, 1, -ENOMEM */

/* A decision about a pair at an address, as trap/pairs.h keeps it: a keyed hash, and no more. */
struct trap_fact {
    uint64_t fact;
    bool accepted;
    int64_t until; /* microseconds */
};
int must_check record_put_trap_fact(struct channel *c, const struct trap_fact *v);
int must_check record_get_trap_fact(struct rd r, struct trap_fact *ret);

/* Since this worker began. */
struct trap_counts {
    uint64_t accepted;
    uint64_t refused; /* over what one source or network may have */
    uint64_t shed;    /* made room for others */
    uint64_t failed;  /* could not be accepted: no descriptors */
    uint64_t unsaid;  /* bytes of transcripts that were left out, for the supervisor did not read */
    uint64_t held;    /* milliseconds that visitors waited for the same reason */
    uint64_t memory;  /* bytes that visitors hold */
    uint64_t open;
    uint64_t datagrams; /* that came; of these so many were: */
    uint64_t probes, logins, commands, others;
    uint64_t answered;   /* datagrams that were sent */
    uint64_t unanswered; /* would have been, but for the budget of who asked (trap/budget.h) */
    uint64_t untold;     /* came, and are in none of the sessions that are told of */
    uint64_t lost;       /* never came to a worker: the kernel had no room for them */
};
void trap_counts_add(struct trap_counts *sum, const struct trap_counts *v);
int must_check record_put_trap_counts(struct channel *c, const struct trap_counts *v);
int must_check record_get_trap_counts(struct rd r, struct trap_counts *ret);

/* ---- a visitor waits for what it would have fetched ---- */

enum {
    TRAP_URL = 2048,
    TRAP_AGENT = 128,
    TRAP_ANSWERS = 8, /* of shell/hook.h, with FETCH_PENDING, which is 0 */
    TRAP_PIECE = 64 << 10,
    TRAP_CONTENT = 3 << 20, /* bytes of what was found that are handed on: a shell's memory has no room for more */
};

/* Worker to supervisor. */
struct trap_ask {
    uint64_t session, ticket;
    char url[TRAP_URL];
    char agent[TRAP_AGENT]; /* what the device's program calls itself; "" nothing */
};
int must_check record_put_trap_ask(struct channel *c, const struct trap_ask *v);
int must_check record_get_trap_ask(struct rd r, struct trap_ask *ret);

/* And back: the word, and of what was found (`answer` FETCH_FOUND of shell/hook.h) its bytes in pieces, up to
 * TRAP_CONTENT. */
struct trap_told {
    uint64_t session, ticket;
    uint8_t answer;          /* enum fetch_answer of shell/hook.h, but for FETCH_PENDING */
    char address[ADDR_TEXT]; /* that the host was found at; "" it was not */
    uint8_t sha256[32];      /* of what was found */
    uint64_t size;
};
int must_check record_put_trap_told(struct channel *c, const struct trap_told *v);
int must_check record_get_trap_told(struct rd r, struct trap_told *ret);
int must_check record_put_trap_bytes(struct channel *c, uint64_t session, uint64_t ticket, const void *data, size_t n);
int must_check record_get_trap_bytes(struct rd r, uint64_t *ret_session, uint64_t *ret_ticket, struct rd *ret_bytes);
