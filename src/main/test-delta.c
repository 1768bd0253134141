#include "main/delta.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { T0 = 1700000000, LATEST = T0 + 100000 };

/* Two workers, a store, and what they make of it. */
struct fixture {
    char folder[256];
    struct store *store;
    int64_t sensor;
    struct cover cover;
    uint64_t sequence[2], drops;
    struct intake intake[2];
    struct delta delta[2];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    const char *tmp = getenv("TMPDIR");
    assert_non_null(f);
    snprintf(f->folder, sizeof f->folder, "%s/teiten-delta-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(f->folder));
    assert_int_equal(store_open(&f->store, f->folder, STORE_WRITE), 0);
    assert_int_equal(store_sensor_number(f->store, "here", &f->sensor), 0);
    assert_int_equal(store_commit(f->store), 0);
    f->cover = (struct cover){ .n = 2 };
    for (size_t i = 0; i < 2; i++) {
        f->intake[i] = (struct intake){ .store = f->store, .sensor = f->sensor };
        f->cover.part[i].addresses = 10 * (i + 1);
        delta_init(&f->delta[i]);
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    static const char *const files[] = { "teiten.db", "teiten.db-wal", "teiten.db-shm" };
    for (size_t i = 0; i < 2; i++)
        delta_release(&f->delta[i]);
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

/* ---- what a worker says ---- */

static void hold_all(struct fixture *f, size_t i, struct channel *c)
{
    struct rd r = rd_init(c->out.data, c->out.len);
    while (rd_left(&r)) {
        uint32_t n = rd_le32(&r);
        struct rd record = rd_sub(&r, n);
        uint8_t type = rd_u8(&record);
        assert_true(rd_ok(&record));
        assert_int_equal(delta_hold(&f->delta[i], type, record), 0);
    }
    channel_release(c);
}

static void say_coverage(struct fixture *f, size_t i, int64_t start, int64_t end, uint64_t packets,
                         uint64_t drops)
{
    struct channel c;
    channel_init(&c, -1);
    struct record_coverage v = { start, end, packets, drops };
    assert_int_equal(record_put_coverage(&c, &v), 0);
    hold_all(f, i, &c);
}

static void say_run(struct fixture *f, size_t i)
{
    struct channel c;
    channel_init(&c, -1);
    assert_int_equal(record_put_run(&c, T0 / 3600), 0);
    hold_all(f, i, &c);
}

static void say_commit(struct fixture *f, size_t i)
{
    struct channel c;
    channel_init(&c, -1);
    struct record_commit commit = { .sequence = ++f->sequence[i] };
    assert_int_equal(record_put_commit(&c, &commit), 0);
    hold_all(f, i, &c);
}

static int keep(struct fixture *f, size_t i)
{
    struct delta_target t = {
        .intake = &f->intake[i], .cover = &f->cover, .part = i, .latest = LATEST, .drops = f->drops
    };
    return delta_store(&f->delta[i], &t);
}

static void say_and_keep(struct fixture *f, size_t i, int64_t start, int64_t end, uint64_t packets)
{
    say_coverage(f, i, start, end, packets, 0);
    say_commit(f, i);
    assert_true(delta_ready(&f->delta[i]));
    assert_int_equal(keep(f, i), 0);
}

/* ---- what came of it ---- */

static void check_seconds(struct fixture *f, int64_t address_seconds)
{
    struct exposure e;
    assert_int_equal(store_exposure(f->store, 0, LATEST, &e), 0);
    assert_int_equal((int64_t)e.address_seconds, address_seconds);
}

static uint64_t packets_of(struct fixture *f)
{
    struct sensor_facts *s;
    size_t n;
    assert_int_equal(store_sensors(f->store, &s, &n), 0);
    uint64_t packets = n ? s[0].coverage.packets : 0;
    free(s);
    return packets;
}

/* ---- tests ---- */

static void half_a_delta_is_nothing(void **state)
{
    struct fixture *f = *state;
    say_coverage(f, 0, T0, T0 + 10, 5, 0);
    assert_false(delta_ready(&f->delta[0]));
    assert_true(delta_waiting(&f->delta[0]) > 0);
    delta_cut(&f->delta[0]);
    assert_int_equal(delta_waiting(&f->delta[0]), 0);
    check_seconds(f, 0);
}

static void whole_deltas_survive_their_worker(void **state)
{
    struct fixture *f = *state;
    say_coverage(f, 0, T0, T0 + 10, 5, 0);
    say_commit(f, 0);
    say_coverage(f, 0, T0, T0 + 20, 9, 0);
    delta_cut(&f->delta[0]);
    assert_true(delta_ready(&f->delta[0]));
    assert_int_equal(keep(f, 0), 0);
    assert_false(delta_ready(&f->delta[0]));
    check_seconds(f, 100);
    assert_int_equal(packets_of(f), 5);
}

/* The one worker's COMMIT must not store what the other has begun. */
static void workers_do_not_mix(void **state)
{
    struct fixture *f = *state;
    say_run(f, 0);
    say_coverage(f, 0, T0, T0 + 50, 5, 0);
    say_and_keep(f, 1, T0, T0 + 10, 7);
    check_seconds(f, 200);
    assert_int_equal(packets_of(f), 7);
}

static void nonsense_leaves_no_trace(void **state)
{
    struct fixture *f = *state;
    say_and_keep(f, 0, T0, T0 + 10, 7);
    say_coverage(f, 0, T0, T0 + 50, 9, 0);
    say_run(f, 0);
    say_commit(f, 0); /* within a run */
    assert_int_equal(keep(f, 0), -EPROTO);
    assert_int_equal(delta_waiting(&f->delta[0]), 0);
    check_seconds(f, 100);
    assert_int_equal(f->intake[0].run, 0);
    assert_int_equal(f->cover.row.end, T0 + 10);

    say_coverage(f, 0, T0, LATEST + 1, 9, 0); /* the future */
    say_commit(f, 0);
    assert_int_equal(keep(f, 0), -EPROTO);
    say_and_keep(f, 0, T0, T0 + 20, 9);
    check_seconds(f, 200);
    assert_int_equal(packets_of(f), 9);
}

static void deltas_are_bounded(void **state)
{
    struct fixture *f = *state;
    uint8_t *much = calloc(1, 8 << 20);
    assert_non_null(much);
    int err = 0;
    size_t n = 0;
    for (; !err && n < 100; n++)
        err = delta_hold(&f->delta[0], RECORD_CHUNK, rd_init(much, 8 << 20));
    assert_int_equal(err, -EPROTO);
    assert_int_equal(n, 12); /* eleven fit */
    assert_true(delta_waiting(&f->delta[0]) <= DELTA_MOST);
    free(much);
}

static void a_period_grows(void **state)
{
    struct fixture *f = *state;
    for (int64_t i = 1; i <= 100; i++)
        say_and_keep(f, 0, T0, T0 + i, (uint64_t)i * 3);
    check_seconds(f, 1000);
    assert_int_equal(packets_of(f), 300);
    assert_int_equal(f->cover.id, 1);
}

static void gaps_are_not_observed(void **state)
{
    struct fixture *f = *state;
    say_and_keep(f, 0, T0, T0 + 10, 3);
    cover_leave(&f->cover, 0);
    f->sequence[0] = 0;
    say_and_keep(f, 0, T0 + 100, T0 + 110, 4); /* a new life counts from nothing */
    say_and_keep(f, 0, T0 + 20000, T0 + 20010, 2);
    check_seconds(f, 300);
    assert_int_equal(packets_of(f), 9);
}

/* The ring went on: the next worker's period begins where the last one's ended, be it in the same second. */
static void a_period_outlives_its_worker(void **state)
{
    struct fixture *f = *state;
    say_and_keep(f, 0, T0, T0, 3);
    for (unsigned life = 0; life < 3; life++) {
        delta_cut(&f->delta[0]);
        f->sequence[0] = 0;
        say_and_keep(f, 0, T0, T0, 2);
        say_and_keep(f, 0, T0, T0 + life, 5);
    }
    check_seconds(f, 20);
    assert_int_equal(packets_of(f), 3 + 3 * 5);
    assert_int_equal(f->cover.id, 1);
}

/* A worker's own losses count from nothing in each life, the kernel's go on. */
static void drops_count_once(void **state)
{
    struct fixture *f = *state;
    f->drops = 10;
    say_coverage(f, 0, T0, T0 + 1, 0, 2);
    say_commit(f, 0);
    assert_int_equal(keep(f, 0), 0);
    assert_int_equal(f->cover.drops, 12);
    f->sequence[0] = 0;
    f->drops = 15;
    say_coverage(f, 0, T0 + 1, T0 + 2, 0, 1);
    say_commit(f, 0);
    assert_int_equal(keep(f, 0), 0);
    say_and_keep(f, 0, T0 + 1, T0 + 3, 0);
    assert_int_equal(f->cover.drops, 10 + 2 + 5 + 1);
    assert_int_equal(f->cover.row.drops, 18);
}

static void workers_add_addresses(void **state)
{
    struct fixture *f = *state;
    say_and_keep(f, 0, T0, T0 + 10, 1);
    say_and_keep(f, 1, T0 + 10, T0 + 20, 1); /* both from here on: 30 addresses */
    say_and_keep(f, 0, T0, T0 + 20, 2);
    check_seconds(f, 10 * 10 + 10 * 30);
    cover_leave(&f->cover, 0);
    say_and_keep(f, 1, T0 + 10, T0 + 30, 2); /* 20 alone */
    check_seconds(f, 10 * 10 + 10 * 30 + 10 * 20);
    assert_int_equal(packets_of(f), 4);
}

static void a_prefix_counts_once(void **state)
{
    struct fixture *f = *state;
    f->cover.fixed = 256;
    say_and_keep(f, 0, T0, T0 + 10, 1);
    say_and_keep(f, 1, T0, T0 + 10, 1);
    say_and_keep(f, 0, T0, T0 + 20, 2);
    say_and_keep(f, 1, T0, T0 + 20, 2);
    check_seconds(f, 20 * 256);
    assert_int_equal(packets_of(f), 4);
    assert_int_equal(f->cover.id, 1);
}

int main(void)
{
#define TEST_(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST_(half_a_delta_is_nothing),  TEST_(whole_deltas_survive_their_worker),
        TEST_(workers_do_not_mix),       TEST_(nonsense_leaves_no_trace),
        TEST_(deltas_are_bounded),       TEST_(a_period_grows),
        TEST_(gaps_are_not_observed),    TEST_(workers_add_addresses),
        TEST_(a_prefix_counts_once),     TEST_(a_period_outlives_its_worker),
        TEST_(drops_count_once),
    };
    return cmocka_run_group_tests_name("main/delta", tests, NULL, NULL);
}
