#pragma once
/*
 * How much may be sent to whom: never more than came from there, and 64 bytes an hour, until a prefix (an IPv4 /24, an IPv6
 * /64) has shown by a TCP handshake that it is where it says it is. One table for all addresses and all workers, in memory
 * that they share with each other and with the kernel's filter of SYNs (main/syn-filter.c), which does the same in BPF. Bytes
 * are those of IP packets, headers and all.
 *
 * A slot is a prefix's (`owner`, a keyed hash that no two prefixes share) as long as its hour lasts; the next one takes it
 * then. Each prefix has four places where its slot may be; where all are others' nothing is sent. All of it is done by single
 * words in one order for all, so that nobody waits for anybody, and whoever dies between two of them mutes a slot for an hour:
 *
 * - To charge: owner is read, then state, then owner again, and state is exchanged if it still is what it was.
 * - To take a place: its state, which is over, is exchanged for { now, all bits of what is left }, by which nobody is sent
 *   anything; then owner is written; then the four places are looked at; then state is written. Two who take two places for one
 *   prefix at once see it, one of them at least, and the second gets no credit; the first place is what counts from then on.
 * - The owner renews its own, once it is over, by one exchange for { now, not proven, 64 }.
 */
#include "base/addr.h"

#include <stdatomic.h>

enum {
    BUDGET_SLOTS = 1 << 18,
    BUDGET_PLACES = 4,   /* of a prefix, one behind the other */
    BUDGET_CREDIT = 64,  /* bytes an hour */
    BUDGET_HOUR = 3600,  /* seconds */
    BUDGET_MOST = 1 << 30, /* bytes that may be left */
    BUDGET_KEYS = 3,
};

/* state: bits 63..32 since when, in seconds of the monotonic clock and one; bit 31 proven; bits 30..0 what is left. */
struct budget_slot {
    _Atomic uint64_t owner, state;
};
#define BUDGET_BYTES ((size_t)BUDGET_SLOTS * sizeof(struct budget_slot))

struct budget {
    struct budget_slot *slot; /* borrowed */
    uint32_t slots;           /* a power of two; of the shared table BUDGET_SLOTS */
    uint64_t key[BUDGET_KEYS]; /* random, of this run: which prefixes meet in a slot nobody foresees */
};

/* The table of a descriptor, for life: a BPF array that may be mapped, or a file of memory. 0 or -errno. */
int must_check budget_map(int fd, struct budget_slot **ret);

/* Its prefix as a number. */
uint64_t budget_prefix(const struct addr *a);
/* Never 0. */
uint64_t budget_owner(const struct budget *b, uint64_t prefix);
/* The second for what follows: of CLOCK_MONOTONIC, and one. */
uint32_t budget_now(void);
/* `in` bytes came from there, `out` are to be sent: whether they may. Else they are not charged; what came is, all the same. */
bool must_check budget_charge(const struct budget *b, uint64_t prefix, uint32_t in, uint32_t out, uint32_t now);
/* A handshake with it was completed: for an hour it may be sent what is to be sent. */
void budget_prove(const struct budget *b, uint64_t prefix, uint32_t now);
