#pragma once
/*
 * A store for tests: random runs of both families over some hours, a day that was worked out, a file.
 */
#include "base/time.h"
#include "store/test-room.h"

#include <fcntl.h>
#include <sys/wait.h>

enum { HOURS = 30, SOURCES = 3000 };

/* 198.18.0.0 and on, or 2001:db8::N; sensors are 192.0.2.N and 2001:db8:1::N, after all sources. */
enum { V6 = 64, V6_SENSORS = 4 };
static uint8_t dictionary[V6 + V6_SENSORS][16];

static void make_dictionary(void)
{
    for (unsigned i = 0; i < V6 + V6_SENSORS; i++) {
        uint8_t *a = dictionary[i];
        a[0] = 0x20, a[1] = 0x01, a[2] = 0x0d, a[3] = 0xb8;
        a[5] = i >= V6;
        a[15] = (uint8_t)(i + 1);
    }
}

static int by_flow_key(const void *a, const void *b)
{
    const struct flow *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

/* Flows of random sources, in key order; sources are addresses, of IPv6 numbers. */
static size_t make_flows(struct flow *f, size_t n, uint8_t family)
{
    for (size_t i = 0; i < n; i++) {
        enum kind kind = pick(4) ? KIND_ACCESS : KIND_BACKSCATTER;
        uint32_t source = family == 4 ? 0xc6120000 + pick(SOURCES) * 7 : pick(V6);
        unsigned mark = kind == KIND_ACCESS && source % 3 == 0 ? MARK_MIRAI : 0;
        uint32_t head = head_make((enum proto)pick(2), (uint16_t)(20 + pick(4)), kind, mark, 0);
        uint16_t first = (uint16_t)pick(3000);
        f[i] = (struct flow){ .key = (uint64_t)head << 32 | source, .dests = 1 + pick(3), .first = first };
        f[i].packets = f[i].dests + pick(4);
        f[i].last = f[i].packets > 1 ? (uint16_t)(first + pick(500)) : first;
        f[i].bytes = f[i].packets * UINT64_C(60);
    }
    qsort(f, n, sizeof *f, by_flow_key);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || f[kept - 1].key != f[i].key)
            f[kept++] = f[i];
    return kept;
}

static void write_family(struct run_writer *w, struct flow *f, size_t n, uint8_t family)
{
    struct sort_item *item = malloc((2 * n + 1) * sizeof *item);
    assert_non_null(item);
    for (size_t i = 0; i < n; i++)
        item[i] = (struct sort_item){ f[i].key, f[i].packets };
    sort_items(item, item + n, n, 0, 32);
    if (family == 6)
        assert_int_equal(run_writer_family(w, 6, (const uint8_t(*)[16])dictionary, V6 + V6_SENSORS), 0);
    assert_int_equal(run_writer_census(w, item, n, true), 0);
    free(item);
    size_t sources;
    const uint32_t *source = run_writer_sources(w, &sources);
    for (size_t i = 0; i < n; i++) {
        uint32_t number = 0, dest[3];
        while (family == 4 && source[number] != flow_source(&f[i]))
            number++;
        if (family == 4)
            f[i].key = f[i].key >> 32 << 32 | number;
        for (uint32_t k = 0; k < f[i].dests; k++)
            dest[k] = family == 4 ? 0xc0000200 + pick(60) + 70 * k : V6 + k;
        assert_int_equal(run_writer_flow(w, &f[i], dest), 0);
    }
}

static void put_run(struct store *s, int64_t ingest, uint32_t hour, size_t n)
{
    struct target t = { .s = s };
    struct run_writer *w;
    struct run_summary sum;
    struct minutes minutes = { 0 };
    struct flow *f = malloc(n * sizeof *f);
    assert_non_null(f);
    assert_int_equal(store_run_begin(s, 1, ingest, hour, &t.run), 0);
    assert_int_equal(run_writer_make(&w, put_chunk, &t), 0);
    run_writer_begin(w, hour);
    for (unsigned family = 4; family <= 6; family += 2) {
        size_t kept = make_flows(f, family == 4 ? n : n / 4 + 1, (uint8_t)family);
        write_family(w, f, kept, (uint8_t)family);
        for (size_t i = 0; i < kept; i++)
            assert_int_equal(minutes_add(&minutes, head_service(flow_head(&f[i])), f[i].first / 60, f[i].packets),
                             0);
    }
    free(f);
    assert_int_equal(run_writer_tally(w, head_make(PROTO_OTHER, 0, KIND_OURS, 0, 0), 7, 420), 0);
    assert_int_equal(run_writer_end(w, &sum), 0);
    minutes_settle(&minutes);
    end_run(s, t.run, &sum, &minutes);
    minutes_release(&minutes);
    run_writer_free(w);
}

static void keep_up(struct store *s, int64_t now, int64_t flows)
{
    keep_up_as(s, now, &(struct keep){ .minutes = 2 * 86400, .flows = flows, .zone = "UTC" });
}

static void put_cover(struct store *s)
{
    const struct coverage c = { .start = DAY, .end = DAY + HOURS * 3600, .addresses = 256, .packets = 9 };
    int64_t id;
    assert_int_equal(store_coverage_add(s, 1, 0, &c, &id), 0);
}

/* A day that was worked out, some hours after it; some hours of many runs, some of one. */
static void fill_store(struct store *s)
{
    int64_t sensor, ingest;
    assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
    put_cover(s);
    for (uint32_t h = 0; h < HOURS; h++)
        for (unsigned i = 0; i < (h % 5 == 0 ? 4u : 1u); i++)
            put_run(s, 0, HOUR + h, h % 7 == 0 ? 9000 : 400);
    assert_int_equal(store_commit(s), 0);
    keep_up(s, DAY + 25 * 3600, 90 * 86400);
    put_run(s, 0, HOUR + 28, 300);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(store_ingest_begin(s, sensor, "a.pcap", &ingest), 0);
    put_run(s, ingest, HOUR + 29, 500);
    assert_int_equal(store_ingest_flip(s, ingest, (const uint8_t[16]){ 1 }, false), 0);
}
