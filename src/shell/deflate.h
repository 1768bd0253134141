#pragma once
/*
 * Raw deflate (RFC 1951), both ways, and the CRC that gzip adds. The only user of zlib in the shell; its
 * memory is the owner's, and goes with it.
 */
#include "base/err.h"
#include "shell/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct deflate;
struct inflate;

struct deflate *deflate_make(struct memory *m); /* at the level of gzip's -6 */
/* Takes what it can of the *n bytes at *data (both move on) and gives what it can of `room` at to; the
 * bytes given. `ends`: no more will come; then 0 says that all is given. */
size_t deflate_run(struct deflate *d, const uint8_t **data, size_t *n, bool ends, uint8_t *to, size_t room);

enum inflate_state {
    INFLATE_MORE, /* all was taken, or to is full */
    INFLATE_END,  /* the stream is over; what stands behind it was not taken */
    INFLATE_BAD,
};

struct inflate *inflate_make(struct memory *m);
void inflate_again(struct inflate *i); /* another stream begins */
enum inflate_state inflate_run(struct inflate *i, const uint8_t **data, size_t *n, uint8_t *to, size_t room,
                               size_t *ret_given);

/* Begins with 0. */
uint32_t deflate_crc(uint32_t crc, const void *data, size_t n);
