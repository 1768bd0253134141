#pragma once
/*
 * gzip (RFC 1952): one or more members as a stream. The only user of zlib.h.
 *
 * Zero bytes after the last member are padding, as tapes and block devices leave it; anything else
 * there is damage.
 */
#include "base/err.h"
#include "base/rd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gzip_verdict {
    GZIP_SOUND,
    GZIP_DAMAGED,
};

struct gzip;

int must_check gzip_make(struct gzip **ret); /* 0 or -ENOMEM */
void gzip_free(struct gzip *g);              /* NULL is fine */
/* Takes what it can from in, writes at most n bytes; 0, GZIP_DAMAGED or -ENOMEM. *ret_n holds in
 * every case. Where *ret_n == n more may be waiting without further input. */
int must_check gzip_run(struct gzip *g, struct rd *in, uint8_t *out, size_t n, size_t *ret_n);
/* Whether the input may end here: no member is half read. */
bool gzip_whole(const struct gzip *g);
