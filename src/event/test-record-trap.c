#include "event/record-trap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Put into a channel that nobody reads: its buffer shows what would be sent. */
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

/* The payload of the one record that was put, as a copy that ends where it ends. */
static uint8_t *payload(uint8_t type, size_t *ret_n)
{
    struct rd r = rd_init(channel.out.data, channel.out.len);
    uint32_t length = rd_le32(&r);
    assert_int_equal(length, rd_left(&r));
    assert_int_equal(rd_u8(&r), type);
    *ret_n = rd_left(&r);
    uint8_t *copy = malloc(*ret_n + 1);
    assert_non_null(copy);
    rd_copy(&r, copy, *ret_n);
    copy[*ret_n] = 0;
    buf_reset(&channel.out);
    return copy;
}

/* Fewer bytes are no record, nor are more. */
#define CHECK_ENDS(get, data, n, ret)                                                              \
    do {                                                                                           \
        for (size_t cut_ = 0; cut_ < (n); cut_++)                                                  \
            assert_int_equal(get(rd_init(data, cut_), ret), 1);                                    \
        assert_int_equal(get(rd_init(data, (n) + 1), ret), 1);                                     \
        assert_int_equal(get(rd_init(data, n), ret), 0);                                           \
    } while (0)

static struct trap_setup some_setup(void)
{
    return (struct trap_setup){ .key = "0123456789abcde",
                                .worker = TRAP_WORKERS - 1,
                                .first_id = UINT64_MAX,
                                .persona = "hi3520-recorder",
                                .login = LOGIN_AFTER,
                                .after = 3,
                                .remember = 7 * UINT64_C(86400000000),
                                .total = 1,
                                .source = 2,
                                .network = 3,
                                .memory = 4,
                                .listeners = 5,
                                .service = { SERVICE_TELNET, SERVICE_HTTP, SERVICE_NETIS, SERVICE_OTHER, SERVICE_TELNET },
                                .catchall = CATCHALL_ALL,
                                .fetch = POLICY_FETCH_LIVE,
                                .clock_offset = -6,
                                .budget_key = { 1, UINT64_C(1) << 63, UINT64_MAX } };
}

static void test_setup(void **state)
{
    (void)state;
    size_t n;
    struct trap_setup v = some_setup(), got;
    assert_int_equal(record_put_trap_setup(&channel, &v), 0);
    uint8_t *data = payload(RECORD_TRAP_SETUP, &n);
    CHECK_ENDS(record_get_trap_setup, data, n, &got);
    assert_memory_equal(got.key, v.key, sizeof v.key);
    assert_memory_equal(got.service, v.service, sizeof v.service);
    assert_int_equal(got.catchall, v.catchall);
    assert_int_equal(got.fetch, v.fetch);
    assert_string_equal(got.persona, v.persona);
    assert_true(got.worker == v.worker && got.first_id == v.first_id && got.login == v.login && got.after == v.after &&
                got.remember == v.remember && got.total == v.total && got.source == v.source && got.network == v.network &&
                got.memory == v.memory && got.listeners == v.listeners && got.clock_offset == v.clock_offset);
    assert_memory_equal(got.budget_key, v.budget_key, sizeof v.budget_key);
    free(data);
}

static void refuse_setup(struct trap_setup v)
{
    size_t n;
    struct trap_setup got;
    assert_int_equal(record_put_trap_setup(&channel, &v), 0);
    uint8_t *data = payload(RECORD_TRAP_SETUP, &n);
    assert_int_equal(record_get_trap_setup(rd_init(data, n), &got), 1);
    free(data);
}

static void test_setup_lies(void **state)
{
    (void)state;
    struct trap_setup v = some_setup();
    v.worker = TRAP_WORKERS;
    refuse_setup(v);
    v = some_setup();
    v.login = LOGIN_WAYS;
    refuse_setup(v);
    v = some_setup();
    v.remember = UINT64_MAX;
    refuse_setup(v);
    v = some_setup();
    v.fetch = POLICY_FETCH_WAYS;
    refuse_setup(v);
    v = some_setup();
    v.clock_offset = INT64_MIN;
    refuse_setup(v);
}

static void test_ask(void **state)
{
    (void)state;
    size_t n;
    struct trap_ask v = { 7, 9, "http://192.0.2.1/x", "Wget" }, got;
    assert_int_equal(record_put_trap_ask(&channel, &v), 0);
    uint8_t *data = payload(RECORD_TRAP_ASK, &n);
    CHECK_ENDS(record_get_trap_ask, data, n, &got);
    assert_true(got.session == 7 && got.ticket == 9);
    assert_string_equal(got.url, v.url);
    assert_string_equal(got.agent, v.agent);
    memset(data + 8, 0, 8); /* no ticket */
    assert_int_equal(record_get_trap_ask(rd_init(data, n), &got), 1);
    free(data);
}

static void test_told(void **state)
{
    (void)state;
    size_t n;
    struct trap_told v = { .session = 7, .ticket = 9, .answer = 1, .address = "192.0.2.1", .sha256 = { 5 }, .size = 1234 }, got;
    assert_int_equal(record_put_trap_told(&channel, &v), 0);
    uint8_t *data = payload(RECORD_TRAP_TOLD, &n);
    CHECK_ENDS(record_get_trap_told, data, n, &got);
    assert_true(got.session == 7 && got.ticket == 9 && got.answer == 1 && got.size == 1234);
    assert_string_equal(got.address, v.address);
    assert_memory_equal(got.sha256, v.sha256, sizeof v.sha256);
    for (int answer = 0; answer < 256; answer++) {
        data[16] = (uint8_t)answer;
        assert_int_equal(record_get_trap_told(rd_init(data, n), &got), answer == 0 || answer > 7);
    }
    free(data);
}

static void test_bytes(void **state)
{
    (void)state;
    static uint8_t piece[TRAP_PIECE + 1];
    size_t n;
    uint64_t session, ticket;
    struct rd bytes;
    assert_int_equal(record_put_trap_bytes(&channel, 7, 9, "abc", 3), 0);
    uint8_t *data = payload(RECORD_TRAP_BYTES, &n);
    assert_int_equal(record_get_trap_bytes(rd_init(data, n), &session, &ticket, &bytes), 0);
    assert_true(session == 7 && ticket == 9 && rd_left(&bytes) == 3 && !memcmp(bytes.p, "abc", 3));
    assert_int_equal(record_get_trap_bytes(rd_init(data, 15), &session, &ticket, &bytes), 1);
    free(data);
    assert_int_equal(record_put_trap_bytes(&channel, 7, 9, piece, sizeof piece), 0);
    data = payload(RECORD_TRAP_BYTES, &n);
    assert_int_equal(record_get_trap_bytes(rd_init(data, n), &session, &ticket, &bytes), 1);
    free(data);
}

static void test_fact(void **state)
{
    (void)state;
    size_t n;
    struct trap_fact v = { 77, true, 1700000000000000 }, got;
    assert_int_equal(record_put_trap_fact(&channel, &v), 0);
    uint8_t *data = payload(RECORD_TRAP_FACT, &n);
    CHECK_ENDS(record_get_trap_fact, data, n, &got);
    assert_true(got.fact == v.fact && got.accepted && got.until == v.until);
    memset(data, 0, 8); /* none */
    assert_int_equal(record_get_trap_fact(rd_init(data, n), &got), 1);
    free(data);
    assert_int_equal(record_put_trap_fact(&channel, &(struct trap_fact){ 77, true, 0 }), 0);
    data = payload(RECORD_TRAP_FACT, &n);
    assert_int_equal(record_get_trap_fact(rd_init(data, n), &got), 1);
    free(data);
}

static void test_counts(void **state)
{
    (void)state;
    size_t n;
    struct trap_counts v = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17 }, got;
    assert_int_equal(record_put_trap_counts(&channel, &v), 0);
    uint8_t *data = payload(RECORD_TRAP_COUNTS, &n);
    CHECK_ENDS(record_get_trap_counts, data, n, &got);
    assert_memory_equal(&got, &v, sizeof v);
    for (size_t i = 0; i < n; i += 8) { /* more than anybody counts */
        data[i + 7] = 1;
        assert_int_equal(record_get_trap_counts(rd_init(data, n), &got), 1);
        data[i + 7] = 0;
    }
    free(data);
}

static void test_numbers(void **state)
{
    (void)state;
    int64_t now = INT64_C(1790000000000000);
    uint64_t id = trap_session_id(now, 5);
    assert_int_equal(id % TRAP_WORKERS, 5);
    assert_true(id < UINT64_C(1) << 53);
    assert_int_equal(trap_session_id(now + 999, 5), id);
    assert_true(trap_session_id(now + 1000, 0) > id);
    assert_int_equal(trap_session_id(0, 1), 1);
    assert_true(trap_session_id(INT64_C(3600000000000000), 0) < UINT64_C(1) << 53); /* in 2084 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_setup),  cmocka_unit_test(test_setup_lies), cmocka_unit_test(test_ask), cmocka_unit_test(test_told), cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_fact),
        cmocka_unit_test(test_counts), cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests_name("event/record-trap", tests, make_channel, free_channel);
}
