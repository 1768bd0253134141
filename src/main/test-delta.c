#include "main/delta.h"
#include "main/shed.h"

#include "base/own.h"

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
        f->cover.part[i] = (struct cover_part){ .group = i, .addresses = 10 * (i + 1) };
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

/* Packets that made no flow: a run may consist of them. */
static void say_packets(struct fixture *f, size_t i, uint64_t packets)
{
    struct channel c;
    struct buf none;
    buf_init(&none, 1);
    say_run(f, i);
    channel_init(&c, -1);
    assert_int_equal(record_put_run_end(&c, 0, packets, &none, &none, &none), 0);
    hold_all(f, i, &c);
    buf_release(&none);
}

/* A delta as sense tells it: `packets` are new, `sum` are all of the period. */
static void say_delta(struct fixture *f, size_t i, int64_t start, int64_t end, uint64_t packets,
                      uint64_t sum)
{
    if (packets)
        say_packets(f, i, packets);
    say_coverage(f, i, start, end, sum, 0);
    say_commit(f, i);
}

static uint64_t shed(struct fixture *f, size_t i)
{
    uint64_t lost;
    assert_int_equal(delta_shed(&f->delta[i], &lost), 0);
    return lost;
}

static int keep_from(struct fixture *f, size_t i, int64_t earliest)
{
    struct delta_target t = { .intake = &f->intake[i],
                              .cover = &f->cover,
                              .part = i,
                              .earliest = earliest,
                              .latest = LATEST,
                              .drops = f->drops };
    return delta_store(&f->delta[i], &t);
}

static int keep(struct fixture *f, size_t i)
{
    return keep_from(f, i, 0);
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

static void keep_all(struct fixture *f, size_t i)
{
    while (delta_ready(&f->delta[i]))
        assert_int_equal(keep(f, i), 0);
}

/* In runs that are shown, and told of as observed. */
static void check_packets(struct fixture *f, uint64_t kept, uint64_t drops)
{
    struct store_facts facts;
    struct sensor_facts *s;
    size_t n;
    assert_int_equal(store_facts(f->store, &facts), 0);
    assert_int_equal(facts.packets, kept);
    assert_int_equal(store_sensors(f->store, &s, &n), 0);
    assert_int_equal(n, 1);
    assert_int_equal(s[0].coverage.packets, kept);
    assert_int_equal(s[0].coverage.drops, drops);
    assert_int_equal(f->cover.packets, kept);
    assert_int_equal(f->cover.drops, drops);
    free(s);
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

/* ---- shedding ---- */

static void what_is_shed_counts_once(void **state)
{
    struct fixture *f = *state;
    uint64_t sum = 0, lost = 0;
    say_delta(f, 0, T0, T0 + 1, 10, sum += 10);
    say_delta(f, 0, T0, T0 + 2, 20, sum += 20);
    struct delta *d = &f->delta[0];
    size_t before = d->whole;
    auto_free uint8_t *copy = malloc(before);
    assert_non_null(copy);
    memcpy(copy, d->held.data, before);
    for (uint64_t i = 0; i < 50; i++) {
        say_delta(f, 0, T0, T0 + 3 + (int64_t)i, 100 + i, sum += 100 + i);
        assert_int_equal(shed(f, 0), 100 + i);
        assert_int_equal(shed(f, 0), 0); /* it was shed */
        lost += 100 + i;
    }
    assert_memory_equal(d->held.data, copy, before); /* what came before is as it was */
    assert_true(delta_waiting(d) < before + 200);
    say_delta(f, 0, T0, T0 + 60, 7, sum += 7); /* there is room again */
    keep_all(f, 0);
    check_packets(f, 37, lost);
    check_seconds(f, 60 * 10);
    assert_int_equal(sum, 37 + lost);
}

/* Stored to one part, in trouble again: a second row of shed deltas is counted for itself. */
static void shedding_begins_anew(void **state)
{
    struct fixture *f = *state;
    uint64_t sum = 0, lost = 0;
    for (int64_t round = 0; round < 20; round++) {
        say_delta(f, 0, T0, T0 + 10 * round + 1, 3, sum += 3);
        say_delta(f, 0, T0, T0 + 10 * round + 2, 5, sum += 5);
        lost += shed(f, 0);
        say_delta(f, 0, T0, T0 + 10 * round + 3, 6, sum += 6);
        lost += shed(f, 0);
        assert_int_equal(keep(f, 0), 0); /* the oldest that waits, only */
        if (round % 3 == 0)
            assert_int_equal(keep(f, 0), 0);
    }
    keep_all(f, 0);
    assert_int_equal(lost, 20 * 11);
    check_packets(f, 20 * 3, lost);
    check_seconds(f, 193 * 10);
    assert_int_equal(delta_waiting(&f->delta[0]), 0);
}

static void half_a_delta_survives_shedding(void **state)
{
    struct fixture *f = *state;
    say_delta(f, 0, T0, T0 + 1, 10, 10);
    say_delta(f, 0, T0, T0 + 2, 20, 30);
    say_packets(f, 0, 5);
    say_run(f, 0); /* half a run */
    assert_int_equal(shed(f, 0), 20);
    struct channel c;
    struct buf none;
    buf_init(&none, 1);
    channel_init(&c, -1);
    assert_int_equal(record_put_run_end(&c, 0, 4, &none, &none, &none), 0);
    hold_all(f, 0, &c);
    buf_release(&none);
    say_coverage(f, 0, T0, T0 + 3, 39, 0);
    say_commit(f, 0);
    keep_all(f, 0);
    check_packets(f, 19, 20);
    check_seconds(f, 30);
}

/* What a clock that steps, or a gap, leaves of periods: each keeps its own. */
static void periods_stay(void **state)
{
    struct fixture *f = *state;
    uint64_t lost = 0;
    say_delta(f, 0, T0, T0 + 10, 8, 8);
    for (int64_t i = 1; i <= 5; i++) {
        say_delta(f, 0, T0 + 1000 * i, T0 + 1000 * i + 5, 50, 50);
        lost += shed(f, 0);
        say_delta(f, 0, T0 + 1000 * i, T0 + 1000 * i + 10, 2, 52);
        lost += shed(f, 0);
    }
    assert_int_equal(lost, 5 * 52);
    say_delta(f, 0, T0 + 5000, T0 + 5020, 3, 55);
    keep_all(f, 0);
    check_packets(f, 11, lost);
    check_seconds(f, 10 * (10 + 5 * 10 + 10));
    for (int64_t i = 1; i <= 5; i++) {
        struct exposure e;
        assert_int_equal(store_exposure(f->store, T0 + 1000 * i, T0 + 1000 * i + 10, &e), 0);
        assert_int_equal((int64_t)e.address_seconds, 100);
    }
}

/* One worker's loss is not taken from another's packets. */
static void workers_lose_their_own(void **state)
{
    struct fixture *f = *state;
    f->cover.fixed = 1;
    say_delta(f, 0, T0, T0 + 1, 10, 10);
    say_delta(f, 1, T0, T0 + 1, 1000, 1000);
    say_delta(f, 0, T0, T0 + 2, 20, 30);
    assert_int_equal(shed(f, 0), 20);
    say_delta(f, 1, T0, T0 + 2, 500, 1500);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(keep(f, i % 2), 0);
    check_packets(f, 1510, 20);
    check_seconds(f, 2);
}

/* The worker's own drops and what is shed are both drops. */
static void drops_add_up(void **state)
{
    struct fixture *f = *state;
    say_packets(f, 0, 40);
    say_coverage(f, 0, T0, T0 + 2, 40, 9);
    say_commit(f, 0);
    assert_int_equal(shed(f, 0), 40);
    keep_all(f, 0);
    check_packets(f, 0, 49);
}

/* A store that cannot be written for a day, two deltas a second, more than there is room for: what waits
 * stays small. */
static void check_day(struct fixture *f, uint64_t packets, int64_t period)
{
    enum { DAY = 86400, ROOM = 2000, DELTA = 200, REMAINS = 16 * 37 + 100 };
    uint64_t sum = 0, lost = 0;
    size_t most = 0;
    for (int64_t i = 0; i < 2 * DAY; i++) {
        int64_t start = i / 2 / period * period;
        sum = i / 2 % period == 0 && i % 2 == 0 ? packets : sum + packets;
        say_delta(f, 0, T0 + start, T0 + i / 2 + 1, packets, sum);
        if (delta_waiting(&f->delta[0]) > ROOM)
            lost += shed(f, 0);
        most = delta_waiting(&f->delta[0]) > most ? delta_waiting(&f->delta[0]) : most;
    }
    assert_true(most < ROOM + DELTA + REMAINS);
    assert_true(f->delta[0].held.room < 1 << 16);
    keep_all(f, 0);
    struct store_facts facts;
    assert_int_equal(store_facts(f->store, &facts), 0);
    assert_int_equal(facts.packets + lost, 2 * DAY * packets);
    if (period == DAY)
        check_packets(f, facts.packets, lost);
}

static void a_day_of_shedding(void **state)
{
    check_day(*state, 3, 86400);
    check_seconds(*state, 10 * 86400);
}

static void a_silent_day(void **state)
{
    check_day(*state, 0, 86400);
    check_seconds(*state, 10 * 86400);
}

/* A clock gone wild: a new period each second. */
static void a_wild_day(void **state)
{
    check_day(*state, 3, 1);
}

/* Deltas that are shorter than what would be left of them stay, and nothing is counted as lost. */
static void what_would_not_shrink_stays(void **state)
{
    struct fixture *f = *state;
    struct channel c;
    struct buf none;
    buf_init(&none, 1);
    channel_init(&c, -1);
    assert_int_equal(record_put_run_end(&c, 0, 5, &none, &none, &none), 0);
    hold_all(f, 0, &c);
    buf_release(&none);
    say_commit(f, 0);
    size_t before = delta_waiting(&f->delta[0]);
    uint64_t lost = shed(f, 0);
    assert_true(delta_waiting(&f->delta[0]) <= before);
    assert_true(lost == 0 || lost == 5);
    assert_int_equal(shed(f, 0), 0);
}

/* Runs of more packets than their period tells of: what is left over is not taken from later ones. */
static void a_lie_about_a_loss_ends_with_it(void **state)
{
    struct fixture *f = *state;
    say_delta(f, 0, T0, T0 + 1, 50, 20);
    assert_int_equal(shed(f, 0), 50);
    say_delta(f, 0, T0, T0 + 2, 100, 120);
    keep_all(f, 0);
    check_packets(f, 100, 20);
}

/* An hour of long ago, or of the future, is none that this worker observed: its day's totals stay. A period may be
 * old where it is the one that grows. */
static void old_hours_are_left_alone(void **state)
{
    struct fixture *f = *state;
    say_delta(f, 0, T0, T0 + 1, 5, 5);
    assert_int_equal(keep_from(f, 0, T0 + 3600), -EPROTO);
    say_delta(f, 0, T0, T0 + 1, 5, 5);
    assert_int_equal(keep_from(f, 0, T0 - 60), 0);
    say_delta(f, 0, T0, T0 + 9, 0, 5);
    assert_int_equal(keep_from(f, 0, T0 + 5), 0);
    say_delta(f, 0, T0 + 1, T0 + 9, 0, 5);
    assert_int_equal(keep_from(f, 0, T0 + 5), -EPROTO);
    check_packets(f, 5, 0);
}

/* Each run costs the store several rows. */
static void runs_are_bounded(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < DELTA_RUNS; i++)
        say_run(f, 0);
    uint8_t hour[4] = { 0 };
    assert_int_equal(delta_hold(&f->delta[0], RECORD_RUN, rd_init(hour, sizeof hour)), -EPROTO);
    delta_cut(&f->delta[0]);
    say_run(f, 0);
}

static void nobody_forges_what_was_shed(void **state)
{
    struct fixture *f = *state;
    static const uint8_t lost[8] = { 9 };
    assert_int_equal(delta_hold(&f->delta[0], RECORD_SHED, rd_init(lost, sizeof lost)), -EPROTO);
    assert_int_equal(delta_waiting(&f->delta[0]), 0);
}

/* ---- sessions ---- */

static void say_session(struct fixture *f, size_t i, enum session_type type, uint64_t id, int64_t seconds)
{
    struct channel c;
    struct session_event e;
    channel_init(&c, -1);
    session_begin(&e, type, id, seconds * 1000000);
    assert_int_equal(record_put_session(&c, &e), 0);
    hold_all(f, i, &c);
}

static int store_sessions_of(struct fixture *f)
{
    const struct delta_target t = { &f->intake[0], &f->cover, 0, T0, LATEST, 0 };
    return delta_store(&f->delta[0], &t);
}

/* Of sessions only the trap's workers speak, and not here. */
static void sense_tells_of_no_sessions(void **state)
{
    struct fixture *f = *state;
    struct session_facts facts;
    say_session(f, 0, SESSION_OPEN, 5, T0);
    say_commit(f, 0);
    assert_int_equal(store_sessions_of(f), -EPROTO);
    assert_int_equal(store_session(f->store, 5, &facts), 1);
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
        TEST_(a_prefix_counts_once),
        TEST_(what_is_shed_counts_once),
        TEST_(shedding_begins_anew),
        TEST_(half_a_delta_survives_shedding),
        TEST_(periods_stay),
        TEST_(workers_lose_their_own),
        TEST_(drops_add_up),
        TEST_(a_day_of_shedding),
        TEST_(a_silent_day),
        TEST_(a_wild_day),
        TEST_(what_would_not_shrink_stays),
        TEST_(a_lie_about_a_loss_ends_with_it),
        TEST_(nobody_forges_what_was_shed),
        TEST_(old_hours_are_left_alone),
        TEST_(runs_are_bounded),
        TEST_(sense_tells_of_no_sessions),
    };
    return cmocka_run_group_tests_name("main/delta", tests, NULL, NULL);
}
