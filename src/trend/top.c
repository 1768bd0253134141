#include "trend/top.h"

#include "trend/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char *service_text(enum proto proto, uint16_t port, unsigned kinds, char text[static SERVICE_TEXT])
{
    if (kinds == 1u << KIND_MALFORMED)
        snprintf(text, SERVICE_TEXT, "%s", malformed_name(port));
    else if (kinds == 1u << KIND_SOLICITED || kinds == 1u << KIND_OURS || kinds == 1u << KIND_FOREIGN)
        snprintf(text, SERVICE_TEXT, "%s", kind_name((enum kind)__builtin_ctz(kinds)));
    else if (proto == PROTO_ICMP || proto == PROTO_ICMP6)
        snprintf(text, SERVICE_TEXT, "%u/%u/%s", port >> 8, port & 255u, proto_name(proto));
    else
        snprintf(text, SERVICE_TEXT, "%u/%s", port, proto_name(proto));
    return text;
}

/* ---- beside the period before ---- */

static int order_services(const struct answer *x, const struct answer *y)
{
    int order = (int)x->proto - (int)y->proto;
    return order ? order : (int)x->port - (int)y->port;
}

static int order_fingerprints(const struct answer *x, const struct answer *y)
{
    return (x->fingerprint > y->fingerprint) - (x->fingerprint < y->fingerprint);
}

static int order_sources(const struct answer *x, const struct answer *y)
{
    return addr_cmp(&x->source, &y->source);
}

/* An answer of the period before and its rank there, to be looked up by what it is of. */
struct ranked {
    const struct answer *answer;
    size_t rank;
    int (*order)(const struct answer *x, const struct answer *y);
};

static int by_what(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return x->order(x->answer, y->answer);
}

static uint64_t counted(const struct answer *a, bool by_accesses)
{
    return by_accesses ? a->accesses : a->packets;
}

int top_compare(struct top_row *row, size_t n, const struct answer *before, size_t before_n,
                enum store_topic topic, bool by_accesses)
{
    int (*order)(const struct answer *, const struct answer *) =
        topic == ASK_SERVICES ? order_services
        : topic == ASK_SOURCES ? order_sources
                               : order_fingerprints;
    struct ranked *list = calloc(before_n + 1, sizeof *list);
    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < before_n; i++)
        list[i] = (struct ranked){ &before[i], i + 1, order };
    qsort(list, before_n, sizeof *list, by_what);
    for (size_t i = 0; i < n; i++) {
        struct ranked key = { &row[i].answer, 0, order };
        const struct ranked *was = bsearch(&key, list, before_n, sizeof *list, by_what);
        row[i].previous = was ? counted(was->answer, by_accesses) : 0;
        row[i].previous_rank = was ? was->rank : 0;
    }
    free(list);
    return 0;
}

double top_change(uint64_t now_counted, const struct exposure *now, uint64_t previous,
                  const struct exposure *before)
{
    double rate = per_address_day(now_counted, now), rate_before = per_address_day(previous, before);
    return rate_before > 0 ? rate / rate_before - 1 : (double)NAN;
}

/* ---- asking ---- */

static int collect(struct store *s, const struct question *q, struct answer **ret, size_t *ret_n)
{
    struct answers *answers;
    struct answer a, *list = NULL;
    size_t n = 0, room = 0;
    int err = store_ask(s, q, &answers);
    if (err)
        return err;
    while (!err && answers_next(answers, &a)) {
        if (n == room) {
            size_t more = room ? room * 2 : 64;
            struct answer *p = realloc(list, more * sizeof *p);
            if (!p) {
                err = -ENOMEM;
                break;
            }
            list = p;
            room = more;
        }
        list[n++] = a;
    }
    answers_free(answers);
    if (err)
        free(list);
    else {
        *ret = list;
        *ret_n = n;
    }
    return err;
}

static int ask_rows(struct top *top, struct store *s, const struct question *q)
{
    struct answer *list;
    size_t n;
    int err = collect(s, q, &list, &n);
    if (err)
        return err;
    err = store_exposure(s, q->from, q->to, &top->exposure); /* after the question: of what it could read */
    if (err) {
        free(list);
        return err;
    }
    top->row = calloc(n + 1, sizeof *top->row);
    for (size_t i = 0; top->row && i < n; i++)
        top->row[i] = (struct top_row){
            .answer = list[i],
            .rank = i + 1,
            .counted = counted(&list[i], counts_accesses(q)),
            .per_address_day = per_address_day(counted(&list[i], counts_accesses(q)), &top->exposure),
            .change = (double)NAN,
        };
    top->n = top->row ? n : 0;
    free(list);
    return top->row ? 0 : -ENOMEM;
}

/* A period before that was not observed, or was cleaned, leaves the rows without comparison. */
static int ask_before(struct top *top, struct store *s, const struct question *q,
                      const struct period *before)
{
    struct question past = *q;
    past.from = before->from;
    past.to = before->to;
    past.limit = 0;
    past.bare = true;
    struct answer *list;
    size_t n;
    if (top->exposure_before.address_seconds <= 0)
        return 0;
    int err = collect(s, &past, &list, &n);
    if (err)
        return err == STORE_REFUSED ? 0 : err;
    err = top_compare(top->row, top->n, list, n, q->topic, counts_accesses(q));
    free(list);
    if (!err)
        err = store_exposure(s, before->from, before->to, &top->exposure_before);
    if (err)
        return err;
    top->compared = true;
    for (size_t i = 0; i < top->n; i++)
        top->row[i].change = top_change(top->row[i].counted, &top->exposure, top->row[i].previous,
                                        &top->exposure_before);
    return 0;
}

int top_ask(struct top *ret, struct store *s, const struct question *q, const struct period *before)
{
    struct top top = { 0 };
    int err = ask_rows(&top, s, q);
    if (!err)
        err = store_exposure(s, before->from, before->to, &top.exposure_before);
    if (!err)
        err = ask_before(&top, s, q, before);
    if (err)
        top_release(&top);
    else
        *ret = top;
    return err;
}

void top_release(struct top *top)
{
    free(top->row);
    *top = (struct top){ 0 };
}
