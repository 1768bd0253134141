#include "packet/fold.h"

#include "base/array.h"
#include "base/hash.h"

#include <stdlib.h>

enum {
    OPEN_HOURS = 3,
    GRACE = 60, /* seconds into an hour after which stragglers of others make a run of their own */
    MINUTES = 60,
    TALLIES = MALFORMEDS + 3,
    PAGES = 1 << 16,         /* of IPv4 destinations seen: one bit each, a page a /16 */
    PAGES_MAX = 1 << 12,
    PAGE_WORDS = 1 << 10,
    NETS = 1 << 17,          /* slots for the /64 of IPv6 destinations, filled to the half */
};

/* A record is a sort_item: key, and rest = destination << 32 | second << 16 | length (the second takes
 * twelve of its sixteen bits). */
static uint64_t record_rest(uint32_t destination, unsigned second, uint16_t length)
{
    return (uint64_t)destination << 32 | (uint64_t)second << 16 | length;
}
static uint32_t record_dest(const struct sort_item *r)
{
    return (uint32_t)(r->rest >> 32);
}
static unsigned record_second(const struct sort_item *r)
{
    return (unsigned)(r->rest >> 16 & 0xffff);
}
static unsigned record_length(const struct sort_item *r)
{
    return (unsigned)(r->rest & 0xffff);
}

/* Addresses of IPv6 packets, numbered as they come; renumbered in order before sorting. */
struct dictionary {
    uint8_t (*addr)[16];
    uint32_t *slot; /* open addressing: number + 1 */
    size_t n, room, slots;
};

struct tally {
    uint64_t packets, bytes;
    uint32_t minute[MINUTES];
};

struct hour {
    uint32_t number;
    int64_t start;
    uint64_t used; /* for choosing which to close */
    struct sort_item *v4, *v6;
    size_t v4_n, v4_room, v6_n, v6_room;
    struct dictionary dictionary;
    struct tally tally[TALLIES];
    bool open, tallied;
};

struct fold {
    struct fold_sink sink;
    struct run_writer *writer;
    struct hour hour[OPEN_HOURS];
    struct hour *current;
    uint64_t limit; /* seconds into the current hour up to which nothing is to be done */
    size_t max, held;
    uint64_t ticks;
    struct minutes minutes;
    struct sort_item *scratch;
    size_t scratch_room;
    uint32_t *dest; /* one flow's destinations, and as much scratch */
    size_t dest_room;
    uint64_t *page[PAGES];
    size_t pages;
    uint64_t *net; /* NETS slots, from the first IPv6 flow on; 0: empty */
    uint64_t nets;
    uint64_t destinations;
    bool too_many;
    uint64_t seed;
};

/* ---- memory ---- */

int fold_make(struct fold **ret, const struct fold_sink *sink, size_t packets)
{
    struct fold *f = calloc(1, sizeof *f);
    if (!f)
        return -ENOMEM;
    f->sink = *sink;
    f->max = packets;
    f->seed = (uint64_t)(uintptr_t)f; /* strangers choose addresses; they must not choose slots */
    int err = run_writer_make(&f->writer, sink->chunk, sink->context);
    if (err) {
        fold_free(f);
        return err;
    }
    *ret = f;
    return 0;
}

static void free_hour(struct hour *h)
{
    free(h->v4);
    free(h->v6);
    free(h->dictionary.addr);
    free(h->dictionary.slot);
}

void fold_free(struct fold *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < OPEN_HOURS; i++)
        free_hour(&f->hour[i]);
    for (size_t i = 0; i < PAGES; i++)
        free(f->page[i]);
    run_writer_free(f->writer);
    minutes_release(&f->minutes);
    free(f->scratch);
    free(f->net);
    free(f->dest);
    free(f);
}

/* ---- IPv6 dictionary ---- */

static int rehash(struct dictionary *d, uint64_t seed)
{
    size_t slots = d->slots ? d->slots * 2 : 4096;
    uint32_t *slot = calloc(slots, sizeof *slot);
    if (!slot)
        return -ENOMEM;
    for (size_t i = 0; i < d->n; i++) {
        size_t at = hash64(d->addr[i], 16, seed) & (slots - 1);
        while (slot[at])
            at = (at + 1) & (slots - 1);
        slot[at] = (uint32_t)i + 1;
    }
    free(d->slot);
    d->slot = slot;
    d->slots = slots;
    return 0;
}

static int number_of(struct dictionary *d, const uint8_t addr[static 16], uint64_t seed, uint32_t *ret)
{
    if (d->n * 2 >= d->slots)
        TRY(rehash(d, seed));
    size_t at = hash64(addr, 16, seed) & (d->slots - 1);
    while (d->slot[at] && memcmp(d->addr[d->slot[at] - 1], addr, 16) != 0)
        at = (at + 1) & (d->slots - 1);
    if (!d->slot[at]) {
        TRY(ARRAY_ROOM(d->addr, d->room, d->n + 1));
        memcpy(d->addr[d->n++], addr, 16);
        d->slot[at] = (uint32_t)d->n;
    }
    *ret = d->slot[at] - 1;
    return 0;
}

static int by_address(const void *a, const void *b, void *addr)
{
    const uint8_t(*table)[16] = addr;
    return memcmp(table[*(const uint32_t *)a], table[*(const uint32_t *)b], 16);
}

/* Sorts the dictionary and gives the records their numbers in it. */
static int put_in_order(struct hour *h)
{
    struct dictionary *d = &h->dictionary;
    uint32_t *order = malloc(2 * d->n * sizeof *order), *rank = order + d->n;
    uint8_t(*sorted)[16] = malloc(d->n * sizeof *sorted);
    if (!order || !sorted) {
        free(order);
        free(sorted);
        return -ENOMEM;
    }
    for (size_t i = 0; i < d->n; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, d->n, sizeof *order, by_address, d->addr);
    for (size_t i = 0; i < d->n; i++) {
        rank[order[i]] = (uint32_t)i;
        memcpy(sorted[i], d->addr[order[i]], 16);
    }
    for (size_t i = 0; i < h->v6_n; i++) {
        struct sort_item *r = &h->v6[i];
        r->key = r->key >> 32 << 32 | rank[(uint32_t)r->key];
        r->rest = (r->rest & 0xffffffff) | (uint64_t)rank[record_dest(r)] << 32;
    }
    free(order);
    free(d->addr);
    d->addr = sorted;
    d->room = d->n;
    return 0;
}

/* ---- adding ---- */

static int flush_hour(struct fold *f, struct hour *h);

/* The hour that holds sec; opening one may close the one that was used longest ago. */
static int find_hour(struct fold *f, int64_t sec, struct hour **ret)
{
    int64_t number = sec / HOUR_SECONDS;
    struct hour *h = NULL, *oldest = &f->hour[0];
    for (size_t i = 0; i < OPEN_HOURS; i++) {
        if (f->hour[i].open && f->hour[i].number == number) {
            f->hour[i].used = ++f->ticks;
            *ret = &f->hour[i];
            return 0;
        }
        if (!f->hour[i].open)
            h = &f->hour[i];
        if (f->hour[i].used < oldest->used)
            oldest = &f->hour[i];
    }
    if (!h) {
        h = oldest;
        TRY(flush_hour(f, h));
    }
    h->number = (uint32_t)number;
    h->start = number * HOUR_SECONDS;
    h->open = true;
    h->used = ++f->ticks;
    *ret = h;
    return 0;
}

static struct tally *tally_of(struct hour *h, uint32_t head)
{
    switch (head_kind(head)) {
    case KIND_MALFORMED:
        return &h->tally[head_port(head) % MALFORMEDS];
    case KIND_OURS:
        return &h->tally[MALFORMEDS];
    case KIND_FOREIGN:
        return &h->tally[MALFORMEDS + 1];
    default:
        return &h->tally[MALFORMEDS + 2];
    }
}

static uint32_t tally_scope(size_t i)
{
    if (i < MALFORMEDS)
        return head_make(PROTO_OTHER, (uint16_t)i, KIND_MALFORMED, 0, 0);
    static const enum kind kinds[] = { KIND_OURS, KIND_FOREIGN, KIND_SOLICITED };
    return head_make(PROTO_OTHER, 0, kinds[i - MALFORMEDS], 0, 0);
}

static void add_tally(struct hour *h, const struct packet *p, unsigned second)
{
    struct tally *t = tally_of(h, p->head);
    t->packets++;
    t->bytes += p->length;
    t->minute[second / 60]++;
    h->tallied = true;
}

static int add_v6(struct fold *f, struct hour *h, const struct packet *p, unsigned second)
{
    uint32_t source, destination;
    TRY(number_of(&h->dictionary, p->v6.source, f->seed, &source));
    TRY(number_of(&h->dictionary, p->v6.destination, f->seed, &destination));
    TRY(ARRAY_ROOM(h->v6, h->v6_room, h->v6_n + 1));
    h->v6[h->v6_n++] = (struct sort_item){ (uint64_t)p->head << 32 | source,
                                           record_rest(destination, second, p->length) };
    return 0;
}

static int add_v4(struct hour *h, const struct packet *p, unsigned second)
{
    if (h->v4_n == h->v4_room)
        TRY(ARRAY_ROOM(h->v4, h->v4_room, h->v4_n + 1));
    h->v4[h->v4_n++] = (struct sort_item){ (uint64_t)p->head << 32 | p->v4.source,
                                           record_rest(p->v4.destination, second, p->length) };
    return 0;
}

static bool makes_flow(enum kind kind)
{
    return kind == KIND_ACCESS || kind == KIND_BACKSCATTER || kind == KIND_OTHER;
}

/* Hours before the current one are whole by now. */
static int flush_others(struct fold *f)
{
    for (size_t i = 0; i < OPEN_HOURS; i++)
        if (f->hour[i].open && f->hour[i].number < f->current->number)
            TRY(flush_hour(f, &f->hour[i]));
    return 0;
}

/* The packet is of another hour than the last one, or the first one past the grace. */
static int turn(struct fold *f, int64_t *sec)
{
    if (*sec < 0 || *sec >= (int64_t)HOUR_SECONDS * (UINT32_MAX / 2))
        *sec = 0;
    TRY(find_hour(f, *sec, &f->current));
    f->limit = HOUR_SECONDS;
    if (*sec - f->current->start < GRACE)
        f->limit = GRACE;
    else
        TRY(flush_others(f));
    return 0;
}

int fold_add(struct fold *f, const struct packet *p, int64_t sec)
{
    if (!f->current || (uint64_t)sec - (uint64_t)f->current->start >= f->limit)
        TRY(turn(f, &sec));
    struct hour *h = f->current;
    unsigned second = (unsigned)(sec - h->start);
    if (!makes_flow(head_kind(p->head))) {
        add_tally(h, p, second);
        return 0;
    }
    TRY(p->family == 4 ? add_v4(h, p, second) : add_v6(f, h, p, second));
    return ++f->held < f->max ? 0 : fold_flush(f);
}

size_t fold_held(const struct fold *f)
{
    return f->held;
}

/* ---- cutting a run ---- */

static void see_destination(struct fold *f, uint32_t dest)
{
    uint64_t **page = &f->page[dest >> 16];
    if (!*page) {
        if (f->pages == PAGES_MAX || !(*page = calloc(PAGE_WORDS, sizeof **page))) {
            f->too_many = true;
            return;
        }
        f->pages++;
    }
    uint64_t *word = &(*page)[(dest & 0xffff) / 64], bit = UINT64_C(1) << (dest % 64);
    f->destinations += !(*word & bit);
    *word |= bit;
}

/* A /64 by its first eight bytes; the one that is all zero is nobody's. */
static void see_net(struct fold *f, const uint8_t address[static 16])
{
    uint64_t net;
    memcpy(&net, address, sizeof net);
    if (!f->net && !(f->net = calloc(NETS, sizeof *f->net)))
        f->too_many = true;
    if (!f->net || net == 0)
        return;
    size_t at = hash64(&net, sizeof net, f->seed) & (NETS - 1);
    while (f->net[at] && f->net[at] != net)
        at = (at + 1) & (NETS - 1);
    if (f->net[at])
        return;
    if (f->nets == NETS / 2) {
        f->too_many = true;
        return;
    }
    f->net[at] = net;
    f->nets++;
    f->destinations++;
}

bool fold_destinations(const struct fold *f, uint64_t *ret)
{
    *ret = f->destinations;
    return !f->too_many;
}

/* A destination of a flow: an IPv4 address, or a number of the IPv6 dictionary. */
static inline void see(struct fold *f, uint32_t dest, const struct dictionary *v6)
{
    if (v6)
        see_net(f, v6->addr[dest]);
    else
        see_destination(f, dest);
}

static int fold_lone(struct fold *f, const struct sort_item *r, const struct dictionary *v6)
{
    uint32_t dest = record_dest(r);
    uint16_t second = (uint16_t)record_second(r);
    struct flow flow = { .key = r->key,
                         .bytes = record_length(r),
                         .packets = 1,
                         .dests = 1,
                         .first = second,
                         .last = second };
    see(f, dest, v6);
    return run_writer_flow(f->writer, &flow, &dest);
}

/* One flow from its n records, which are in the order they came. */
static int fold_flow(struct fold *f, const struct sort_item *r, size_t n,
                     const struct dictionary *v6)
{
    struct flow flow = { .key = r->key, .packets = (uint32_t)n, .first = UINT16_MAX };
    TRY(ARRAY_ROOM(f->dest, f->dest_room, 2 * n));
    for (size_t i = 0; i < n; i++) {
        unsigned second = record_second(&r[i]);
        flow.bytes += record_length(&r[i]);
        flow.first = (uint16_t)(second < flow.first ? second : flow.first);
        flow.last = (uint16_t)(second > flow.last ? second : flow.last);
        f->dest[i] = record_dest(&r[i]);
    }
    sort_u32(f->dest, f->dest + n, n);
    size_t dests = sort_unique_u32(f->dest, n);
    flow.dests = (uint32_t)dests;
    for (size_t i = 0; i < dests; i++)
        see(f, f->dest[i], v6);
    return run_writer_flow(f->writer, &flow, f->dest);
}

static int add_minutes(struct fold *f, uint32_t scope, const uint32_t minute[static MINUTES])
{
    for (unsigned i = 0; i < MINUTES; i++)
        if (minute[i])
            TRY(minutes_add(&f->minutes, scope, i, minute[i]));
    return 0;
}

/* The records of a service lie together: its minutes are counted on the way. */
struct service_minutes {
    uint32_t scope;
    uint64_t met; /* bit n: packets[n] is not zero */
    uint32_t packets[MINUTES];
};

static void count_minute(struct service_minutes *m, const struct sort_item *r)
{
    unsigned minute = record_second(r) / 60;
    m->packets[minute]++;
    m->met |= UINT64_C(1) << minute;
}

static int end_service(struct fold *f, struct service_minutes *m, uint32_t next)
{
    for (; m->met; m->met &= m->met - 1) {
        unsigned minute = (unsigned)__builtin_ctzll(m->met);
        TRY(minutes_add(&f->minutes, m->scope, minute, m->packets[minute]));
        m->packets[minute] = 0;
    }
    m->scope = next;
    return 0;
}

/* Each source's records by head, which mostly are few, of few heads, or in order as they are. */
static void order_heads(struct sort_item *r, size_t n, struct sort_item *scratch)
{
    for (size_t i = 0, j; i < n; i = j) {
        bool sorted = true;
        for (j = i + 1; j < n && (uint32_t)r[j].key == (uint32_t)r[i].key; j++)
            sorted &= r[j - 1].key <= r[j].key;
        if (!sorted)
            sort_items(r + i, scratch, j - i, 32, 64);
    }
}

/* The records in key order, in place of `r` or of the scratch. Least significant digit first: half way they lie
 * by source, which is what the census needs. */
static int sort_records(struct fold *f, struct sort_item *r, size_t n, struct sort_item **ret)
{
    TRY(ARRAY_ROOM(f->scratch, f->scratch_room, n));
    struct sort_item *half = sort_items_to(r, f->scratch, n, 0, 32);
    struct sort_item *other = half == r ? f->scratch : r;
    order_heads(half, n, other);
    TRY(run_writer_census(f->writer, half, n, false));
    *ret = sort_items_to(half, other, n, 32, 64);
    return 0;
}

static int fold_records(struct fold *f, struct sort_item *r, size_t n, const struct dictionary *v6)
{
    TRY(sort_records(f, r, n, &r));
    struct service_minutes m = { .scope = UINT32_MAX };
    for (size_t i = 0, j; i < n; i = j) {
        uint32_t scope = head_service((uint32_t)(r[i].key >> 32));
        if (scope != m.scope)
            TRY(end_service(f, &m, scope));
        count_minute(&m, &r[i]);
        for (j = i + 1; j < n && r[j].key == r[i].key; j++)
            count_minute(&m, &r[j]);
        TRY(j - i == 1 ? fold_lone(f, r + i, v6) : fold_flow(f, r + i, j - i, v6));
    }
    return n ? end_service(f, &m, UINT32_MAX) : 0;
}

static int fold_tallies(struct fold *f, struct hour *h)
{
    for (size_t i = 0; i < TALLIES; i++) {
        struct tally *t = &h->tally[i];
        if (!t->packets)
            continue;
        TRY(run_writer_tally(f->writer, tally_scope(i), t->packets, t->bytes));
        TRY(add_minutes(f, tally_scope(i), t->minute));
    }
    return 0;
}

static void clear_hour(struct fold *f, struct hour *h)
{
    f->held -= h->v4_n + h->v6_n;
    h->v4_n = h->v6_n = 0;
    h->dictionary.n = 0;
    if (h->dictionary.slot)
        memset(h->dictionary.slot, 0, h->dictionary.slots * sizeof *h->dictionary.slot);
    if (h->tallied)
        memset(h->tally, 0, sizeof h->tally);
    h->tallied = h->open = false;
    h->used = 0;
}

static int flush_hour(struct fold *f, struct hour *h)
{
    if (h->v4_n + h->v6_n == 0 && !h->tallied) {
        clear_hour(f, h);
        return 0;
    }
    TRY(f->sink.begin(f->sink.context, h->number));
    run_writer_begin(f->writer, h->number);
    f->minutes.n = 0;
    TRY(fold_records(f, h->v4, h->v4_n, NULL));
    if (h->v6_n) {
        TRY(put_in_order(h));
        TRY(run_writer_family(f->writer, 6, (const uint8_t(*)[16])h->dictionary.addr,
                              h->dictionary.n));
        TRY(fold_records(f, h->v6, h->v6_n, &h->dictionary));
    }
    TRY(fold_tallies(f, h));
    minutes_settle(&f->minutes);
    struct fold_run run = { .hour = h->number, .minutes = &f->minutes };
    TRY(run_writer_end(f->writer, &run.summary));
    TRY(f->sink.end(f->sink.context, &run));
    clear_hour(f, h);
    return 0;
}

int fold_flush(struct fold *f)
{
    for (;;) {
        struct hour *first = NULL;
        for (size_t i = 0; i < OPEN_HOURS; i++)
            if (f->hour[i].open && (!first || f->hour[i].number < first->number))
                first = &f->hour[i];
        if (!first)
            break;
        TRY(flush_hour(f, first));
    }
    f->current = NULL;
    return 0;
}
