#pragma once
/*
 * Names to addresses, by c-ares alone: no NSS, no files, only the name servers that are given. Both families.
 */
#include "base/addr.h"

enum { RESOLVE_MOST = 16 };

struct resolved {
    int status; /* 0; -ENOENT no such name; -ETIMEDOUT; -EIO: no answer that makes sense */
    struct addr addr[RESOLVE_MOST];
    size_t n;
};

/* Once, before the first. 0 or -errno. */
int must_check resolve_prepare(void);
/* Waits at most so many milliseconds. 0 or -errno (-ENOMEM, -EINVAL: no server). */
int must_check resolve(const char *name, const struct endpoint *server, size_t servers, unsigned milliseconds, struct resolved *ret);
