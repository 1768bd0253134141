#include "store/store.h"

#include "base/time.h"
#include "store/test-room.h"

#include <fcntl.h>
#include <sys/wait.h>

/* ---- runs, made of flows ---- */

struct made {
    uint32_t head, source, packets, dest, dests;
    uint16_t first;
};

struct list {
    struct made *v;
    size_t n;
};

static struct list random_flows(size_t n, uint32_t sources)
{
    struct list l = { calloc(n, sizeof *l.v), n };
    assert_non_null(l.v);
    for (size_t i = 0; i < n; i++) {
        enum kind kind = pick(4) ? KIND_ACCESS : KIND_BACKSCATTER;
        l.v[i] = (struct made){ .head = head_make((enum proto)pick(2), (uint16_t)(20 + pick(4)), kind,
                                                  kind == KIND_ACCESS && pick(3) == 0 ? MARK_MIRAI : 0, 0),
                                .source = 0xc6120000 + pick(sources),
                                .dests = 1 + pick(3),
                                .dest = 0xc0000200 + pick(200),
                                .first = (uint16_t)pick(3600) };
        l.v[i].packets = l.v[i].dests + pick(4);
    }
    return l;
}

static uint64_t made_key(const struct made *m)
{
    return (uint64_t)m->head << 32 | m->source;
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = made_key(a), y = made_key(b);
    return (x > y) - (x < y);
}

/* In key order, each key once. */
static void settle(struct list *l)
{
    size_t kept = 0;
    qsort(l->v, l->n, sizeof *l->v, by_key);
    for (size_t i = 0; i < l->n; i++)
        if (i == 0 || made_key(&l->v[i]) != made_key(&l->v[kept - 1]))
            l->v[kept++] = l->v[i];
    l->n = kept;
}

static void write_flows(struct run_writer *w, const struct list *l)
{
    struct sort_item *item = malloc((2 * l->n + 2) * sizeof *item);
    assert_non_null(item);
    for (size_t i = 0; i < l->n; i++)
        item[i] = (struct sort_item){ made_key(&l->v[i]), l->v[i].packets };
    sort_items(item, item + l->n, l->n, 0, 32);
    assert_int_equal(run_writer_census(w, item, l->n, true), 0);
    free(item);
    size_t sources;
    const uint32_t *source = run_writer_sources(w, &sources);
    for (size_t i = 0; i < l->n; i++) {
        const struct made *m = &l->v[i];
        uint32_t number = 0, dest[8];
        while (source[number] != m->source)
            number++;
        for (uint32_t k = 0; k < m->dests; k++)
            dest[k] = m->dest + k;
        struct flow f = { .key = (uint64_t)m->head << 32 | number, .bytes = 60 * (uint64_t)m->packets,
                          .packets = m->packets, .dests = m->dests, .first = m->first, .last = m->first };
        assert_int_equal(run_writer_flow(w, &f, dest), 0);
    }
}

static void put_run(struct store *s, int64_t ingest, uint32_t hour, struct list *l)
{
    struct target t = { .s = s };
    struct run_writer *w;
    struct run_summary sum;
    struct minutes minutes = { 0 };
    settle(l);
    assert_int_equal(store_run_begin(s, 1, ingest, hour, &t.run), 0);
    assert_int_equal(run_writer_make(&w, put_chunk, &t), 0);
    run_writer_begin(w, hour);
    write_flows(w, l);
    assert_int_equal(run_writer_tally(w, head_make(PROTO_OTHER, 0, KIND_OURS, 0, 0), 7, 420), 0);
    assert_int_equal(run_writer_end(w, &sum), 0);
    for (size_t i = 0; i < l->n; i++)
        assert_int_equal(minutes_add(&minutes, head_service(l->v[i].head), l->v[i].first / 60,
                                     l->v[i].packets), 0);
    minutes_settle(&minutes);
    end_run(s, t.run, &sum, &minutes);
    minutes_release(&minutes);
    run_writer_free(w);
}

static void put_cover(struct store *s, int64_t ingest, int64_t start, int64_t end)
{
    const struct coverage c = { .start = start, .end = end, .addresses = 256, .packets = 9 };
    int64_t id;
    assert_int_equal(store_coverage_add(s, 1, ingest, &c, &id), 0);
}

/* A whole file of one hour. */
static int put_file(struct store *s, uint32_t hour, struct list *l, uint8_t digest_byte, bool again)
{
    int64_t sensor, ingest;
    uint8_t digest[16] = { digest_byte };
    assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
    assert_int_equal(store_ingest_begin(s, sensor, "a.pcap", &ingest), 0);
    put_run(s, ingest, hour, l);
    put_cover(s, ingest, hour * INT64_C(3600), hour * INT64_C(3600) + 3600);
    return store_ingest_flip(s, ingest, digest, again);
}

static struct store_facts facts_of(struct store *s)
{
    struct store_facts f;
    assert_int_equal(store_facts(s, &f), 0);
    return f;
}

static void keep_up(struct store *s, int64_t now)
{
    keep_up_as(s, now, &(struct keep){ .minutes = 8 * 86400, .flows = 90 * 86400, .zone = "UTC" });
}

/* ---- opening ---- */

static void test_open(void **state)
{
    (void)state;
    struct store *s;
    assert_int_equal(store_open(&s, folder, STORE_READ), -ENOENT);
    assert_int_equal(store_open(&s, path_of("none"), STORE_WRITE), -ENOENT);
    s = open_store(STORE_WRITE);
    struct store_facts f = facts_of(s);
    assert_true(f.packets == 0 && f.runs == 0 && f.first == 0 && f.last == 0);
    struct store *other = open_store(STORE_WRITE), *reader = open_store(STORE_READ);
    store_close(other);
    int64_t sensor;
    assert_int_equal(store_sensor_number(s, "a", &sensor), 0);
    assert_int_equal(store_commit(s), 0);
    assert_true(store_sensor_number(reader, "b", &sensor) < 0); /* a reader does not write */
    store_close(reader);
    store_close(s);
    store_close(NULL);
}

static void test_strangers(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        int want;
    } row[] = {
        { "PRAGMA user_version=99", STORE_NEWER },
        { "PRAGMA user_version=1; PRAGMA application_id=5", STORE_NOT_OURS },
        { "PRAGMA application_id=0", STORE_NOT_OURS },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct store *s = open_store(STORE_WRITE);
        assert_int_equal(db_exec(s->db, row[i].sql), 0);
        store_close(s);
        assert_int_equal(store_open(&s, folder, STORE_WRITE), row[i].want);
        assert_int_equal(store_open(&s, folder, STORE_READ), row[i].want);
        remove(path_of("teiten.db"));
    }
    FILE *f = fopen(path_of("teiten.db"), "w");
    assert_non_null(f);
    for (int i = 0; i < 5000; i++)
        fputs("no database at all\n", f);
    fclose(f);
    struct store *s;
    assert_int_equal(store_open(&s, folder, STORE_READ), -EUCLEAN);
    assert_int_equal(store_open(&s, folder, STORE_WRITE), -EUCLEAN);
}

static void test_names(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    unsigned number, again;
    int64_t a, b;
    assert_int_equal(store_sensor_number(s, "a", &a), 0);
    assert_int_equal(store_sensor_number(s, "b", &b), 0);
    assert_true(a > 0 && b > 0 && a != b);
    assert_int_equal(store_sensor_number(s, "a", &b), 0);
    assert_int_equal(a, b);
    for (unsigned i = 1; i <= 127; i++) {
        char name[32];
        snprintf(name, sizeof name, "System %u", i);
        assert_int_equal(store_label_number(s, name, &number), 0);
        assert_int_equal(number, i);
        assert_int_equal(store_label_number(s, name, &again), 0);
        assert_int_equal(again, i);
        assert_string_equal(store_label_name(s, i), name);
    }
    assert_int_equal(store_label_number(s, "one too many", &number), 0);
    assert_int_equal(number, 0);
    assert_int_equal(store_label_find(s, "system 7", &number), 0);
    assert_int_equal(number, 7);
    assert_int_equal(store_label_find(s, "System", &number), 1);
    assert_string_equal(store_label_name(s, 0), "");
    assert_string_equal(store_label_name(s, 128), "");
    store_close(s);
}

/* ---- files ---- */

static void test_ingest(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE), *reader = open_store(STORE_READ);
    struct list l = random_flows(300, 100);
    int64_t ingest, sensor;
    assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
    assert_int_equal(store_ingest_begin(s, sensor, "a.pcap", &ingest), 0);
    put_run(s, ingest, HOUR, &l);
    put_cover(s, ingest, DAY, DAY + 3600);
    assert_int_equal(store_commit(s), 0);
    struct store_facts f = facts_of(reader);
    assert_true(f.runs == 0 && f.packets == 0 && f.files == 0 && f.first == 0); /* pending */
    assert_int_equal(store_ingest_flip(s, ingest, (const uint8_t[16]){ 1 }, false), 0);
    f = facts_of(reader);
    uint64_t packets = 7;
    for (size_t i = 0; i < l.n; i++)
        packets += l.v[i].packets;
    assert_true(f.runs == 1 && f.files == 1 && f.flows == l.n && f.packets == packets);
    assert_true(f.first == DAY && f.last == DAY + 3600);

    assert_int_equal(put_file(s, HOUR, &l, 1, false), STORE_DUPLICATE);
    struct store_facts same = facts_of(reader);
    assert_true(same.runs == 1 && same.files == 1 && same.chunks == f.chunks);
    assert_int_equal(put_file(s, HOUR, &l, 2, false), 0);
    assert_int_equal(put_file(s, HOUR, &l, 1, true), 0); /* --again */
    f = facts_of(reader);
    assert_int_equal(f.runs, 3);
    assert_int_equal(f.files, 3);
    assert_int_equal(f.packets, 3 * packets);

    keep_up(s, DAY + 1800); /* the hour still grows: nothing is merged, the dead are buried */
    int64_t logged = number_in(s, "SELECT count(*) FROM log");
    assert_int_equal(store_ingest_begin(s, sensor, "b.pcap", &ingest), 0);
    put_run(s, ingest, HOUR, &l);
    put_cover(s, ingest, 5, 6);
    assert_int_equal(store_ingest_drop(s, ingest), 0);
    keep_up(s, DAY + 1800);
    same = facts_of(reader);
    assert_true(same.runs == 3 && same.chunks == f.chunks && same.first == DAY);
    assert_int_equal(number_in(s, "SELECT count(*) FROM log"), logged);
    assert_int_equal(number_in(s, "SELECT count(*) FROM ingest"), 3);
    free(l.v);
    store_close(reader);
    store_close(s);
}

/* A process dies in the middle of a file: the next one drops what it left, and not what is alive. */
static void test_abandoned(void **state)
{
    (void)state;
    struct list l = random_flows(50, 20);
    struct store *s = open_store(STORE_WRITE);
    store_close(s);
    pid_t pid = fork();
    if (pid == 0) {
        int64_t ingest = 0;
        if (store_open(&s, folder, STORE_WRITE) || store_ingest_begin(s, 1, "dead.pcap", &ingest))
            _exit(1);
        put_run(s, ingest, HOUR, &l);
        _exit(store_commit(s) ? 1 : 0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    s = open_store(STORE_WRITE);
    assert_int_equal(number_in(s, "SELECT count(*) FROM run"), 1);
    int64_t alive, next;
    assert_int_equal(store_ingest_begin(s, 1, "alive.pcap", &alive), 0);
    keep_up(s, DAY + 1800);
    assert_int_equal(number_in(s, "SELECT count(*) FROM run"), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM chunk"), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM log"), 0);
    put_run(s, alive, HOUR, &l);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(store_ingest_begin(s, 1, "next.pcap", &next), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM run"), 1);
    assert_int_equal(store_ingest_flip(s, alive, (const uint8_t[16]){ 1 }, false), 0);
    assert_int_equal(facts_of(s).runs, 1);
    free(l.v);
    store_close(s);
}

static void test_rollback(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    struct list l = random_flows(50, 20);
    put_run(s, 0, HOUR, &l);
    store_rollback(s);
    assert_int_equal(facts_of(s).runs, 0);
    put_run(s, 0, HOUR, &l); /* live: shown when committed */
    struct store *reader = open_store(STORE_READ);
    assert_int_equal(facts_of(reader).runs, 0);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(facts_of(reader).runs, 1);
    put_run(s, 0, HOUR, &l);
    store_close(s); /* half a delta: gone */
    assert_int_equal(facts_of(reader).runs, 1);
    store_close(reader);
    free(l.v);
}

/* ---- merging ---- */

/* All flows of an hour as the merge hands them out; the caller frees both. */
struct flows {
    struct flow *v;
    uint32_t *source;
    uint64_t *dest_sum;
    size_t n;
};

static struct flows flows_of(struct store *s, uint32_t hour)
{
    struct flows f = { 0 };
    struct merge *m;
    const struct span all = { .hour = hour, .level = EVERY_LEVEL, .last = UINT64_MAX };
    assert_int_equal(merge_open(&m, s, &all), 0);
    struct flow flow;
    const uint32_t *dest;
    int more;
    while ((more = merge_next(m, &flow, &dest)) == 1) {
        f.v = realloc(f.v, (f.n + 1) * sizeof *f.v);
        f.source = realloc(f.source, (f.n + 1) * sizeof *f.source);
        f.dest_sum = realloc(f.dest_sum, (f.n + 1) * sizeof *f.dest_sum);
        assert_true(f.v && f.source && f.dest_sum);
        struct addr a = merge_address(m, flow_source(&flow));
        f.v[f.n] = flow;
        f.source[f.n] = addr_u32(&a);
        f.dest_sum[f.n] = 0;
        for (uint32_t i = 0; i < flow.dests; i++)
            f.dest_sum[f.n] += dest[i] * (uint64_t)dest[i];
        f.n++;
    }
    assert_int_equal(more, 0);
    merge_close(m);
    return f;
}

static void free_flows(struct flows *f)
{
    free(f->v);
    free(f->source);
    free(f->dest_sum);
}

/* The sum over all runs of one key, by asking every flow that was put in. */
static void assert_flow(const struct list *l, size_t n, const struct flows *f, size_t i)
{
    uint64_t packets = 0, dest_sum = 0;
    unsigned first = UINT16_MAX, last = 0;
    bool dest[256] = { 0 };
    for (size_t r = 0; r < n; r++)
        for (size_t k = 0; k < l[r].n; k++) {
            const struct made *m = &l[r].v[k];
            if (m->head != flow_head(&f->v[i]) || m->source != f->source[i])
                continue;
            packets += m->packets;
            first = m->first < first ? m->first : first;
            last = m->first > last ? m->first : last;
            for (uint32_t d = 0; d < m->dests; d++)
                dest[m->dest + d - 0xc0000200] = true;
        }
    uint32_t dests = 0;
    for (uint32_t d = 0; d < 256; d++) {
        dests += dest[d];
        dest_sum += dest[d] ? (0xc0000200 + d) * (uint64_t)(0xc0000200 + d) : 0;
    }
    assert_int_equal(f->v[i].packets, packets);
    assert_int_equal(f->v[i].bytes, packets * 60);
    assert_int_equal(f->v[i].first, first);
    assert_int_equal(f->v[i].last, last);
    assert_int_equal(f->v[i].dests, dests);
    assert_true(f->dest_sum[i] == dest_sum);
}

static void test_merge(void **state)
{
    (void)state;
    enum { RUNS = 5 };
    struct store *s = open_store(STORE_WRITE);
    struct list l[RUNS];
    for (size_t i = 0; i < RUNS; i++) {
        l[i] = random_flows(i == 3 ? 1 : 400, 60);
        assert_int_equal(put_file(s, HOUR, &l[i], (uint8_t)(i + 1), false), 0);
    }
    struct store_facts before = facts_of(s);
    for (unsigned round = 0; round < 2; round++) { /* as five runs, and then as one */
        struct flows f = flows_of(s, HOUR);
        uint64_t packets = 0;
        for (size_t i = 0; i < f.n; i++) {
            if (i)
                assert_true(f.v[i - 1].key >> 32 < f.v[i].key >> 32 ||
                            (f.v[i - 1].key >> 32 == f.v[i].key >> 32 && f.source[i - 1] < f.source[i]));
            assert_flow(l, RUNS, &f, i);
            packets += f.v[i].packets;
        }
        assert_int_equal(packets + 7 * RUNS, before.packets); /* so that none is missing */
        struct totals totals = { 0 };
        struct census census = { 0 };
        assert_int_equal(hour_summary(s, HOUR, &totals, &census), 0);
        const struct total *ours = totals_find(&totals, scope_kind(KIND_OURS));
        assert_non_null(ours);
        assert_int_equal(ours->packets, 7 * RUNS);
        const struct total *access = totals_find(&totals, scope_kind(KIND_ACCESS));
        assert_int_equal(access->sources, census_count_kind(&census, KIND_ACCESS));
        totals_release(&totals);
        census_release(&census);
        free_flows(&f);
        size_t runs;
        int64_t run;
        assert_int_equal(hour_runs(s, HOUR, &runs, &run), 0);
        assert_int_equal(runs, round ? 1 : RUNS);
        if (round == 0)
            keep_up(s, DAY + 3600 + 60);
    }
    assert_int_equal(facts_of(s).packets, before.packets);
    assert_int_equal(number_in(s, "SELECT count(*) FROM run"), 1);
    assert_int_equal(number_in(s, "SELECT count(DISTINCT run) FROM chunk"), 1);
    struct minutes minutes = { 0 };
    uint64_t in_minutes = 0;
    assert_int_equal(hour_minutes(s, HOUR, EVERY_LEVEL, &minutes), 0);
    for (size_t i = 0; i < minutes.n; i++)
        in_minutes += minutes.item[i].packets;
    assert_int_equal(in_minutes + 7 * RUNS, before.packets);
    minutes_release(&minutes);
    for (size_t i = 0; i < RUNS; i++)
        free(l[i].v);
    store_close(s);
}

/* ---- days ---- */

static void read_day(struct store *s, int64_t start, struct totals *totals, struct census *census)
{
    struct stmt *q = db_stmt(s->db, "SELECT totals, census FROM day WHERE start=?");
    size_t n;
    db_bind_int(q, 1, start);
    assert_int_equal(db_step(s->db, q), 1);
    const void *data = db_blob(q, 0, &n);
    assert_int_equal(totals_decode(totals, s->zstd, data, n), 0);
    data = db_blob(q, 1, &n);
    assert_int_equal(census_decode(census, s->zstd, data, n), 0);
    db_done(q);
}

/* Packets and distinct sources of a service or a kind, by asking every flow. */
static void assert_total(const struct totals *got, uint32_t scope, const struct list *l, size_t n)
{
    uint64_t packets = 0, sources = 0;
    static bool seen[1 << 16];
    memset(seen, 0, sizeof seen);
    for (size_t r = 0; r < n; r++)
        for (size_t k = 0; k < l[r].n; k++) {
            const struct made *m = &l[r].v[k];
            bool in = scope_is_service(scope) ? head_service(m->head) == scope
                                              : head_kind(m->head) == head_kind(scope);
            if (!in)
                continue;
            packets += m->packets;
            sources += !seen[m->source & 0xffff];
            seen[m->source & 0xffff] = true;
        }
    const struct total *t = totals_find(got, scope);
    assert_non_null(t);
    assert_int_equal(t->packets, packets);
    assert_int_equal(t->sources, sources);
}

/* A file that another process shows while its hour is merged is not in what comes of it, and must not go. */
static void merge_beside(const char *moment)
{
    struct store *s = open_store(STORE_WRITE);
    struct list a = random_flows(50, 60), b = random_flows(50, 60), late = random_flows(50, 60);
    int64_t sensor, ingest;
    char show[200];
    assert_int_equal(put_file(s, HOUR, &a, 1, false), 0);
    assert_int_equal(put_file(s, HOUR, &b, 2, false), 0);
    assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
    assert_int_equal(store_ingest_begin(s, sensor, "late.pcap", &ingest), 0);
    put_run(s, ingest, HOUR, &late);
    assert_int_equal(store_commit(s), 0);
    /* What the other process does, at the worst moment */
    snprintf(show, sizeof show,
             "CREATE TRIGGER show AFTER %s ON run WHEN NEW.level=9 BEGIN"
             " UPDATE run SET state=1 WHERE ingest=%d AND state=0; END",
             moment, (int)ingest);
    assert_int_equal(db_exec(s->db, show), 0);
    int64_t packets = number_in(s, "SELECT sum(packets) FROM run");
    keep_up(s, DAY + 3600 + 60);
    assert_int_equal(number_in(s, "SELECT sum(packets) FROM run WHERE state=1"), packets);
    assert_int_equal(number_in(s, "SELECT count(*) FROM run"), 1);
    free(a.v);
    free(b.v);
    free(late.v);
    store_close(s);
}

/* When all flows are merged, and when the set of runs was just noted. */
static void test_merge_beside(void **state)
{
    (void)state;
    merge_beside("UPDATE OF flows");
}

static void test_merge_beside_early(void **state)
{
    (void)state;
    merge_beside("INSERT");
}

static void test_days(void **state)
{
    (void)state;
    enum { RUNS = 6 };
    static const uint32_t hour[RUNS] = { 0, 0, 5, 23, 24, 47 }; /* two days */
    struct store *s = open_store(STORE_WRITE);
    struct list l[RUNS];
    for (size_t i = 0; i < RUNS; i++) {
        l[i] = random_flows(600, i == 2 ? 5000 : 300);
        assert_int_equal(put_file(s, HOUR + hour[i], &l[i], (uint8_t)(i + 1), false), 0);
    }
    keep_up(s, DAY + 86400 + 10); /* the first day has just ended: not yet */
    assert_int_equal(number_in(s, "SELECT count(*) FROM day"), 0);
    keep_up(s, DAY + 2 * 86400 + 60);
    assert_int_equal(number_in(s, "SELECT count(*) FROM day"), 2);
    for (unsigned day = 0; day < 2; day++) {
        struct totals totals = { 0 };
        struct census census = { 0 };
        const struct list *of = day ? l + 4 : l;
        size_t n = day ? 2 : 4;
        read_day(s, DAY + day * 86400, &totals, &census);
        for (size_t r = 0; r < n; r++)
            for (size_t k = 0; k < of[r].n; k += 7)
                assert_total(&totals, head_service(of[r].v[k].head), of, n);
        assert_total(&totals, scope_kind(KIND_ACCESS), of, n);
        assert_total(&totals, scope_kind(KIND_BACKSCATTER), of, n);
        assert_int_equal(totals_find(&totals, scope_kind(KIND_OURS))->packets, 7 * n);
        assert_int_equal(census_count_kind(&census, KIND_ACCESS),
                         totals_find(&totals, scope_kind(KIND_ACCESS))->sources);
        totals_release(&totals);
        census_release(&census);
    }
    /* A file of a day that was worked out: it is worked out anew. */
    assert_int_equal(put_file(s, HOUR + 24, &l[0], 99, false), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM day"), 1);
    keep_up(s, DAY + 2 * 86400 + 60);
    assert_int_equal(number_in(s, "SELECT count(*) FROM day"), 2);
    for (size_t i = 0; i < RUNS; i++)
        free(l[i].v);
    store_close(s);
}

/* Midnight in the middle of an hour: the day is worked out when its last whole hour is over, not before. */
static void test_half_hours(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    struct list l = random_flows(10, 5);
    const struct keep keep = { .minutes = 8 * 86400, .flows = 90 * 86400, .zone = "Asia/Kolkata" };
    const int64_t midnight = DAY + 18 * 3600 + 1800; /* there it is 00:00 */
    assert_int_equal(put_file(s, HOUR + 10, &l, 1, false), 0);
    int more;
    while ((more = store_upkeep(s, &keep, midnight + 60)) == 1)
        ;
    assert_int_equal(more, 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM day"), 0); /* 18:30 to 19:00 is still of it */
    while ((more = store_upkeep(s, &keep, midnight + 1800 + 60)) == 1)
        ;
    assert_int_equal(more, 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM day"), 1);
    assert_int_equal(number_in(s, "SELECT end FROM day"), midnight + 1800);
    free(l.v);
    store_close(s);
}

static void keep_up_in(struct store *s, int64_t now, const char *zone)
{
    const struct keep keep = { .minutes = 8 * 86400, .flows = 90 * 86400, .zone = zone };
    int more;
    while ((more = store_upkeep(s, &keep, now)) == 1)
        ;
    assert_int_equal(more, 0);
}

/* The zone is changed: days cut anew never overlap those that are there, or their packets would count twice. */
static void test_zone_change(void **state)
{
    (void)state;
    enum { RUNS = 4 };
    static const uint32_t hour[RUNS] = { 3, 20, 30, 44 };
    struct store *s = open_store(STORE_WRITE);
    uint64_t packets = 0;
    for (size_t i = 0; i < RUNS; i++) {
        struct list l = random_flows(50, 20);
        assert_int_equal(put_file(s, HOUR + hour[i], &l, (uint8_t)(i + 1), false), 0);
        for (size_t k = 0; k < l.n; k++) /* each key is there once by now */
            packets += l.v[k].packets;
        packets += 7; /* put_run() tallies as many of ours */
        keep_up_in(s, DAY + (i < 2 ? 1 : 9) * 86400 + 60, i < 2 ? "UTC" : "Asia/Tokyo");
        free(l.v);
    }
    assert_int_equal(number_in(s, "SELECT count(*) FROM day a JOIN day b ON a.start < b.start"
                                  " AND a.end > b.start"), 0);
    const struct question q = { .topic = ASK_SERVICES, .from = DAY, .to = DAY + 3 * 86400, .proto = -1,
                                .port = -1, .fingerprint = -1, .kinds = 127 };
    struct answers *a;
    struct answer row;
    assert_int_equal(store_ask(s, &q, &a), 0);
    uint64_t counted = 0;
    while (answers_next(a, &row) == 1)
        counted += row.packets;
    answers_free(a);
    assert_int_equal(counted, packets);
    store_close(s);
}

/* ---- cleaning ---- */

static int ask(struct store *s, int64_t from, int64_t to, enum store_topic topic, enum store_step step)
{
    const struct question q = { .topic = topic, .from = from, .to = to, .step = step, .proto = -1,
                                .port = -1, .fingerprint = -1 };
    struct answers *a;
    int err = store_ask(s, &q, &a);
    if (err == 0) {
        struct answer row;
        while (answers_next(a, &row) == 1)
            ;
        answers_free(a);
    }
    return err;
}

static void test_cleaning(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    struct list l = random_flows(200, 50);
    int64_t now = time_now();
    assert_int_equal(put_file(s, HOUR, &l, 1, false), 0);
    keep_up(s, now);
    assert_int_equal(ask(s, DAY, DAY + 3600, ASK_SERIES, STEP_MINUTE), 0);
    assert_int_equal(ask(s, DAY, DAY + 3600, ASK_SOURCES, STEP_HOUR), 0);
    keep_up(s, now + 9 * 86400); /* kept from when it came in */
    assert_int_equal(number_in(s, "SELECT count(*) FROM minute"), 0);
    assert_int_equal(ask(s, DAY, DAY + 3600, ASK_SERIES, STEP_MINUTE), STORE_REFUSED);
    assert_true(store_why(s)[0] != '\0');
    assert_int_equal(ask(s, DAY, DAY + 3600, ASK_SOURCES, STEP_HOUR), 0);
    assert_int_equal(facts_of(s).minutes_from, DAY + 3600);
    keep_up(s, now + 91 * 86400);
    assert_int_equal(ask(s, DAY, DAY + 3600, ASK_SOURCES, STEP_HOUR), STORE_REFUSED);
    keep_up(s, DAY + 1800);
    assert_int_equal(number_in(s, "SELECT count(*) FROM run"), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM chunk"), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM log"), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM summary"), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM day"), 1); /* for ever */
    assert_int_equal(ask(s, DAY, DAY + 86400, ASK_SERIES, STEP_DAY), 0);
    assert_int_equal(facts_of(s).flows_from, DAY + 3600);
    free(l.v);
    store_close(s);
}

/* Hours of a sensor beside an imported one; its clock writes an event an hour. */
static void put_live_days(struct store *s, int64_t start, int64_t end)
{
    const struct coverage c = { .start = start, .end = end, .addresses = 256 };
    const struct keep keep = { .minutes = 8 * 86400, .flows = 90 * 86400, .zone = "UTC" };
    int64_t period;
    assert_int_equal(store_coverage_add(s, 1, 0, &c, &period), 0);
    assert_int_equal(store_commit(s), 0);
    for (int64_t at = start; at < end; at += 3600) {
        assert_true(store_upkeep(s, &keep, at) >= 0);
        assert_int_equal(store_note(s, "tick", "n=1"), 0);
        assert_int_equal(store_commit(s), 0);
    }
}

/* A clock that is ahead cleans nothing until it has stayed there for two days; that is told once. */
static void test_clock_ahead(void **state)
{
    (void)state;
    const char *flows = "SELECT count(*) FROM run WHERE state=1", *noted = "SELECT count(*) FROM event"
                                                                          " WHERE event='clock-ahead'";
    const int64_t now = time_now(), ahead = now + 80 * 365 * INT64_C(86400);
    struct store *s = open_store(STORE_WRITE);
    struct list l = random_flows(200, 50);
    assert_int_equal(put_file(s, HOUR, &l, 1, false), 0);
    put_live_days(s, now, now + 5 * 86400);
    keep_up(s, ahead);
    keep_up(s, ahead + 3600);
    assert_int_equal(number_in(s, flows), 1);
    assert_int_equal(number_in(s, "SELECT count(*) FROM minute"), 1);
    assert_int_equal(number_in(s, noted), 1);
    put_live_days(s, now + 5 * 86400, now + 6 * 86400); /* it was put right */
    keep_up(s, ahead + 3 * 86400);                      /* what it said then counts for nothing */
    assert_int_equal(number_in(s, flows), 1);
    assert_int_equal(number_in(s, noted), 2);
    put_live_days(s, now + 6 * 86400, now + 10 * 86400); /* and the right one cleans */
    keep_up(s, now + 10 * 86400);
    assert_int_equal(number_in(s, "SELECT count(*) FROM minute"), 0);
    assert_int_equal(number_in(s, flows), 1);
    keep_up(s, now + 200 * INT64_C(86400)); /* half a year without power */
    assert_int_equal(number_in(s, flows), 1);
    keep_up(s, now + 203 * INT64_C(86400));
    assert_int_equal(number_in(s, flows), 0);
    assert_int_equal(number_in(s, noted), 3);
    free(l.v);
    store_close(s);
}

/* While another process writes for long, upkeep that has nothing to do waits for nobody. */
static void test_idle_upkeep(void **state)
{
    (void)state;
    const struct keep keep = { .minutes = 8 * 86400, .flows = 90 * 86400, .zone = "UTC" };
    const int64_t now = time_now();
    struct store *s = open_store(STORE_WRITE), *other = open_store(STORE_WRITE);
    struct list l = random_flows(200, 50);
    assert_int_equal(put_file(s, HOUR, &l, 1, false), 0);
    put_live_days(s, now, now + 3600);
    keep_up(s, now);
    assert_int_equal(store_begin(other), 0);
    uint64_t began = time_mono();
    assert_int_equal(store_upkeep(s, &keep, now), 0);
    assert_true(time_mono() - began < UINT64_C(5000000000)); /* the lock is waited for 20 s */
    store_rollback(other);
    free(l.v);
    store_close(other);
    store_close(s);
}

/* Cleaning is in pieces: each ends its transaction, and takes few minutes or one day's sets. */
static void test_small_pieces(void **state)
{
    (void)state;
    const struct keep keep = { .minutes = 8 * 86400, .flows = 90 * 86400, .zone = "UTC" };
    const int64_t now = time_now();
    struct store *s = open_store(STORE_WRITE);
    struct list l = random_flows(50, 20);
    for (uint32_t h = 0; h < 30; h++)
        assert_int_equal(put_file(s, HOUR + h * 24, &l, (uint8_t)(h + 1), false), 0);
    keep_up(s, now);
    int64_t minutes = 30, sets = number_in(s, "SELECT count(DISTINCT start) FROM day_sources");
    assert_int_equal(sets, 30);
    while (store_upkeep(s, &keep, now + 91 * 86400) == 1) {
        assert_false(s->in_transaction);
        int64_t m = number_in(s, "SELECT count(*) FROM minute");
        int64_t d = number_in(s, "SELECT count(DISTINCT start) FROM day_sources");
        assert_true(minutes - m <= 4 && sets - d <= 1);
        minutes = m;
        sets = d;
    }
    assert_true(minutes == 0 && sets == 0);
    free(l.v);
    store_close(s);
}

/* ---- what is not as it should be ---- */

/* In a process of its own, without root's rights, which pass every lock. */
static void test_read_only(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    struct list l = random_flows(200, 50);
    assert_int_equal(put_file(s, HOUR, &l, 1, false), 0);
    store_close(s); /* the WAL goes with its last user */
    chmod(path_of("teiten.db"), 0444);
    chmod(folder, 0555);
    pid_t pid = fork();
    if (pid == 0) {
        if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
            _exit(2);
        if (store_open(&s, folder, STORE_READ))
            _exit(3);
        struct store_facts f;
        if (store_facts(s, &f) || f.flows != l.n)
            _exit(4);
        store_close(s);
        int err = store_open(&s, folder, STORE_WRITE);
        _exit(err == 0 ? 5 : 0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(access(path_of("teiten.db-wal"), F_OK), -1); /* left as it lies */
    chmod(folder, 0700);
    free(l.v);
}

/* Words that a URI would take for something else. */
/* A process that has the store for itself for a while, as one that recovers it after a crash. */
static pid_t hold_store(int ret_held[2])
{
    assert_int_equal(pipe(ret_held), 0);
    pid_t pid = fork();
    if (pid)
        return pid;
    struct db *d;
    bool good = db_open(&d, path_of("teiten.db"), DB_WRITE) == 0 &&
                db_exec(d, "PRAGMA locking_mode=EXCLUSIVE; DELETE FROM label;") == 0;
    good = good && write(ret_held[1], "", 1) == 1;
    usleep(300000);
    _exit(good ? 0 : 1);
}

static void test_held_store(void **state)
{
    (void)state;
    store_close(open_store(STORE_WRITE));
    for (int mode = STORE_WRITE; mode <= STORE_READ; mode++) {
        int held[2], status;
        char byte;
        pid_t pid = hold_store(held);
        close(held[1]);
        assert_int_equal(read(held[0], &byte, 1), 1);
        store_close(open_store((enum store_mode)mode));
        close(held[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
    }
}

static void test_odd_path(void **state)
{
    (void)state;
    static const char *const odd[] = { "a%41", "b?mode=rwc", "c#d", "e'f", "g h" };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        char path[300], file[320];
        struct store *s;
        snprintf(path, sizeof path, "%s/%s", folder, odd[i]);
        assert_int_equal(mkdir(path, 0755), 0);
        assert_int_equal(store_open(&s, path, STORE_WRITE), 0);
        store_close(s);
        chmod(path, 0555);
        chmod(folder, 0755);
        pid_t pid = fork();
        if (pid == 0) {
            if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
                _exit(2);
            _exit(store_open(&s, path, STORE_READ) ? 3 : 0);
        }
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        chmod(path, 0755);
        snprintf(file, sizeof file, "%s/teiten.db", path);
        remove(file);
        assert_int_equal(rmdir(path), 0);
        assert_int_equal(status, 0);
    }
}

/* Whatever page is damaged: an answer or an error, and no crash. */
static void test_damage(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    struct list l = random_flows(3000, 2000);
    assert_int_equal(put_file(s, HOUR, &l, 1, false), 0);
    assert_int_equal(put_file(s, HOUR, &l, 2, false), 0);
    store_close(s);
    int fd = open(path_of("teiten.db"), O_RDWR | O_CLOEXEC);
    struct stat st;
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    uint8_t was[256], is[256];
    unsigned errors = 0;
    for (off_t at = 4096; at + 256 < st.st_size; at += 5003) {
        assert_int_equal(pread(fd, was, sizeof was, at), sizeof was);
        for (size_t i = 0; i < sizeof is; i++)
            is[i] = (uint8_t)pick(256);
        assert_int_equal(pwrite(fd, is, sizeof is, at), sizeof is);
        if (store_open(&s, folder, STORE_READ) == 0) {
            struct store_facts f;
            struct totals t = { 0 };
            struct census c = { 0 };
            errors += store_facts(s, &f) < 0;
            errors += hour_summary(s, HOUR, &t, &c) < 0;
            errors += ask(s, DAY, DAY + 3600, ASK_SOURCES, STEP_HOUR) < 0;
            totals_release(&t);
            census_release(&c);
            store_close(s);
        } else {
            errors++;
        }
        assert_int_equal(pwrite(fd, was, sizeof was, at), sizeof was);
    }
    close(fd);
    assert_true(errors > 0);
    s = open_store(STORE_READ); /* and once mended, all is there again */
    assert_int_equal(facts_of(s).flows, 2 * l.n);
    store_close(s);
    free(l.v);
}

/* A worker that lies about its chunks: its hour cannot be read, and nothing else happens. */
static void test_lying_chunk(void **state)
{
    (void)state;
    struct chunk c = { 0 };
    struct buf b;
    for (unsigned lie = 0; lie < 4; lie++) {
        struct store *s = open_store(STORE_WRITE);
        uint8_t family = lie == 0 ? 6 : 4;
        int64_t run;
        buf_init(&b, 1 << 16);
        chunk_clear(&c, 4, HOUR + (lie == 1));
        assert_int_equal(chunk_reserve(&c, 1), 0);
        c.flow[c.n++] = (struct flow){ .key = lie == 2 ? 0xfffffff0 : 0, .packets = 1, .dests = 1 };
        c.dest[c.dest_n++] = 5;
        assert_int_equal(chunk_encode(s->codec, &c, &b), 0);
        if (lie == 3)
            b.data[b.len / 2] ^= 0x55;
        const struct run_chunk r = { .data = b.data, .n = b.len, .last = UINT64_MAX, .packets = 1,
                                     .flows = 1, .hour = HOUR, .family = family };
        assert_int_equal(store_run_begin(s, 1, 0, HOUR, &run), 0);
        assert_int_equal(store_run_chunk(s, run, &r), 0);
        const struct run_blobs none = { .flows = 1, .packets = 1, .totals = "", .minutes = "", .census = "" };
        assert_int_equal(store_run_end(s, run, &none), 0);
        assert_int_equal(store_commit(s), 0);
        struct merge *m;
        const struct span all = { .hour = HOUR, .level = EVERY_LEVEL, .last = UINT64_MAX };
        int err = merge_open(&m, s, &all);
        if (err == 0) {
            struct flow f;
            const uint32_t *dest;
            do
                err = merge_next(m, &f, &dest);
            while (err == 1);
            merge_close(m);
        }
        assert_int_equal(err, -EUCLEAN);
        buf_release(&b);
        store_close(s);
        remove(path_of("teiten.db"));
    }
    chunk_release(&c);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_open),      TEST(test_strangers), TEST(test_names),    TEST(test_ingest),
        TEST(test_abandoned), TEST(test_rollback),  TEST(test_merge),    TEST(test_merge_beside), TEST(test_merge_beside_early),
        TEST(test_days),
        TEST(test_half_hours), TEST(test_zone_change), TEST(test_cleaning),
        TEST(test_clock_ahead), TEST(test_idle_upkeep), TEST(test_small_pieces), TEST(test_read_only),
        TEST(test_held_store), TEST(test_odd_path),
        TEST(test_damage),    TEST(test_lying_chunk),
    };
    return cmocka_run_group_tests_name("store/store", tests, NULL, NULL);
}
