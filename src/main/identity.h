#pragma once
/*
 * Who a supervisor that root started becomes: the owner of the state folder where that is an ordinary user,
 * else the user of the configuration. What lies in the folder of root's is handed to that user.
 */
#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct identity {
    uid_t uid;
    gid_t gid;
    bool changes; /* false: we are no root, or there is no such user: all stays as it is */
};

/* The state folder must be there. 0 or -errno. */
int must_check identity_find(struct identity *ret, const char *state, const char *user);
/* Hands over the folder and what is teiten's in it. 0 or -errno. */
int must_check identity_take(const struct identity *who, const char *state);
