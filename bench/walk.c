/*
 * How fast the packet path is, part by part: million packets a second over one plain pcap.
 *
 *   walk [--p0f FILE] MODE FILE
 *
 * A mode is one row of MODES. What is counted is printed too: the compiler can't leave the work
 * out, and the counts can be held against the generator's. Read with the page cache warm and pinned
 * to one core; bench/run does both.
 */
#include "base/own.h"
#include "base/time.h"
#include "packet/decode.h"
#include "packet/kinds.h"
#include "packet/p0f.h"
#include "packet/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
    SERVICES = 1 << 19, /* protocol and port: the upper bits of a head */
    TAILS = 1 << 13,    /* kind and mark: the lower bits of a head */
    BARE_READ = 1 << 20,
    SET_LEAST = 1 << 12,
    HUGE_PAGE = 1 << 21,
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "walk: %s: %s\n", what, why);
    exit(1);
}

static void *must_alloc(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (!p)
        die("memory", strerror(ENOMEM));
    return p;
}

/* Zeroed, in huge pages where they are to be had: tables are touched all over, and faults cost
 * more. */
static void *must_alloc_big(size_t size)
{
    if (size < HUGE_PAGE)
        return must_alloc(size, 1);
    void *p = aligned_alloc(HUGE_PAGE, size);
    if (!p)
        die("memory", strerror(ENOMEM));
    madvise(p, size, MADV_HUGEPAGE);
    return memset(p, 0, size);
}

/* ------------------------------------------------------------------ a set of keys */

/*
 * Open addressing, at most half full, grown by doubling; slots of 32 or 64 bits. Zero marks a free
 * slot, so a key is never zero. Keys are put in by the batch: hashed and prefetched first, compared
 * afterwards.
 */
struct set {
    void *slot;
    size_t room, n;
    unsigned shift;
};

static inline uint64_t slot_get(const struct set *s, size_t at, bool wide)
{
    return wide ? ((uint64_t *)s->slot)[at] : ((uint32_t *)s->slot)[at];
}

static inline void slot_set(struct set *s, size_t at, uint64_t key, bool wide)
{
    if (wide)
        ((uint64_t *)s->slot)[at] = key;
    else
        ((uint32_t *)s->slot)[at] = (uint32_t)key;
}

static inline size_t set_at(const struct set *s, uint64_t key)
{
    return (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> s->shift);
}

static inline void set_put_at(struct set *s, uint64_t key, size_t at, bool wide)
{
    uint64_t there;
    while ((there = slot_get(s, at, wide)) != key) {
        if (!there) {
            slot_set(s, at, key, wide);
            s->n++;
            return;
        }
        at = (at + 1) & (s->room - 1);
    }
}

/* Room for a whole batch, so that nothing moves while it is put in. */
static void set_reserve(struct set *s, size_t more, bool wide)
{
    if (s->slot && (s->n + more) * 2 <= s->room)
        return;
    struct set bigger = { .room = s->slot ? s->room * 2 : SET_LEAST };
    bigger.slot = must_alloc_big(bigger.room * (wide ? sizeof(uint64_t) : sizeof(uint32_t)));
    bigger.shift = 64 - (unsigned)__builtin_ctzll(bigger.room);
    for (size_t i = 0; i < s->room; i++) {
        uint64_t key = slot_get(s, i, wide);
        if (key)
            set_put_at(&bigger, key, set_at(&bigger, key), wide);
    }
    free(s->slot);
    *s = bigger;
}

/* Inlined twice, so that the width is known where it matters. */
static inline void set_put_batch(struct set *s, const uint64_t *key, size_t n, bool wide)
{
    size_t at[READER_BATCH];
    set_reserve(s, n, wide);
    for (size_t i = 0; i < n; i++) {
        at[i] = set_at(s, key[i]);
        __builtin_prefetch((char *)s->slot + at[i] * (wide ? 8 : 4), 1);
    }
    for (size_t i = 0; i < n; i++)
        set_put_at(s, key[i], at[i], wide);
}

/* ------------------------------------------------------------------ counting */

enum distinct {
    DISTINCT_NONE,
    DISTINCT_SOURCES, /* sources by hour */
    DISTINCT_PAIRS,   /* (protocol, port, source) by hour */
};

/* The running hour; its arrays serve the next one. */
struct counter {
    int64_t hour;
    uint32_t *count; /* by protocol and port */
    struct set seen;
    enum distinct distinct;
    uint64_t services, sources;  /* of the hours before: services counted, distinct keys */
    uint64_t tail[TAILS]; /* packets by kind and mark */
    uint64_t packets, v6;
};

static void end_hour(struct counter *c)
{
    for (size_t k = 0; k < SERVICES; k++)
        c->services += c->count[k] != 0;
    c->sources += c->seen.n;
    memset(c->count, 0, SERVICES * sizeof *c->count);
    if (c->seen.n)
        memset(c->seen.slot, 0, c->seen.room * (c->distinct == DISTINCT_PAIRS ? 8 : 4));
    c->seen.n = 0;
}

static void begin_hour(struct counter *c, int64_t sec)
{
    if (c->packets == 0)
        c->count = must_alloc_big(SERVICES * sizeof *c->count);
    else if (sec / 3600 < c->hour)
        die("capture", "not in time order");
    else if (sec / 3600 > c->hour)
        end_hour(c);
    c->hour = sec / 3600;
}

/* Never zero: 0.0.0.0 goes by the number of the broadcast address, and neither is anyone's. */
static inline uint64_t distinct_key(enum distinct d, const struct packet *p)
{
    uint64_t source = p->v4.source ? p->v4.source : UINT32_MAX;
    return d == DISTINCT_PAIRS ? source | (uint64_t)(p->head >> 13) << 32 : source;
}

/* One run of frames within one hour. */
static void count_run(struct counter *c, const struct packet *p, size_t n)
{
    uint64_t key[READER_BATCH];
    size_t keys = 0;
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(&c->count[p[i].head >> 13], 1);
    for (size_t i = 0; i < n; i++) {
        c->count[p[i].head >> 13]++;
        c->tail[p[i].head & (TAILS - 1)]++;
    }
    c->packets += n;
    if (!c->distinct)
        return;
    for (size_t i = 0; i < n; i++)
        if (p[i].family == 4)
            key[keys++] = distinct_key(c->distinct, &p[i]);
    c->v6 += n - keys;
    if (c->distinct == DISTINCT_PAIRS)
        set_put_batch(&c->seen, key, keys, true);
    else
        set_put_batch(&c->seen, key, keys, false);
}

static void count_batch(struct counter *c, const struct decoder *d, const struct frame *f, size_t n)
{
    struct packet packet[READER_BATCH];
    for (size_t i = 0; i < n; i++)
        decode(d, &f[i], &packet[i]);
    for (size_t i = 0; i < n;) {
        size_t start = i;
        int64_t end = (f[i].sec / 3600 + 1) * 3600;
        while (i < n && f[i].sec < end && f[i].sec >= end - 3600)
            i++;
        begin_hour(c, f[start].sec);
        count_run(c, packet + start, i - start);
    }
}

/* ------------------------------------------------------------------ modes */

struct job {
    const char *path, *p0f_path;
    struct p0f *p0f;
    uint8_t label_number[MARK_LABELS]; /* labels keep the numbers they have in the file */
    struct counter *counter;
    uint64_t packets, bytes;
};

static int must_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        die(path, strerror(errno));
    return fd;
}

/* Record headers only, 1 MiB a read: the least that anything reading a pcap has to do. */
static void run_bare(struct job *j)
{
    auto_fd int fd = must_open(j->path);
    auto_free uint8_t *data = must_alloc(2 * BARE_READ, 1);
    size_t left = 0, skip = 24;
    ssize_t got;
    while ((got = read(fd, data + left, BARE_READ)) > 0) {
        size_t n = left + (size_t)got, at = skip;
        while (at <= n && n - at >= 16) {
            uint32_t caplen;
            memcpy(&caplen, data + at + 8, sizeof caplen);
            if (caplen > BARE_READ / 2)
                die(j->path, "not a plain little-endian pcap");
            if (n - at - 16 < caplen)
                break;
            at += 16 + caplen;
            j->packets++;
            j->bytes += caplen;
        }
        skip = 0;
        left = n - at;
        memmove(data, data + at, left);
    }
    if (got < 0)
        die(j->path, strerror(errno));
}

/* Hands every batch to `each`, which may be NULL. */
static void run_reader(struct job *j, void (*each)(struct job *, const struct frame *, size_t))
{
    struct reader *r;
    int e = reader_open(&r, must_open(j->path));
    if (e)
        die(j->path, strerror(-e));
    struct frame frames[READER_BATCH];
    int n;
    while ((n = reader_next(r, frames)) > 0) {
        j->packets += (uint64_t)n;
        for (int i = 0; i < n; i++)
            j->bytes += frames[i].caplen;
        if (each)
            each(j, frames, (size_t)n);
    }
    if (n < 0)
        die(j->path, strerror(-n));
    enum reader_problem problem = reader_problem(r, NULL);
    if (problem)
        die(j->path, reader_problem_text(problem));
    reader_close(r);
}

static void each_count(struct job *j, const struct frame *f, size_t n)
{
    static const struct decoder plain;
    count_batch(j->counter, &plain, f, n);
}

static void each_marks(struct job *j, const struct frame *f, size_t n)
{
    const struct decoder d = { .p0f = j->p0f, .label_number = j->label_number };
    count_batch(j->counter, &d, f, n);
}

static void run_read(struct job *j)
{
    run_reader(j, NULL);
}
static void run_count(struct job *j)
{
    run_reader(j, each_count);
}
static void run_marks(struct job *j)
{
    run_reader(j, each_marks);
}

static const struct mode {
    const char *name;
    void (*run)(struct job *);
    enum distinct distinct;
    bool p0f;
    const char *help;
} MODES[] = {
    { "bare", run_bare, DISTINCT_NONE, false, "own loop over the record headers, 1 MiB a read" },
    { "reader", run_read, DISTINCT_NONE, false, "reader_next() alone, with the file's digest" },
    { "count", run_count, DISTINCT_NONE, false, "decode, count by (hour, protocol, port)" },
    { "marks", run_marks, DISTINCT_NONE, true, "the same with p0f signatures" },
    { "sources", run_marks, DISTINCT_SOURCES, true, "the same with distinct sources by hour" },
    { "pairs", run_marks, DISTINCT_PAIRS, true,
      "distinct sources by (hour, protocol, port) instead" },
};
enum { MODE_COUNT = sizeof MODES / sizeof *MODES };

/* ------------------------------------------------------------------ the whole */

static struct p0f *load_p0f(const char *path)
{
    auto_file FILE *f = fopen(path, "re");
    if (!f) {
        fprintf(stderr, "walk: %s: %s; no p0f labels\n", path, strerror(errno));
        return NULL;
    }
    enum { ROOM = 1 << 20 };
    auto_free char *text = must_alloc(ROOM, 1);
    size_t n = fread(text, 1, ROOM, f);
    struct p0f *p0f = NULL;
    unsigned line = 0;
    int e = p0f_load(&p0f, text, n, &line);
    if (e)
        die(path, e < 0 ? strerror(-e) : "no p0f signature file");
    return p0f;
}

static void print_number(const char *name, uint64_t n)
{
    printf(" %s=%llu", name, (unsigned long long)n);
}

static void print_tails(const struct counter *c)
{
    uint64_t kinds[8] = { 0 }, tools[3] = { 0 }, labelled = 0;
    for (uint32_t t = 0; t < TAILS; t++) {
        kinds[head_kind(t)] += c->tail[t];
        for (unsigned i = 0; i < 3; i++)
            tools[i] += head_tools(t) >> i & 1 ? c->tail[t] : 0;
        labelled += head_label(t) ? c->tail[t] : 0;
    }
    for (unsigned k = 0; k < KINDS; k++)
        if (kinds[k])
            print_number(kind_name((enum kind)k), kinds[k]);
    for (unsigned i = 0; i < 3; i++)
        print_number(tool_name(1U << i), tools[i]);
    print_number("labelled", labelled);
}

static void print_counts(const struct counter *c)
{
    print_tails(c);
    print_number("hour-services", c->services);
    print_number("distinct", c->sources);
    print_number("not-ipv4", c->v6);
}

/* Of this process: what the clock shows apart from that, others took. */
static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run_mode(const struct mode *m, struct job *j)
{
    if (m->p0f)
        j->p0f = load_p0f(j->p0f_path);
    j->counter = must_alloc(1, sizeof *j->counter);
    j->counter->distinct = m->distinct;
    uint64_t start = time_mono();
    double cpu_start = cpu_seconds();
    m->run(j);
    if (j->counter->packets)
        end_hour(j->counter);
    double cpu = cpu_seconds() - cpu_start, seconds = (double)(time_mono() - start) / 1e9;
    double millions = (double)j->packets / 1e6;
    printf("%s mpps=%.2f cpu-mpps=%.2f seconds=%.3f packets=%llu bytes=%llu", m->name,
           millions / seconds, millions / cpu, seconds, (unsigned long long)j->packets,
           (unsigned long long)j->bytes);
    if (j->counter->packets)
        print_counts(j->counter);
    putchar('\n');
    free(j->counter->count);
    free(j->counter->seen.slot);
    free(j->counter);
    p0f_free(j->p0f);
}

static int usage(void)
{
    fprintf(stderr, "usage: walk [--p0f FILE] MODE FILE\n");
    for (size_t i = 0; i < MODE_COUNT; i++)
        fprintf(stderr, "  %-8s %s\n", MODES[i].name, MODES[i].help);
    return 2;
}

int main(int argc, char **argv)
{
    struct job j = { .p0f_path = "/etc/p0f/p0f.fp" };
    for (unsigned k = 0; k < MARK_LABELS; k++)
        j.label_number[k] = (uint8_t)(k + 1);
    int i = 1;
    if (argc == 5 && !strcmp(argv[1], "--p0f")) {
        j.p0f_path = argv[2];
        i = 3;
    }
    if (argc - i != 2)
        return usage();
    j.path = argv[i + 1];
    kinds_init();
    for (size_t k = 0; k < MODE_COUNT; k++) {
        if (strcmp(MODES[k].name, argv[i]))
            continue;
        run_mode(&MODES[k], &j);
        return 0;
    }
    return usage();
}
