#pragma once
/*
 * The greatest services, sources or fingerprints of a period, beside the equal period before it.
 */
#include "trend/period.h"

struct top_row {
    struct answer answer;
    size_t rank;            /* 1 is the first */
    uint64_t counted;       /* accesses, or packets where the question leaves accesses out */
    uint64_t previous;      /* the same of the period before */
    size_t previous_rank;   /* 0: it was not there */
    double per_address_day; /* no number where nothing was observed */
    double change; /* of the rate, as a share: 0.5 is half as much again; no number where either is unknown */
};

struct top {
    struct top_row *row; /* owned; in rank order */
    size_t n;
    bool compared; /* false: the period before was not observed, or is kept no more; previous is unknown */
    struct exposure exposure, exposure_before;
};

/* The question's topic is not ASK_SERIES. What store_ask() gives. */
int must_check top_ask(struct top *ret, struct store *s, const struct question *q,
                       const struct period *before);
void top_release(struct top *top);

/* Fills previous and previous_rank of rows from the answers of the period before, which stand in rank order
 * (by packets where not by accesses). 0 or -ENOMEM. */
int must_check top_compare(struct top_row *row, size_t n, const struct answer *before, size_t before_n,
                           enum store_topic topic, bool by_accesses);
/* How much a rate changed; the counts are of the two periods that the exposures tell of. */
double top_change(uint64_t counted, const struct exposure *now, uint64_t previous,
                  const struct exposure *before);

/* "23/tcp", "8/0/icmp", "47/other", as service_parse() takes it. Where `kinds` (bits, as in a question) is
 * one that has no ports: of malformed packets the reason, of the others the kind. */
enum { SERVICE_TEXT = 32 };
const char *service_text(enum proto proto, uint16_t port, unsigned kinds, char text[static SERVICE_TEXT]);
