#pragma once
/*
 * Totals of an hour or a day: packets, bytes and distinct sources by scope; and the minute totals of an
 * hour: packets by service and minute. Both are short sorted lists, kept as one blob each.
 */
#include "base/buf.h"
#include "base/rd.h"
#include "event/service.h"

/*
 * What a total counts. A service scope is a head without its mark (protocols 0 to 4); the other scopes
 * take the protocol numbers above.
 */
enum { SCOPE_KIND = 5, SCOPE_PROTO = 6, SCOPE_FINGERPRINT = 7 };

static inline uint32_t scope_kind(enum kind kind)
{
    return (uint32_t)SCOPE_KIND << 29 | (uint32_t)kind << 10;
}
/* Distinct sources are known of accesses alone. */
static inline uint32_t scope_proto(enum proto proto, enum kind kind)
{
    return (uint32_t)SCOPE_PROTO << 29 | (uint32_t)proto << 13 | (uint32_t)kind << 10;
}
/* Accesses of the sources that have the fingerprint. Number: see fingerprint_tool() and _label(). */
static inline uint32_t scope_fingerprint(unsigned number)
{
    return (uint32_t)SCOPE_FINGERPRINT << 29 | number << 13 | (uint32_t)KIND_ACCESS << 10;
}
static inline bool scope_is_service(uint32_t scope)
{
    return scope >> 29 < PROTOS;
}

/* Packets that make no flow, and so no source: malformed, ours, foreign, solicited. */
static inline bool scope_is_tally(uint32_t scope)
{
    enum kind kind = head_kind(scope);
    return scope_is_service(scope) && (kind == KIND_MALFORMED || kind == KIND_OURS ||
                                       kind == KIND_FOREIGN || kind == KIND_SOLICITED);
}

/* Fingerprints are numbered: tools by their bit (0, 1, 2), p0f labels from 16 on. */
enum { FINGERPRINT_TOOLS = 3, FINGERPRINT_LABEL = 16, FINGERPRINTS = FINGERPRINT_LABEL + MARK_LABELS };

struct total {
    uint32_t scope;
    uint64_t packets, bytes, sources;
};

struct totals {
    struct total *item; /* owned; ascending by scope, each once, after totals_settle() */
    size_t n, room;
    /* asked of totals_decode(): which services, which are many; wide scopes come always */
    enum { TOTALS_ALL, TOTALS_WIDE /* none */, TOTALS_BETWEEN /* first to last */ } want;
    uint32_t first, last;
};

void totals_release(struct totals *t);
/* Appends; the same scope may come again. */
int must_check totals_add(struct totals *t, uint32_t scope, uint64_t packets, uint64_t bytes,
                          uint64_t sources);
/* Sorts, and folds repeats into one (their sources add: the caller knows that they are distinct). */
void totals_settle(struct totals *t);
/* NULL where the scope is not there. */
const struct total *totals_find(const struct totals *t, uint32_t scope);

struct zstd_packer;
int must_check totals_encode(const struct totals *t, struct zstd_packer *z, struct buf *out);
/* Appends to *t what the blob holds. 0; 1 where it is none; -ENOMEM. */
int must_check totals_decode(struct totals *t, struct zstd_packer *z, const void *data, size_t n);

struct minute_cell {
    uint32_t scope; /* a service scope */
    uint32_t packets;
    uint8_t minute; /* 0..59 */
};

struct minutes {
    struct minute_cell *item; /* owned; ascending by (scope, minute) after minutes_settle() */
    size_t n, room;
};

void minutes_release(struct minutes *m);
int must_check minutes_add(struct minutes *m, uint32_t scope, unsigned minute, uint32_t packets);
void minutes_settle(struct minutes *m);
int must_check minutes_encode(const struct minutes *m, struct zstd_packer *z, struct buf *out);
int must_check minutes_decode(struct minutes *m, struct zstd_packer *z, const void *data, size_t n);
