#pragma once
/*
 * A series: what was counted each minute, hour or day, and the rate that it makes over what was observed.
 */
#include "store/store.h"

struct series_row {
    int64_t time, end; /* of the step */
    bool observed;     /* false: a gap, and no number below means anything */
    bool estimated;    /* the addresses observed were inferred */
    bool dark, answering;
    uint64_t accesses, packets;
    int64_t sources;        /* ANSWER_UNKNOWN */
    double per_address_day; /* no number where nothing was observed */
};

struct series {
    struct series_row *row; /* owned; in time order */
    size_t n;
    uint64_t accesses, packets; /* sums */
    struct exposure exposure;   /* of the whole period */
};

/* The question's topic is ASK_SERIES. What store_ask() gives. */
int must_check series_ask(struct series *ret, struct store *s, const struct question *q);
void series_release(struct series *series);

/* What a question counts first: accesses, or packets where it leaves accesses out. */
bool counts_accesses(const struct question *q);
/* Counted, over observed days of one address; no number where nothing was observed. */
double per_address_day(uint64_t counted, const struct exposure *e);
