#pragma once
/*
 * Endpoints in text: URLs, names and addresses of hosts, user agents, pairs of user and password. Each gets a reason and how
 * sure it is; addresses that are not global unicast are marked (sample/judge.h).
 */
#include "sample/strings.h"
#include "event/sample.h"

/* Where the text came from. */
struct endpoint_source {
    const char *reason;   /* "string", "xor", "wide" */
    const uint8_t *key;   /* it was hidden with; NULL: it lay open */
    uint8_t key_n;
    int trust;            /* added to how sure all of it is: -30 to 20 */
};

/* What strings follow each other, for lists of log-ins. One a pass over a file. */
struct endpoint_list {
    char last[SAMPLE_WORD]; /* the string before, where it may be a user's name; "" else */
    uint64_t last_end;
};

/* Adds what a string has. 0 or -ENOMEM. */
int must_check endpoint_find(struct sample_report *r, const struct found_string *s, const struct endpoint_source *from,
                             struct endpoint_list *list);
/* A pass over a file's strings, for strings_each() and its like. */
struct endpoint_walk {
    struct sample_report *report;
    struct endpoint_source from;
    struct endpoint_list list;
};
int endpoint_take(void *walk, const struct found_string *s);
/* A URL, of whatever a script says that it would fetch; unknown parts ("*") make it less sure. */
int must_check endpoint_add_url(struct sample_report *r, const char *url, uint16_t port, const char *reason, int confidence);
/* Whether it is a name that a host may have: labels, and a top level domain that is known. */
bool endpoint_is_name(const char *s, size_t n);
