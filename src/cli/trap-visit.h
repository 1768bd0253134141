#pragma once
/*
 * An address as a visitor sees it: an ordinary client's connections, one at a time and no faster than VISIT_PAUSE.
 */
#include "base/addr.h"
#include "base/err.h"

enum {
    VISIT_SAID = 2048,  /* bytes that are heard */
    VISIT_PAUSE = 20,   /* milliseconds between two */
    VISIT_CONNECT = 2000, /* until nobody answers */
};

enum visit_end { VISIT_OPEN, VISIT_CLOSED /* refused */, VISIT_SILENT /* nobody answered */, VISIT_FAILED };

struct visit {
    enum visit_end end;
    int error; /* -errno of VISIT_FAILED */
    size_t n;
    uint8_t said[VISIT_SAID];
    uint32_t sent, received; /* bytes of IP; of datagrams only */
};

/* Connects, says `say` (NULL: nothing), and hears until nothing comes for `quiet` milliseconds. */
void visit_tcp(const struct addr *a, uint16_t port, const char *say, int quiet, struct visit *ret);
/* One datagram, and the first that comes back. Whether somebody is there shows by an answer only. */
void visit_udp(const struct addr *a, uint16_t port, const void *probe, size_t n, int quiet, struct visit *ret);
