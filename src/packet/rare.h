#pragma once
/*
 * What libpcap does for us: pcap savefiles in forms that are seldom met (modified record headers,
 * versions before 2.4), and filter expressions. The only user of pcap.h.
 */
#include "packet/pcap.h"
#include "packet/reader.h"
#include "packet/stream.h"

#include <stddef.h>

struct rare;

/*
 * Reads the n bytes of head (PCAP_HEADER or more), already taken from s, and then s; both are
 * borrowed for as long as the object lives. 0; READER_FORMAT where libpcap does not know it
 * either; -ENOMEM.
 */
int must_check rare_open(struct rare **ret, const struct pcap *file, struct stream *s,
                         const uint8_t *head, size_t n);
void rare_close(struct rare *r); /* NULL is fine */
/* As reader_next(); frames are copies, valid until the next call. After 0 see rare_problem(). */
int must_check rare_next(struct rare *r, struct frame frames[static READER_BATCH]);
enum reader_problem rare_problem(const struct rare *r);
/* Bytes of the stream up to the first record not handed out; too few where libpcap cut records to
 * the file's snapshot length. */
uint64_t rare_offset(const struct rare *r);

/*
 * A filter expression (pcap-filter(7)) for frames of one link type. Names of hosts, ports and
 * protocols are refused (packet/filter-words.h), so that compiling opens nothing and asks nobody.
 */
struct filter;

enum filter_verdict {
    FILTER_GOOD,
    FILTER_BAD, /* not an expression for this link type; why is in ret_why */
};

/* 0, FILTER_BAD or -ENOMEM. ret_why (may be NULL where n is 0) gets at most n - 1 bytes and a
 * zero. */
int must_check filter_compile(struct filter **ret, const char *expression, uint32_t link,
                              char *ret_why, size_t n);
void filter_free(struct filter *f); /* NULL is fine */
/* Frames of another link type never match. */
bool filter_matches(const struct filter *f, const struct frame *frame);
