#include "event/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Records are put into a channel that nobody reads: its buffer shows what would be sent. */
static struct channel channel;

static int make_channel(void **state)
{
    (void)state;
    channel_init(&channel, -1);
    return 0;
}

static int free_channel(void **state)
{
    (void)state;
    channel_release(&channel);
    return 0;
}

/* The payload of the one record that was put. */
static struct rd payload(uint8_t type)
{
    struct rd r = rd_init(channel.out.data, channel.out.len);
    uint32_t length = rd_le32(&r);
    assert_int_equal(length, rd_left(&r));
    assert_int_equal(rd_u8(&r), type);
    return r;
}

/* No record is read out of fewer bytes, nor out of more. */
typedef int (*get_fn)(struct rd r);

static void refuse_others(struct rd whole, get_fn get, bool open_ended)
{
    size_t n = rd_left(&whole);
    uint8_t *copy = malloc(n + 1);
    assert_non_null(copy);
    memcpy(copy, whole.p, n);
    copy[n] = 0;
    assert_int_equal(get(rd_init(copy, n)), 0);
    if (!open_ended)
        assert_int_equal(get(rd_init(copy, n + 1)), 1);
    free(copy);
    for (size_t cut = 0; cut < n && !(open_ended && cut >= 33); cut++) {
        copy = malloc(cut ? cut : 1);
        assert_non_null(copy);
        memcpy(copy, whole.p, cut);
        assert_int_equal(get(rd_init(copy, cut)), 1);
        free(copy);
    }
    buf_reset(&channel.out);
}

static struct setup setup;
static int get_setup(struct rd r)
{
    setup_release(&setup);
    return record_get_setup(r, &setup);
}
static uint32_t hour;
static int get_run(struct rd r)
{
    return record_get_run(r, &hour);
}
static struct run_chunk chunk;
static int get_chunk(struct rd r)
{
    return record_get_chunk(r, &chunk);
}
static struct run_end run_end;
static int get_run_end(struct rd r)
{
    return record_get_run_end(r, &run_end);
}
static struct record_coverage coverage;
static int get_coverage(struct rd r)
{
    return record_get_coverage(r, &coverage);
}
static struct record_progress progress;
static int get_progress(struct rd r)
{
    return record_get_progress(r, &progress);
}
static struct record_warning warning;
static int get_warning(struct rd r)
{
    return record_get_warning(r, &warning);
}
static struct record_commit commit;
static int get_commit(struct rd r)
{
    return record_get_commit(r, &commit);
}
static struct record_ready ready;
static int get_ready(struct rd r)
{
    return record_get_ready(r, &ready);
}
static struct session_event event;
static int get_session(struct rd r)
{
    return record_get_session(r, &event);
}
static struct record_end end;
static int get_end(struct rd r)
{
    return record_get_end(r, &end);
}

static void test_setup(void **state)
{
    (void)state;
    static const size_t many[][4] = { { 0, 0, 0, 0 },
                                      { 1, 1, 1, 1 },
                                      { 3, 2, 5, 7 },
                                      { SETUP_PREFIXES, SETUP_NAT, SETUP_PORTS, MARK_LABELS - 1 } };
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++) {
        struct setup s = { .live = i & 1, .dark = i & 2, .block_kib = 1024, .blocks = 64,
                           .addresses = UINT32_MAX, .nat_n = many[i][1],
                           .udp_answering_n = many[i][2], .label_n = many[i][3] };
        s.nat = calloc(many[i][1] + 1, sizeof *s.nat);
        assert_non_null(s.nat);
        for (size_t k = 0; k < many[i][0]; k++) {
            struct prefix p;
            assert_int_equal(prefix_parse(k % 2 ? "2001:db8::/32" : "192.0.2.0/24", &p), 0);
            assert_int_equal(prefix_list_add(&s.own, &p), 0);
        }
        for (size_t k = 0; k < many[i][1]; k++)
            s.nat[k] = (struct nat_pair){ (uint32_t)k, ~(uint32_t)k };
        for (size_t k = 0; k < many[i][2]; k++)
            s.udp_answering[k] = (uint16_t)(65535 - k);
        for (size_t k = 0; k < many[i][3]; k++)
            s.label[k] = (uint8_t)(127 - k);
        assert_int_equal(record_put_setup(&channel, &s), 0);
        assert_int_equal(get_setup(payload(RECORD_SETUP)), 0);
        assert_int_equal(setup.live, s.live);
        assert_int_equal(setup.dark, s.dark);
        assert_int_equal(setup.block_kib, 1024);
        assert_int_equal(setup.blocks, 64);
        assert_int_equal(setup.addresses, UINT32_MAX);
        assert_int_equal(setup.own.n, s.own.n);
        for (size_t k = 0; k < s.own.n; k++) {
            assert_int_equal(setup.own.item[k].bits, s.own.item[k].bits);
            assert_int_equal(addr_cmp(&setup.own.item[k].addr, &s.own.item[k].addr), 0);
        }
        assert_int_equal(setup.nat_n, s.nat_n);
        assert_memory_equal(setup.nat, s.nat, s.nat_n * sizeof *s.nat);
        assert_int_equal(setup.udp_answering_n, s.udp_answering_n);
        assert_memory_equal(setup.udp_answering, s.udp_answering, s.udp_answering_n * 2);
        assert_int_equal(setup.label_n, s.label_n);
        assert_memory_equal(setup.label, s.label, s.label_n);
        if (i < 3)
            refuse_others(payload(RECORD_SETUP), get_setup, false);
        buf_reset(&channel.out);
        setup_release(&s);
    }
    setup_release(&setup);
}

/* Each has one list too long, or one value that cannot be. */
static void test_setup_lies(void **state)
{
    (void)state;
    struct setup s = { .label_n = 1, .label = { MARK_LABELS } }, got;
    assert_int_equal(record_put_setup(&channel, &s), 0);
    assert_int_equal(record_get_setup(payload(RECORD_SETUP), &got), 1);
    buf_reset(&channel.out);
    static const struct {
        uint8_t family, bits;
    } bad[] = { { 4, 33 }, { 6, 129 }, { 5, 1 }, { 0, 0 } };
    for (size_t i = 0; i < 4; i++) {
        struct prefix p = { .addr = { .family = bad[i].family }, .bits = bad[i].bits };
        s = (struct setup){ .own = { &p, 1 } };
        assert_int_equal(record_put_setup(&channel, &s), 0);
        assert_int_equal(record_get_setup(payload(RECORD_SETUP), &got), 1);
        buf_reset(&channel.out);
    }
    static const uint64_t counts[][3] = {
        { SETUP_PREFIXES + 1, 0, 0 }, { 0, SETUP_NAT + 1, 0 }, { 0, 0, SETUP_PORTS + 1 },
        { UINT64_MAX, 0, 0 },         { 0, UINT64_MAX, 0 },    { 0, 0, UINT64_MAX } };
    for (size_t i = 0; i < 6; i++) {
        struct buf b;
        buf_init(&b, 1 << 16);
        memset(buf_add(&b, 14), 0, 14);
        for (size_t k = 0; k < 3; k++)
            buf_varint(&b, counts[i][k]);
        memset(buf_add(&b, 40000), 0, 40000);
        assert_int_equal(record_get_setup(rd_init(b.data, b.len), &got), 1);
        buf_release(&b);
    }
}

static void test_run(void **state)
{
    (void)state;
    static const uint32_t hours[] = { 0, 480000, UINT32_MAX / 2 };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(record_put_run(&channel, hours[i]), 0);
        assert_int_equal(get_run(payload(RECORD_RUN)), 0);
        assert_int_equal(hour, hours[i]);
        refuse_others(payload(RECORD_RUN), get_run, false);
    }
    assert_int_equal(record_put_run(&channel, UINT32_MAX / 2 + 1), 0);
    assert_int_equal(get_run(payload(RECORD_RUN)), 1);
    assert_int_equal(hour, UINT32_MAX / 2); /* as it was */
    buf_reset(&channel.out);
}

static void test_chunk(void **state)
{
    (void)state;
    static const struct {
        struct run_chunk c;
        int want;
    } row[] = {
        { { .n = 5, .first = 1, .last = 2, .packets = 9, .flows = 3, .hour = 7, .family = 4 }, 0 },
        { { .n = 0, .first = 2, .last = 2, .packets = 1, .flows = 1, .hour = 7, .family = 6 }, 0 },
        { { .n = 5, .last = UINT64_MAX, .packets = (uint64_t)CHUNK_FLOWS * UINT32_MAX,
            .flows = CHUNK_FLOWS, .family = 4 }, 0 },
        { { .n = 5, .packets = UINT32_MAX + UINT64_C(1), .flows = 1, .family = 4 }, 1 },
        { { .n = 5, .packets = 1, .flows = 1, .family = 5 }, 1 },
        { { .n = 5, .packets = 1, .flows = 0, .family = 4 }, 1 },
        { { .n = 5, .packets = 1, .flows = 2, .family = 4 }, 1 },
        { { .n = 5, .packets = CHUNK_FLOWS + 1, .flows = CHUNK_FLOWS + 1, .family = 4 }, 1 },
        { { .n = 5, .first = 2, .last = 1, .packets = 1, .flows = 1, .family = 4 }, 1 },
        { { .n = 5, .packets = UINT64_MAX, .flows = 1, .family = 4 }, 1 },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct run_chunk c = row[i].c;
        c.data = (const uint8_t *)"01234";
        assert_int_equal(record_put_chunk(&channel, &c), 0);
        assert_int_equal(get_chunk(payload(RECORD_CHUNK)), row[i].want);
        if (row[i].want == 0) {
            assert_int_equal(chunk.n, c.n);
            assert_memory_equal(chunk.data, c.data, c.n);
            assert_true(chunk.first == c.first && chunk.last == c.last && chunk.packets == c.packets);
            assert_true(chunk.flows == c.flows && chunk.hour == c.hour && chunk.family == c.family);
            refuse_others(payload(RECORD_CHUNK), get_chunk, true);
        }
        buf_reset(&channel.out);
    }
}

static void test_run_end(void **state)
{
    (void)state;
    static const struct {
        uint64_t flows, packets;
        int want;
    } row[] = { { 0, 0, 0 }, { 2, 2, 0 }, { 1, UINT64_C(1) << 40, 0 }, { 2, 1, 1 }, { 1, UINT64_MAX, 1 } };
    struct buf t, m, c;
    buf_init(&t, 100);
    buf_init(&m, 100);
    buf_init(&c, 100);
    buf_put(&t, "totals", 6);
    buf_put(&c, "a census", 8);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        assert_int_equal(record_put_run_end(&channel, row[i].flows, row[i].packets, &t, &m, &c), 0);
        assert_int_equal(get_run_end(payload(RECORD_RUN_END)), row[i].want);
        if (row[i].want == 0) {
            assert_true(run_end.flows == row[i].flows && run_end.packets == row[i].packets);
            assert_int_equal(rd_left(&run_end.totals), 6);
            assert_int_equal(rd_left(&run_end.minutes), 0);
            assert_int_equal(rd_left(&run_end.census), 8);
            assert_memory_equal(run_end.totals.p, "totals", 6);
            assert_memory_equal(run_end.census.p, "a census", 8);
            refuse_others(payload(RECORD_RUN_END), get_run_end, false);
        }
        buf_reset(&channel.out);
    }
    buf_release(&t);
    buf_release(&c);
}

static void test_coverage(void **state)
{
    (void)state;
    static const struct {
        struct record_coverage v;
        int want;
    } row[] = {
        { { 0, 0, 0, 0 }, 0 },
        { { 1700000000, 1700003600, 12345, 6 }, 0 },
        { { -1, 0, 0, 0 }, 1 },
        { { 5, 4, 0, 0 }, 1 },
        { { INT64_MIN, 4, 0, 0 }, 1 },
        { { 0, INT64_MAX, 0, 0 }, 1 }, /* no clock says that */
        { { 0, 1, UINT64_MAX, 0 }, 1 },
        { { 0, 1, 0, UINT64_MAX }, 1 },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        assert_int_equal(record_put_coverage(&channel, &row[i].v), 0);
        assert_int_equal(get_coverage(payload(RECORD_COVERAGE)), row[i].want);
        if (row[i].want == 0) {
            assert_memory_equal(&coverage, &row[i].v, sizeof coverage);
            refuse_others(payload(RECORD_COVERAGE), get_coverage, false);
        }
        buf_reset(&channel.out);
    }
}

static void test_small(void **state)
{
    (void)state;
    struct record_progress p = { UINT64_MAX, 5 };
    assert_int_equal(record_put_progress(&channel, &p), 0);
    assert_int_equal(get_progress(payload(RECORD_PROGRESS)), 0);
    assert_memory_equal(&progress, &p, sizeof p);
    refuse_others(payload(RECORD_PROGRESS), get_progress, false);
    assert_memory_equal(&progress, &p, sizeof p); /* what was refused left no trace */

    struct record_warning w = { WARNING_JUMP_BACK, 1000, -7 };
    assert_int_equal(record_put_warning(&channel, &w), 0);
    assert_int_equal(get_warning(payload(RECORD_WARNING)), 0);
    assert_true(warning.code == w.code && warning.offset == 1000 && warning.amount == -7);
    refuse_others(payload(RECORD_WARNING), get_warning, false);
    assert_true(warning.code == w.code && warning.offset == 1000 && warning.amount == -7);

    assert_int_equal(record_put_commit(&channel, &(struct record_commit){ 77, 12 }), 0);
    assert_int_equal(get_commit(payload(RECORD_COMMIT)), 0);
    assert_true(commit.sequence == 77 && commit.block == 12);
    refuse_others(payload(RECORD_COMMIT), get_commit, false);

    assert_int_equal(record_put_ready(&channel, &(struct record_ready){ 5 }), 0);
    assert_int_equal(get_ready(payload(RECORD_READY)), 0);
    assert_int_equal(ready.confined, 5);
    refuse_others(payload(RECORD_READY), get_ready, false);

    struct record_end e = { .digest = "0123456789abcde", .packets = 9, .destinations = 8,
                            .destinations_exact = true };
    assert_int_equal(record_put_end(&channel, &e), 0);
    assert_int_equal(get_end(payload(RECORD_END)), 0);
    assert_memory_equal(end.digest, e.digest, 16);
    assert_true(end.packets == 9 && end.destinations == 8 && end.destinations_exact);
    refuse_others(payload(RECORD_END), get_end, false);
    e.destinations = UINT64_MAX;
    assert_int_equal(record_put_end(&channel, &e), 0);
    assert_int_equal(get_end(payload(RECORD_END)), 1);
    buf_reset(&channel.out);
}

/* Fields are optional: what is cut between two of them is an event, too. */
static void test_session(void **state)
{
    (void)state;
    struct session_event e;
    session_begin(&e, SESSION_LOGIN, 77, 1700000000000000);
    session_set_text(&e, FIELD_USER, "root");
    session_set(&e, FIELD_ACCEPTED, 1);
    assert_int_equal(record_put_session(&channel, &e), 0);
    struct rd whole = payload(RECORD_SESSION);
    assert_int_equal(get_session(whole), 0);
    assert_true(event.type == SESSION_LOGIN && event.session == 77 && event.time == e.time);
    assert_int_equal(event.value[FIELD_USER].bytes.n, 4);
    assert_memory_equal(event.value[FIELD_USER].bytes.data, "root", 4);
    assert_int_equal(session_number(&event, FIELD_ACCEPTED), 1);
    for (size_t cut = 0; cut < rd_left(&whole); cut++)
        assert_int_equal(get_session(rd_init(whole.p, cut)), cut != 17 && cut != 23);
    session_set(&e, FIELD_ACCEPTED, 2); /* a flag */
    buf_reset(&channel.out);
    assert_int_equal(record_put_session(&channel, &e), 0);
    assert_int_equal(get_session(payload(RECORD_SESSION)), 1);
    buf_reset(&channel.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_setup), cmocka_unit_test(test_setup_lies), cmocka_unit_test(test_run),
        cmocka_unit_test(test_chunk), cmocka_unit_test(test_run_end),    cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_small), cmocka_unit_test(test_session),
    };
    return cmocka_run_group_tests_name("event/record", tests, make_channel, free_channel);
}
