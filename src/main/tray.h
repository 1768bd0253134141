#pragma once
/*
 * The memory that a sample lies in while teiten-triage reads it: written here, read there, and nobody else's. Made before
 * a program confines itself: making memory that could be run is none of what the supervisor may.
 */
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { TRAYS_MOST = 8 }; /* and desks, and workers of triage: each has one */

struct tray {
    int fd;          /* for the worker, which can map it for reading only; owned */
    uint8_t *memory; /* SAMPLE_BYTES (event/sample.h); owned */
    size_t size;     /* bytes that lie in it */
};

/* 0 or -errno. */
int must_check tray_make(struct tray *ret);
void tray_release(struct tray *t); /* one of zeros, or a released one, is fine */
/* Lays a file there, from its beginning. 0; -EFBIG; -errno. */
int must_check tray_lay(struct tray *t, int fd);
/* The memory goes back to the system. */
void tray_clear(struct tray *t);
