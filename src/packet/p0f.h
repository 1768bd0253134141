#pragma once
/*
 * p0f 3 TCP SYN signatures: section [tcp:request] of a p0f signature file, matched against one SYN.
 *
 * The format is described in p0f's README (docs/README, "Database structure"); the code is our own.
 * Exact and fuzzy matching are p0f's, except that a match is a pure function of one packet. Answers are
 * kept in a bounded cache of normalised SYN shapes, so that the common case is one look-up.
 */
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct p0f;

/* What a SYN shows; pointers are borrowed for the call. */
struct p0f_syn {
    const uint8_t *ip;  /* the IP header */
    const uint8_t *tcp; /* the TCP header */
    const uint8_t *end; /* end of what may be read: captured, and inside the IP packet */
    uint32_t payload;   /* TCP payload bytes, by the IP length */
    uint8_t version;    /* 4 or 6 */
};

/*
 * Parses a signature file held in memory. 0; positive where it is not one, with *ret_line the first bad
 * line; -ENOMEM. Unknown sections are skipped. At most 127 distinct labels are kept; the rest are
 * counted in p0f_left_out().
 */
int must_check p0f_load(struct p0f **ret, const char *text, size_t n, unsigned *ret_line);
void p0f_free(struct p0f *p); /* NULL is fine */

/* Labels as "OS name flavour" ("Linux 3.11 and newer", "NMap SYN scan"), numbered from 1; n of them. */
size_t p0f_labels(const struct p0f *p);
const char *p0f_label(const struct p0f *p, unsigned number);
size_t p0f_left_out(const struct p0f *p);

/* The number of the label that fits this SYN, 0 where none does. Exact signatures win over generic and
 * fuzzy ones. The SYN's TCP header is at least 20 bytes long (the caller saw its flags). */
unsigned p0f_match(struct p0f *p, const struct p0f_syn *syn);
