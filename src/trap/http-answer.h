#pragma once
/*
 * What a persona's web server answers to a request: first the plan (which page, who is asked for what), then, once what is to
 * be run has run, the bytes. No sockets, no state but what the visit tells.
 */
#include "trap/http-site.h"
#include "trap/persona.h"

/* What an answer depends on beside the request. */
struct http_visit {
    const struct http_server *server;
    const struct persona_here *here;
    const struct addr *source, *destination;
    int64_t now;
    unsigned served; /* requests of this connection that were answered before */
    void *context;
    /* A pair was tried: whether it is right. */
    bool (*judge)(void *context, struct http_text user, struct http_text password);
};

struct http_plan {
    uint32_t status; /* 0: it hangs up without a word */
    const struct http_answer *answer; /* NULL: the server's own words for the status */
    bool runs;       /* it shows what the request's commands say, where the page has {{output}} */
    bool keeps;      /* the connection goes on */
    bool asks;       /* for a user, by WWW-Authenticate */
    bool let_in;     /* by a log-in: it gets the cookie */
};

/* The first mark of a text that is none: where it begins; NULL: all are known. */
const char *http_unknown_mark(const char *text, size_t n);

void http_plan(const struct http_visit *v, const struct http_request *r, struct http_plan *ret);
/* Appends the answer. output: of the commands. */
void http_say(const struct http_visit *v, const struct http_request *r, const struct http_plan *plan, struct http_text output,
              struct buf *to);
