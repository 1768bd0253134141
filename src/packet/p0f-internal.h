#pragma once
/*
 * What the parts of packet/p0f share: signatures as the file says them (p0f-file.c), SYNs as
 * signatures see them (p0f-syn.c), and the matching of one against the other (p0f.c).
 */
#include "packet/p0f.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    P0F_OPTIONS = 24, /* p0f looks no further; a SYN with more counts as `bad` */
    P0F_LABELS = 127,
    P0F_LABEL_LENGTH = 127,
};

enum p0f_quirk {
    P0F_DF = 1 << 0,
    P0F_ID_SET = 1 << 1,  /* id+ */
    P0F_ID_ZERO = 1 << 2, /* id- */
    P0F_ECN = 1 << 3,
    P0F_MUST_BE_ZERO = 1 << 4, /* 0+ */
    P0F_FLOW = 1 << 5,
    P0F_SEQ_ZERO = 1 << 6,
    P0F_ACK_SET = 1 << 7,
    P0F_ACK_ZERO = 1 << 8,
    P0F_URGENT_POINTER = 1 << 9,
    P0F_URGENT_FLAG = 1 << 10,
    P0F_PUSH_FLAG = 1 << 11,
    P0F_OWN_TIME_ZERO = 1 << 12,
    P0F_PEER_TIME_SET = 1 << 13,
    P0F_TRAILING = 1 << 14, /* opt+ */
    P0F_SCALE_EXCESS = 1 << 15,
    P0F_BAD = 1 << 16,

    P0F_V4_QUIRKS = P0F_DF | P0F_ID_SET | P0F_ID_ZERO | P0F_MUST_BE_ZERO,
    P0F_V6_QUIRKS = P0F_FLOW,
};

/*
 * The order of TCP options, in a form that compares and hashes as four words: option kinds, first
 * one lowest; `tail` holds their number and, above it, the bytes after an end-of-options.
 */
struct p0f_layout {
    uint64_t kinds[P0F_OPTIONS / 8];
    uint64_t tail;
};

static inline uint64_t p0f_layout_tail(unsigned options, unsigned padding)
{
    return options | (uint64_t)padding << 8;
}
static inline bool p0f_layout_same(const struct p0f_layout *a, const struct p0f_layout *b)
{
    return a->kinds[0] == b->kinds[0] && a->tail == b->tail && a->kinds[1] == b->kinds[1] &&
           a->kinds[2] == b->kinds[2];
}

enum p0f_window {
    P0F_WINDOW_ANY,
    P0F_WINDOW_IS,
    P0F_WINDOW_DIVIDES,
    P0F_WINDOW_MSS,
    P0F_WINDOW_MTU,
};
enum { P0F_ANY = -1 }; /* in mss, scale and payload */

struct p0f_sig {
    struct p0f_layout layout;
    uint32_t order;     /* of its line; the first of equals wins */
    uint32_t quirks[2]; /* that a SYN over IPv4, over IPv6 must have */
    int32_t mss;
    int16_t scale;
    uint16_t window;     /* value, divisor or multiplier */
    uint8_t window_type; /* enum p0f_window */
    uint8_t version;     /* 4, 6; 0 is both */
    uint8_t ttl, olen;
    int8_t payload;  /* 0 none, 1 some */
    bool ttl_random; /* ttl is only the upper bound */
    bool generic;    /* a last resort */
    bool tool;       /* an application's own SYN, not its system's: never matched fuzzily */
    uint8_t label;   /* 0: its label was left out */
};

/* A file as read; owns its arrays. */
struct p0f_file {
    struct p0f_sig *sigs;
    size_t n_sigs, cap_sigs;
    char *labels[P0F_LABELS];
    size_t n_labels;
    char **left_out; /* labels beyond P0F_LABELS, as met */
    size_t n_left_out, cap_left_out;
};

/* 0, 1 with *ret_line, -ENOMEM. *f starts zeroed and is released by the caller in any case. */
int must_check p0f_file_read(struct p0f_file *f, const char *text, size_t n, unsigned *ret_line);
void p0f_file_release(struct p0f_file *f);

/* A SYN as signatures see it. */
struct p0f_shape {
    struct p0f_layout layout;
    uint32_t quirks;
    uint16_t window, mss; /* mss and scale are 0 where absent */
    uint8_t scale, ttl, olen;
    uint8_t tcp_length; /* of the TCP header */
    bool v6, payload;
    bool own_time; /* a timestamp that is not zero */
};

/* The TCP options: sets layout, mss, scale, own_time, tcp_length and starts quirks. False where
 * the TCP header is not whole. */
bool p0f_shape_options(struct p0f_shape *s, const struct p0f_syn *syn);

/*
 * The bytes that the options of one layout are made of where every length is the usual one:
 * constants, and holes for values. A SYN that fits needs no walk. Layouts with options that have
 * no usual length, or with a value twice, have no frame.
 */
enum { P0F_OPTION_WORDS = 5, P0F_NO_HOLE = 0xff };
struct p0f_frame {
    uint64_t value[P0F_OPTION_WORDS], mask[P0F_OPTION_WORDS];
    uint32_t group, weight;    /* of the matcher's; not used here */
    uint8_t length;            /* of the options, in bytes */
    uint8_t mss, scale, times; /* offset of the value, or P0F_NO_HOLE */
};
/* False where the layout has none. */
bool p0f_frame_make(struct p0f_frame *f, const struct p0f_layout *layout);
/* The first of n frames, all as long as this SYN's options, that fits; sets what
 * p0f_shape_options() does except layout. NULL: none, *s is untouched. */
const struct p0f_frame *p0f_shape_frame(struct p0f_shape *s, const struct p0f_syn *syn,
                                        const struct p0f_frame *frames, unsigned n);

/* Everything else, after the options. False where it is not a plain SYN in an unfragmented
 * packet. */
bool p0f_shape_headers(struct p0f_shape *s, const struct p0f_syn *syn);

/* How the window is made, as p0f finds it: P0F_WINDOW_MSS or _MTU with the multiplier, or
 * P0F_WINDOW_IS. */
enum p0f_window p0f_shape_window(const struct p0f_shape *s, unsigned *ret_multiplier);

/* The same answer as p0f_match(), without frames, TTL classes and cache: always by the walk over
 * the options and the table. For tests. */
unsigned p0f_match_uncached(const struct p0f *p, const struct p0f_syn *syn);
