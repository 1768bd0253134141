#pragma once
/*
 * What passes between the supervisor and the three programs that samples go through: teiten-dial (resolves, judges, connects),
 * teiten-fetch (speaks over what it was handed) and teiten-triage (reads what came).
 *
 * A dial and a fetch live for one thing that is fetched. Sockets ride on messages of their own (base/pass.h).
 */
#include "event/record.h"
#include "event/sample.h"

/* ---- teiten-triage: one sample after the other, which lies in the memory that it shares (main/fds.h) ---- */

struct triage_ask {
    uint64_t number; /* comes back with the report */
    uint64_t size;   /* bytes of the shared memory */
};
int must_check record_put_triage(struct channel *c, const struct triage_ask *v);
int must_check record_get_triage(struct rd r, struct triage_ask *ret);
int must_check record_put_triaged(struct channel *c, uint64_t number, const struct sample_report *report);
/* 0 (the report is the caller's); 1; -ENOMEM. */
int must_check record_get_triaged(struct rd r, uint64_t *ret_number, struct sample_report *ret);

/* ---- teiten-dial ---- */

enum { DIAL_SERVERS = 4, DIAL_HOST = 256, DIAL_ADDRESSES = 16, DIAL_DENIED = 1024 };

/* First: what is to be resolved, and how. */
struct dial_ask {
    struct endpoint server[DIAL_SERVERS]; /* of DNS */
    uint32_t servers;
    uint16_t first_port, last_port; /* that it connects from (inclusive) */
    char host[DIAL_HOST];           /* a name, or an address */
    uint32_t milliseconds;          /* for each of its steps */
    struct prefix_list deny;        /* the operator's; owned: what was got is the caller's */
};
int must_check record_put_dial(struct channel *c, const struct dial_ask *v);
int must_check record_get_dial(struct rd r, struct dial_ask *ret); /* 0, 1, -ENOMEM */

/* What came of it: each address with its verdict (sample/judge.h: 0 may be dialled). */
struct dial_found {
    int32_t status; /* 0; else -errno: -ENOENT no such name, -ETIMEDOUT, -EIO no answer that makes sense */
    uint32_t n;
    struct {
        struct addr addr;
        uint8_t verdict;
    } found[DIAL_ADDRESSES];
};
int must_check record_put_dialled(struct channel *c, const struct dial_found *v);
int must_check record_get_dialled(struct rd r, struct dial_found *ret);

/* Then: one of these, or where the operator's proxy is (`proxy`: not judged). Again for each connection more (FTP's data): then
 * the address must be the first one. The socket, or why there is none, comes over the other descriptor. */
struct dial_go {
    struct endpoint to;
    bool proxy;
    bool tftp;          /* a read request is sent, and the socket handed over when its answer is there (RFC 1350) */
    char file[DIAL_HOST]; /* of TFTP */
};
int must_check record_put_dial_go(struct channel *c, const struct dial_go *v);
int must_check record_get_dial_go(struct rd r, struct dial_go *ret);

/* ---- teiten-fetch ---- */

enum { FETCH_URL = 2048, FETCH_AGENT = 256, FETCH_PIECE = 64 << 10 };

struct fetch_ask {
    char url[FETCH_URL];     /* absolute; http, https, ftp, tftp */
    struct addr address;     /* that was judged, and is pinned */
    char agent[FETCH_AGENT]; /* User-Agent; "" none */
    char headers[FETCH_AGENT]; /* further ones that the persona's client sends, a line each */
    bool proxied;            /* what is handed over leads to a proxy of HTTP */
    uint64_t bytes;          /* the most */
    uint32_t milliseconds;   /* the most, for all of it */
};
int must_check record_put_fetch(struct channel *c, const struct fetch_ask *v);
int must_check record_get_fetch(struct rd r, struct fetch_ask *ret);

int must_check record_put_fetch_data(struct channel *c, const void *data, size_t n); /* at most FETCH_PIECE */
/* FTP's passive port: the supervisor has it dialled, at the pinned address. */
int must_check record_put_fetch_wants(struct channel *c, uint16_t port);
int must_check record_get_fetch_wants(struct rd r, uint16_t *ret_port);

enum fetch_end { FETCHED_ALL, FETCHED_REDIRECT, FETCHED_STATUS /* an error of the server's */, FETCHED_CUT /* it ended early */,
                 FETCHED_LARGE, FETCHED_SLOW, FETCHED_NONSENSE, FETCHED_WAYS };
const char *fetch_end_name(enum fetch_end e); /* "all" "redirect"... */
struct fetch_ended {
    enum fetch_end how;
    uint32_t status;          /* 200, 404; FTP's and TFTP's own; 0 none */
    uint64_t bytes;
    char location[FETCH_URL]; /* of a redirect, absolute */
    char why[SAMPLE_TEXT];    /* in words */
};
int must_check record_put_fetch_end(struct channel *c, const struct fetch_ended *v);
int must_check record_get_fetch_end(struct rd r, struct fetch_ended *ret);
