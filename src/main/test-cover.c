#include "main/cover.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { T0 = 1700000000, SPAN = 4000, PARTS = 3 };

struct fixture {
    char folder[256];
    struct store *store;
    int64_t sensor;
    struct cover cover;
    uint64_t told;           /* packets */
    bool observed[2 * SPAN]; /* seconds from T0 - SPAN on that any period has in it */
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    const char *tmp = getenv("TMPDIR");
    assert_non_null(f);
    snprintf(f->folder, sizeof f->folder, "%s/teiten-cover-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(f->folder));
    assert_int_equal(store_open(&f->store, f->folder, STORE_WRITE), 0);
    assert_int_equal(store_sensor_number(f->store, "here", &f->sensor), 0);
    f->cover = (struct cover){ .n = PARTS, .fixed = 1 };
    for (size_t i = 0; i < PARTS; i++)
        f->cover.part[i] = (struct cover_part){ .group = i, .addresses = 10 * (i + 1) };
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    static const char *const files[] = { "teiten.db", "teiten.db-wal", "teiten.db-shm" };
    store_close(f->store);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", f->folder, files[i]);
        remove(path);
    }
    int err = rmdir(f->folder);
    free(f);
    return err;
}

/* Times from here on are seconds after T0. */
static void tell(struct fixture *f, size_t part, int64_t start, int64_t end, uint64_t packets)
{
    struct record_coverage v = { T0 + start, T0 + end, packets, 0 };
    assert_int_equal(cover_add(&f->cover, f->store, f->sensor, part, &v, 0), 0);
    assert_true(f->cover.row.start <= f->cover.row.end);
    for (int64_t s = start; s < end; s++)
        f->observed[s + SPAN] = true;
}

static double seconds_between(struct fixture *f, int64_t from, int64_t to)
{
    struct exposure e;
    assert_int_equal(store_exposure(f->store, T0 + from, T0 + to, &e), 0);
    return e.address_seconds;
}

/* Each second counts for at most `most` addresses, and only where somebody observed. */
static void check_seconds(struct fixture *f, double most)
{
    assert_int_equal(store_commit(f->store), 0);
    double sum = 0;
    for (int64_t s = -SPAN; s < SPAN; s += 1) {
        bool beside = f->observed[s + SPAN];
        if (!beside && s % 16) /* most of what nobody observed is looked at together, below */
            continue;
        double here = seconds_between(f, s, s + 1);
        assert_true(here <= (beside ? most : 0));
        sum += here;
    }
    assert_true(sum == seconds_between(f, -SPAN, SPAN));
}

static void check_sums(struct fixture *f, uint64_t packets, uint64_t drops)
{
    struct sensor_facts *s;
    size_t n;
    assert_int_equal(store_commit(f->store), 0);
    assert_int_equal(store_sensors(f->store, &s, &n), 0);
    assert_int_equal(n, 1);
    assert_true(s[0].coverage.start <= s[0].coverage.end);
    assert_int_equal(s[0].coverage.packets, packets);
    assert_int_equal(s[0].coverage.drops, drops);
    free(s);
    assert_int_equal(f->cover.packets, packets);
    assert_int_equal(f->cover.drops, drops);
}

/* A worker whose clock is stepped: periods end and others begin, earlier or later, each counting
 * from 0. */
static void a_clock_that_steps(void **state)
{
    static const struct {
        int64_t start, end;
        uint64_t packets;
    } table[] = {
        { 0, 1, 5 },       { 0, 10, 7 },      { 0, 10, 7 },      { -500, -500, 1 },
        { -500, -480, 4 }, { 1000, 1001, 0 }, { 1000, 1020, 9 }, { 1010, 1015, 2 },
        { 1010, 1030, 3 }, { 5, 12, 1 },      { 5, 30, 6 },      { -490, -470, 2 },
        { 990, 1005, 8 },  { 3000, 3000, 1 }, { 0, 40, 10 },
    };
    struct fixture *f = *state;
    uint64_t sum = 0;
    int64_t last = INT64_MIN;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        sum += table[i].packets - (table[i].start == last ? table[i - 1].packets : 0);
        last = table[i].start;
        tell(f, 0, table[i].start, table[i].end, table[i].packets);
        check_sums(f, sum, 0);
    }
    check_seconds(f, 1);
}

/* Any steps, any workers that come and go: drawn by a generator of numbers that is always the same.
 */
static void many_clocks_that_step(void **state)
{
    struct fixture *f = *state;
    struct {
        int64_t start, end;
        uint64_t packets;
    } now[PARTS] = { 0 };
    uint32_t draw = 12345;
    uint64_t sum = 0;
    for (int round = 0; round < 600; round++) {
        draw = draw * 1664525 + 1013904223;
        size_t i = (draw >> 8) % PARTS;
        unsigned what = draw >> 16 & 15;
        if (what < 2 ||
            !now[i].start) { /* a step: never to the second where the period before began */
            now[i].start = (int64_t)(draw >> 20) % 3000 - 1500;
            now[i].end = now[i].start;
            now[i].packets = 0;
            cover_leave(&f->cover, i);
        }
        now[i].end += draw >> 28;
        now[i].packets += draw >> 24 & 15;
        sum += draw >> 24 & 15;
        tell(f, i, now[i].start, now[i].end, now[i].packets);
    }
    check_sums(f, sum, 0);
    check_seconds(f, 1);
}

/* What the slower one holds may die with us: it is not claimed. One that falls silent holds nobody up. */
static void the_slowest_is_waited_for(void **state)
{
    struct fixture *f = *state;
    f->cover.n = 2;
    tell(f, 0, 0, 1, 1);
    tell(f, 1, 0, 1, 1);
    tell(f, 0, 0, 5, 2);
    assert_true(f->cover.row.end == T0 + 1);
    tell(f, 1, 0, 4, 2);
    assert_true(f->cover.row.end == T0 + 4);
    tell(f, 0, 0, 40, 3);
    assert_true(f->cover.row.end == T0 + 40);
    tell(f, 1, 4, 40, 2); /* another worker, who goes on where the silent one was */
    check_sums(f, 3 + 4, 0);
    check_seconds(f, 1);
    f->cover.n = PARTS;
}

/* Without a prefix of their own the workers' addresses add up, and never to more than all of them.
 */
static void addresses_never_exceed_all(void **state)
{
    struct fixture *f = *state;
    f->cover.fixed = 0;
    tell(f, 0, 0, 10, 1);
    tell(f, 1, 5, 12, 1);
    tell(f, 2, -20, 8, 1);
    tell(f, 0, 0, 20, 2);
    cover_leave(&f->cover, 1);
    tell(f, 0, -3, 21, 1);
    tell(f, 2, -20, 30, 4);
    cover_part_ways(&f->cover);
    tell(f, 0, -3, 31, 2);
    check_sums(f, 1 + 1 + 1 + 1 + 1 + 3 + 1, 0);
    check_seconds(f, 10 + 20 + 30);
}

/* What was not kept is dropped, in the periods that it was of, and is not taken from others. */
static void what_was_shed_is_dropped(void **state)
{
    struct fixture *f = *state;
    tell(f, 0, 0, 10, 50);
    cover_settle(&f->cover);
    cover_shed(&f->cover, 30);
    tell(f, 0, 0, 20, 70);      /* 20 of them */
    tell(f, 0, 1000, 1010, 25); /* 10 more, in a row of its own */
    cover_settle(&f->cover);
    check_sums(f, 50 + 15, 30);
    assert_int_equal(f->cover.row.packets, 15);
    assert_int_equal(f->cover.row.drops, 10);

    cover_shed(&f->cover, 1000); /* more than were told */
    tell(f, 0, 1000, 1011, 30);
    cover_settle(&f->cover);
    tell(f, 1, 1000, 1011, 7);
    check_sums(f, 65 + 7, 30 + 5);
}

/* A worker says what it likes, for ever: the store can still be asked. */
static void lies_do_not_overflow(void **state)
{
    struct fixture *f = *state;
    enum { ROWS = 70000 };
    uint64_t most = UINT64_C(1) << 48;
    for (int64_t i = 0; i < ROWS; i++) {
        struct record_coverage v = { T0 + i % 2, T0 + 10, most, most };
        assert_int_equal(cover_add(&f->cover, f->store, f->sensor, 0, &v, 0), 0);
    }
    assert_int_equal(f->cover.row.packets, INT64_MAX);
    assert_int_equal(f->cover.row.drops, INT64_MAX);
    for (int64_t i = 0; i < 3; i++) { /* rows of their own, whose sum is more than fits */
        struct record_coverage v = { T0 + 100 * i, T0 + 100 * i + 10, most, most };
        cover_part_ways(&f->cover);
        for (int j = 0; j < 40000; j++) {
            v.start ^= 1;
            assert_int_equal(cover_add(&f->cover, f->store, f->sensor, 0, &v, 0), 0);
        }
    }
    check_sums(f, INT64_MAX, INT64_MAX);
}

/* Two periods that began in the same second are two. */
static void a_period_that_begins_again(void **state)
{
    struct fixture *f = *state;
    tell(f, 0, 0, 1, 50);
    tell(f, 0, 0, 2, 3);
    tell(f, 0, 0, 3, 8);
    check_sums(f, 58, 0);
    check_seconds(f, 1);
}

int main(void)
{
#define TEST_(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST_(a_clock_that_steps),         TEST_(many_clocks_that_step),
        TEST_(the_slowest_is_waited_for),
        TEST_(addresses_never_exceed_all), TEST_(what_was_shed_is_dropped),
        TEST_(lies_do_not_overflow),       TEST_(a_period_that_begins_again),
    };
    return cmocka_run_group_tests_name("main/cover", tests, NULL, NULL);
}
