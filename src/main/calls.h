#pragma once
/*
 * The keeper's table of permitted calls (main/calls.c), apart from its main() so that it can be tested and
 * fuzzed.
 */
#include "base/rd.h"
#include "main/claim.h"
#include "main/request.h"
#include "main/syn-filter.h"

#include <sys/types.h>

struct calls {
    pid_t supervisor;          /* whose limits may be raised */
    struct syn_filter *filter; /* borrowed; NULL where there is none to be had */
    struct claim *claim;       /* borrowed; NULL where nobody is to claim anything */
    unsigned made[REQUEST_TYPES];
};

/* What a call came to. Descriptors are the caller's. */
struct call_result {
    struct request_answer answer;
    int fd[REQUEST_RINGS_MOST];
    size_t n;
};

/* Carries out one message. 0: answer it; -EPROTO: no call of ours, or one too many: the keeper ends;
 * -ENOMEM. */
int must_check calls_serve(struct calls *c, struct rd message, struct call_result *ret);
void call_result_release(struct call_result *v);
