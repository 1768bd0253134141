#pragma once
/*
 * Who a supervisor that root started becomes: the owner of the state folder where that is an ordinary user,
 * else the user of the configuration. A folder that was root's alone is handed to that user with what is
 * teiten's in it; from one that is another's, or that others may write to, nothing is: what lies there may be
 * root's by accident or by design.
 */
#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct identity {
    uid_t uid;
    gid_t gid;
    bool changes; /* false: we are no root, or there is no such user: all stays as it is */
};

/* `folder`: the state folder, open for reading, the same for both. 0 or -errno. */
int must_check identity_find(struct identity *ret, int folder, const char *user);
/* Hands over what is to be handed over. 0, also where that is nothing; -errno. */
int must_check identity_take(const struct identity *who, int folder);
