#pragma once
/*
 * What passes between the supervisor and teiten-keeper, the only program with rights: one message a request,
 * one an answer, over a SOCK_SEQPACKET pair; descriptors ride on the answer (SCM_RIGHTS).
 *
 * Neither trusts the other's bytes. What the keeper does not know, or is asked once too often, ends it; an
 * answer that makes no sense is as good as a dead keeper.
 */
#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/rd.h"
#include "trap/budget.h"
#include "trap/ports.h"

#include <net/if.h>

enum request_type {
    REQUEST_LIMITS = 1, /* raise what the supervisor may open; once */
    REQUEST_RINGS,      /* capture rings on an interface */
    REQUEST_LISTEN,     /* bound sockets */
    REQUEST_BUDGET,     /* the table of main/syn-filter.h; listeners that are made from then on charge to it; once */
    REQUEST_CLAIM,      /* prefixes whose every address is answered; once */
    REQUEST_CONFIRM,    /* which stay so; once */
    REQUEST_TYPES,
};

enum {
    REQUEST_RINGS_MOST = 16,      /* descriptors in one answer */
    REQUEST_BYTES = 32 << 10,     /* the longest message: 1024 prefixes */
    REQUEST_PREFIXES = 1024,
    REQUEST_CLAIMS = 64,
    REQUEST_EXCEPTS = 64,
};

/* Rings of one interface that share its packets by source. */
struct request_rings {
    char interface[IF_NAMESIZE];
    uint32_t n; /* 1 to REQUEST_RINGS_MOST */
    uint32_t block_kib, blocks; /* 0: as packet/ring.h has them */
    bool ignore_outgoing, promiscuous;
    struct prefix_list own; /* what comes from these is steered by where it goes; owned */
};
void request_rings_release(struct request_rings *v);

/* TCP: bound and listening; UDP: bound. Several at one port share what comes by source. Those that are `claimed` get what comes
 * to claimed addresses of their family, at whatever port: of TCP all, of UDP what comes to their own. */
struct request_listen {
    bool tcp, claimed;
    uint32_t n; /* 1 to REQUEST_RINGS_MOST */
    struct addr addr;
    uint16_t port;
};

/* See main/claim.h. */
struct request_claim {
    struct prefix_list prefix; /* 1 to REQUEST_CLAIMS; owned */
    struct request_except {
        struct addr addr; /* family 0: at every address */
        uint16_t port;
    } except[REQUEST_EXCEPTS];
    uint32_t excepts;
    uint32_t confirm_s;  /* after so many seconds it ends, where REQUEST_CONFIRM has not come; 0: it stays */
    struct ports *ports; /* owned */
};

struct request {
    enum request_type type;
    uint32_t files; /* limits */
    struct request_rings rings;
    struct request_listen listen;
    struct request_claim claim;
};
void request_release(struct request *v);

/* Into an empty buffer, which tells by buf_ok() whether it had room. */
void request_put(struct buf *b, const struct request *v);
/* 0; 1 where it is none; -ENOMEM. *ret's parts are the caller's. */
int must_check request_get(struct rd r, struct request *ret);

/* The keys say which slot of the table is whose. `kernel`: listeners that are made from then on charge what comes to them;
 * else, for want of rights or of BPF, only what workers send by themselves is bounded. */
struct request_budget {
    uint64_t key[BUDGET_KEYS];
    bool kernel;
};

/* status: 0, -errno. */
struct request_answer {
    int32_t status;
    bool has_budget;
    struct request_budget budget;
};

/* One message each. 0; -errno, -E2BIG for more prefixes than may be sent, and nothing is; receiving: -EPIPE where the
 * other side is gone, -EPROTO where it makes no sense. */
int must_check request_send(int fd, const struct request *v);
int must_check answer_send(int fd, const struct request_answer *v, const int *pass, size_t n);
/* At most `most` descriptors come, close-on-exec, the caller's; more, or other things, are closed: -EPROTO. */
int must_check answer_receive(int fd, struct request_answer *ret, int *ret_fd, size_t most, size_t *ret_n);
