#pragma once
/*
 * What gzip made (RFC 1952), read piece by piece, as BusyBox reads it: members one behind the other, and
 * what else stands at the end is passed over. Memory is the owner's.
 */
#include "shell/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GUNZIP_WINDOW = 32768 };

struct gunzip;

enum gunzip_state {
    GUNZIP_MORE,    /* all was taken */
    GUNZIP_OUT,     /* there is output; then call again */
    GUNZIP_DONE,    /* the end; the rest of the input is nobody's */
    GUNZIP_MAGIC,   /* it does not begin as such a file does */
    GUNZIP_DAMAGED, /* gunzip_why() */
};

struct gunzip *gunzip_make(struct memory *m);
/* Takes of the *n bytes at *data (both move on). After GUNZIP_OUT the output is borrowed until the next call. */
enum gunzip_state gunzip_run(struct gunzip *g, const uint8_t **data, size_t *n, const uint8_t **ret, size_t *ret_n);
/* The input is over: GUNZIP_DONE, GUNZIP_MAGIC or GUNZIP_DAMAGED. */
enum gunzip_state gunzip_end(struct gunzip *g);
/* When the file was changed, as its first member tells: seconds since 1970, or 0. */
int64_t gunzip_time(const struct gunzip *g);
const char *gunzip_why(const struct gunzip *g); /* "crc error" */
