#pragma once
/*
 * A store made through its own functions, to be altered behind its back, and what a check of it says.
 */
#include "base/time.h"
#include "store/evidence.h"
#include "store/test-room.h"

#include <dirent.h>
#include <fcntl.h>

enum { FLOWS = 40 };

/* Its files, not what lies in folders of it. */
static inline void empty(const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s", name);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));) {
        char file[900];
        snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        if (e->d_type == DT_REG)
            remove(file);
    }
    if (d)
        closedir(d);
}

/* ---- content ---- */

static inline int by_key(const void *a, const void *b)
{
    uint64_t x = ((const struct sort_item *)a)->key, y = ((const struct sort_item *)b)->key;
    return (x > y) - (x < y);
}

/* Flows of random sources to four ports. */
static inline void write_flows(struct run_writer *w)
{
    struct sort_item item[2 * FLOWS], by_source[2 * FLOWS];
    size_t n = 0, sources;
    for (size_t i = 0; i < FLOWS; i++)
        item[i] = (struct sort_item){ (uint64_t)head_make(PROTO_TCP, (uint16_t)(20 + pick(4)), KIND_ACCESS, 0, 0)
                                              << 32 | (0xc6120000 + pick(30)), 1 + pick(5) };
    qsort(item, FLOWS, sizeof *item, by_key);
    for (size_t i = 0; i < FLOWS; i++)
        if (i == 0 || item[i].key != item[n - 1].key)
            item[n++] = item[i];
    memcpy(by_source, item, n * sizeof *item);
    sort_items(by_source, by_source + n, n, 0, 32);
    assert_int_equal(run_writer_census(w, by_source, n, true), 0);
    const uint32_t *source = run_writer_sources(w, &sources);
    for (size_t i = 0; i < n; i++) {
        uint32_t number = 0, dest = 0xc0000201;
        while (source[number] != (uint32_t)item[i].key)
            number++;
        struct flow f = { .key = item[i].key >> 32 << 32 | number, .bytes = 60,
                          .packets = (uint32_t)item[i].rest, .dests = 1, .first = 5, .last = 6 };
        assert_int_equal(run_writer_flow(w, &f, &dest), 0);
    }
}

static inline void put_run(struct store *s, int64_t ingest, uint32_t hour)
{
    struct target t = { .s = s };
    struct run_writer *w;
    struct run_summary sum;
    struct minutes minutes = { 0 };
    assert_int_equal(store_run_begin(s, 1, ingest, hour, &t.run), 0);
    assert_int_equal(run_writer_make(&w, put_chunk, &t), 0);
    run_writer_begin(w, hour);
    write_flows(w);
    assert_int_equal(run_writer_end(w, &sum), 0);
    assert_int_equal(minutes_add(&minutes, head_service(head_make(PROTO_TCP, 23, KIND_ACCESS, 0, 0)), 3, 9), 0);
    minutes_settle(&minutes);
    end_run(s, t.run, &sum, &minutes);
    minutes_release(&minutes);
    run_writer_free(w);
}

static inline void put_file(struct store *s, uint32_t hour, uint8_t digest_byte)
{
    int64_t ingest, id;
    uint8_t digest[16] = { digest_byte };
    const struct coverage c = { .start = hour * INT64_C(3600), .end = hour * INT64_C(3600) + 3600,
                                .addresses = 256, .packets = 9 };
    assert_int_equal(store_ingest_begin(s, 1, "a.pcap", &ingest), 0);
    put_run(s, ingest, hour);
    assert_int_equal(store_coverage_add(s, 1, ingest, &c, &id), 0);
    assert_int_equal(store_ingest_flip(s, ingest, digest, false), 0);
}

/* Live deltas, which extend a period of coverage or begin one. */
static inline void put_deltas(struct store *s, uint32_t hour, unsigned n, int64_t *period)
{
    static struct coverage c;
    for (unsigned i = 0; i < n; i++) {
        put_run(s, 0, hour);
        c.packets += 100;
        c.drops += 1;
        c.end = hour * INT64_C(3600) + i + 1;
        if (*period) {
            assert_int_equal(store_coverage_extend(s, *period, &c), 0);
        } else {
            c = (struct coverage){ .start = hour * INT64_C(3600), .end = c.end, .addresses = 16, .dark = true };
            assert_int_equal(store_coverage_add(s, 1, 0, &c, period), 0);
        }
        assert_int_equal(store_commit(s), 0);
    }
}

static inline void keep_up(struct store *s, int64_t now)
{
    keep_up_as(s, now, &(struct keep){ .minutes = 8 * 86400, .flows = 90 * 86400, .zone = "UTC" });
}

/* Only two days later is a clock believed that went on while nobody wrote. */
static inline void keep_up_after_pause(struct store *s, int64_t now)
{
    keep_up(s, now);
    keep_up(s, now + 2 * 86400 + 60);
}

/* ---- asking ---- */

struct told {
    char first[400];
    unsigned faults, signs;
};

static inline void tell(void *context, const char *fault)
{
    struct told *t = context;
    t->signs += !fault;
    if (fault && t->faults++ == 0)
        snprintf(t->first, sizeof t->first, "%s", fault);
}

static inline struct verified verify(struct store *s, struct told *t)
{
    struct verified v;
    *t = (struct told){ .faults = 0 };
    assert_int_equal(store_verify(s, tell, t, &v), 0);
    assert_int_equal(v.faults, t->faults);
    return v;
}

static inline struct verified assert_sound(struct store *s)
{
    struct told t;
    struct verified v = verify(s, &t);
    if (v.faults)
        fail_msg("%u faults, first: %s", t.faults, t.first);
    return v;
}

/* Merged and single hours, files and live, a day, sealed and given up segments, an hour that still grows. */
static inline void build(struct store *s)
{
    const int64_t night = DAY + 86400 + 7200;
    int64_t sensor, period = 0;
    unsigned label;
    assert_int_equal(store_seal(s, DAY + 86400 + 60), 0); /* the clock from here on */
    assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
    assert_int_equal(store_label_number(s, "Linux \"3\"", &label), 0);
    put_file(s, HOUR, 1);
    put_file(s, HOUR, 2);
    put_file(s, HOUR + 1, 3);
    keep_up(s, DAY + 86400 + 60);
    assert_sound(s);
    assert_int_equal(store_seal(s, night), 0);
    put_deltas(s, HOUR + 26, 40, &period);
    keep_up(s, night + 100); /* 32 of them become one */
    assert_sound(s);
    assert_int_equal(store_seal(s, night + 3600), 0);
    keep_up(s, night + 3600 + 60);
    assert_sound(s);
    put_deltas(s, HOUR + 27, 5, &period);
    assert_int_equal(store_note(s, "clock-step", "seconds=-3\nfake=1"), 0);
    assert_int_equal(store_seal(s, night + 7200), 0);
    keep_up(s, night + 7200 + 60);
    period = 0;
    put_deltas(s, HOUR + 28, 3, &period);
    put_file(s, HOUR + 28, 4);
    put_deltas(s, HOUR + 28, 2, &period);
    assert_int_equal(store_seal(s, night + 3600 * 3), 0);
    put_deltas(s, HOUR + 29, 2, &period);
}

/* ---- altering ---- */

static inline void copy(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(in >= 0 && out >= 0);
    static char block[1 << 16];
    ssize_t n;
    while ((n = read(in, block, sizeof block)) > 0)
        assert_int_equal(write(out, block, (size_t)n), n);
    close(in);
    close(out);
}

static inline void alter(const char *sql)
{
    struct db *d;
    assert_int_equal(db_open(&d, path_of("teiten.db"), DB_WRITE), 0);
    if (db_exec(d, sql))
        fail_msg("%s: %s", sql, db_why(d));
    assert_true(db_changes(d) > 0);
    db_close(d);
}

static inline int64_t count_altered(struct store *s)
{
    return number_in(s, "SELECT count(*) FROM event WHERE event='altered'");
}
