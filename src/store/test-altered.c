/*
 * What was altered behind the store's back stays a fault, whatever becomes of it: merged, kept for good, forgotten in.
 */
#include "base/sha256.h"
#include "store/test-vouched.h"

/* What was altered before an hour is merged or kept for good is not vouched for with the rest. */
static void test_no_laundering(void **state)
{
    (void)state;
    static const char *const sql[] = { "UPDATE run SET packets=packets-1 WHERE id=3",
                                       ("UPDATE summary SET census=(SELECT census FROM summary WHERE run=2)"
                                        " WHERE run=1"),
                                       "DELETE FROM run WHERE id=2" };
    for (size_t i = 0; i < 2 * 3; i++) {
        struct told t;
        struct store *s = open_store(STORE_WRITE);
        int64_t sensor;
        assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
        for (uint8_t k = 1; k <= 3; k++) /* one hour of three runs, or three of one */
            put_file(s, HOUR + (i / 3 ? k : 0), k);
        store_close(s);
        alter(sql[i % 3]);
        s = open_store(STORE_WRITE);
        keep_up(s, DAY + 3600 * 5);
        assert_true(number_in(s, "SELECT count(*) FROM run WHERE state=1 AND kept=1") > 0 ||
                    number_in(s, "SELECT count(*) FROM damaged") > 0);
        assert_true(verify(s, &t).faults > 0);
        if (i != 5) /* an hour that is gone whole is met by no merge, and still missed */
            assert_int_equal(number_in(s, "SELECT count(*) FROM event WHERE event='altered'"), 1);
        assert_int_equal(store_note(s, "altered", ""), -EINVAL);
        store_close(s);
        empty(folder);
    }
}

/* As somebody does it who knows the tables: the hashes in the run's row go with its data. */
static void alter_well(const char *sql, int64_t run)
{
    char text[300], hash[SHA256_HEX], minutes[SHA256_HEX];
    struct run_hash h;
    alter(sql);
    struct store *s = open_store(STORE_READ);
    int none = hash_run(s, run, &h);
    store_close(s);
    assert_true(none >= 0);
    if (none)
        return;
    snprintf(text, sizeof text, "UPDATE run SET hash=x'%s', minutes=x'%s' WHERE id=%lld",
             sha256_hex(h.content, hash), sha256_hex(h.minutes, minutes), (long long)run);
    alter(text);
}

/* A run that an event vouches for, altered before more of its hour comes in. */
static void test_no_laundering_of_kept(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        bool well;
    } row[] = {
        { "DELETE FROM chunk WHERE run=(SELECT id FROM run WHERE kept); UPDATE run SET hash=NULL WHERE kept", false },
        { "UPDATE run SET hash=x'00' WHERE kept", false },
        { "UPDATE run SET packets=packets+1000 WHERE kept", false },
        { "UPDATE run SET packets=packets+1000 WHERE kept", true },
        { "UPDATE run SET packets=packets+1000, kept=0 WHERE kept", true },
        { "DELETE FROM minute WHERE run=(SELECT id FROM run WHERE kept)", true },
        { "DELETE FROM run WHERE kept", true },
        { "UPDATE run SET state=0 WHERE kept", true },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct told t;
        int64_t sensor, at;
        struct store *s = open_store(STORE_WRITE);
        assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
        put_file(s, HOUR, 1);
        put_file(s, HOUR, 2);
        keep_up(s, DAY + 3600 * 2);
        int64_t run = number_in(s, "SELECT id FROM run WHERE kept");
        struct verified before = assert_sound(s);
        store_close(s);
        if (row[i].well)
            alter_well(row[i].sql, run);
        else
            alter(row[i].sql);
        s = open_store(STORE_WRITE);
        put_file(s, HOUR, 3);
        keep_up(s, DAY + 3600 * 2);
        if (count_altered(s) != 1)
            fail_msg("%d events for: %s", (int)count_altered(s), row[i].sql);
        assert_int_equal(store_chain_find(s, before.head, &at), 0);
        assert_true(verify(s, &t).faults > 0);
        store_close(s);
        empty(folder);
        empty(path_of("log"));
    }
}

/* Live runs of an hour that goes on are merged some at a time. */
static void test_no_laundering_of_live(void **state)
{
    (void)state;
    int64_t sensor, period = 0;
    struct told t;
    struct store *s = open_store(STORE_WRITE);
    assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
    put_deltas(s, HOUR, 31, &period);
    store_close(s);
    alter_well("UPDATE run SET packets=packets+1000 WHERE id=7", 7);
    s = open_store(STORE_WRITE);
    put_deltas(s, HOUR, 1, &period);
    for (int i = 0; i < 2; i++) /* a merge that fails is tried again */
        assert_int_equal(evidence_check_hour(s, HOUR, 0), 0);
    assert_int_equal(count_altered(s), 1);
    keep_up(s, DAY + 600);
    assert_int_equal(number_in(s, "SELECT count(*) FROM run WHERE state=1"), 1);
    assert_int_equal(count_altered(s), 1);
    assert_true(verify(s, &t).faults > 0);
    put_deltas(s, HOUR, 40, &period);
    keep_up(s, DAY + 7200);
    assert_int_equal(count_altered(s), 1); /* told once, and what came later is sound */
    store_close(s);
}

/* Forgetting vouches anew, too. */
static void test_no_laundering_by_forgetting(void **state)
{
    (void)state;
    static const char *const sql[] = { "UPDATE run SET packets=packets+1000 WHERE id=%lld",
                                       "UPDATE day SET zone='Asia/Tokyo' WHERE %lld",
                                       ("DELETE FROM day_sources WHERE scope=(SELECT min(scope) FROM day_sources)"
                                        " AND %lld") };
    struct prefix who;
    assert_int_equal(prefix_parse("198.18.0.0/28", &who), 0);
    for (size_t i = 0; i < 2 * 3; i++) {
        struct told t;
        char text[200];
        uint64_t n;
        struct store *s = open_store(STORE_WRITE);
        build(s);
        int64_t run = number_in(s, i < 3 ? "SELECT min(id) FROM run WHERE state=1 AND kept"
                                         : "SELECT max(id) FROM run WHERE state=1 AND NOT kept");
        store_close(s);
        snprintf(text, sizeof text, sql[i % 3], (long long)run);
        alter_well(text, run);
        s = open_store(STORE_WRITE);
        assert_int_equal(store_forget(s, &who, &n), 0);
        assert_true(n > 5);
        assert_int_equal(count_altered(s), 1);
        assert_int_equal(verify(s, &t).faults, 1);
        store_close(s);
        empty(folder);
        empty(path_of("log"));
    }
}

/* The hash of a run where the stream vouches for it, and (`links`) all links from there on. */
static void forge_vouch(const uint8_t from[static SHA256_BYTES], const uint8_t to[static SHA256_BYTES], bool links)
{
    struct store *s = open_store(STORE_WRITE);
    struct stmt *q = db_stmt(s->db, "SELECT seq, said FROM vouch WHERE instr(said, ?)");
    db_bind_blob(q, 1, from, SHA256_BYTES);
    assert_int_equal(db_step(s->db, q), 1);
    int64_t seq = db_int(q, 0);
    size_t n;
    uint8_t said[4096];
    const void *data = db_blob(q, 1, &n);
    assert_true(n < sizeof said);
    memcpy(said, data, n);
    db_done(q);
    uint8_t *at = memmem(said, n, from, SHA256_BYTES);
    assert_non_null(at);
    memcpy(at, to, SHA256_BYTES);
    assert_int_equal(store_begin(s), 0);
    q = db_stmt(s->db, "UPDATE vouch SET said=? WHERE seq=?");
    db_bind_blob(q, 1, said, n);
    db_bind_int(q, 2, seq);
    assert_int_equal(db_run(s->db, q), 0);
    uint8_t link[SHA256_BYTES] = { 0 };
    for (int64_t i = 1, end = number_in(s, "SELECT max(seq) FROM vouch"); links && i <= end; i++) {
        q = db_stmt(s->db, "SELECT at, after, said FROM vouch WHERE seq=?");
        db_bind_int(q, 1, i);
        assert_int_equal(db_step(s->db, q), 1);
        data = db_blob(q, 2, &n);
        vouch_link(link, i, db_int(q, 0), db_int(q, 1), data, n, link);
        db_done(q);
        q = db_stmt(s->db, "UPDATE vouch SET link=? WHERE seq=?");
        db_bind_blob(q, 1, link, SHA256_BYTES);
        db_bind_int(q, 2, i);
        assert_int_equal(db_run(s->db, q), 0);
    }
    assert_int_equal(db_exec(s->db, "UPDATE segment SET link=(SELECT link FROM vouch WHERE seq=last)"), 0);
    assert_int_equal(store_commit(s), 0);
    store_close(s);
}

/* Who alters what vouches for a run with the run: that stays to be seen, though all else of the hour goes. */
static void test_forged_vouches_stay(void **state)
{
    (void)state;
    for (int links = 0; links < 2; links++) {
        int64_t sensor, period = 0;
        struct told t;
        struct run_hash before, after;
        struct store *s = open_store(STORE_WRITE);
        assert_int_equal(store_seal(s, DAY + 60), 0); /* the clock from here on */
        assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
        put_deltas(s, HOUR, 3, &period);
        assert_int_equal(store_seal(s, DAY + 3600 + 5), 0);
        assert_int_equal(hash_run(s, 2, &before), 0);
        store_close(s);
        alter_well("UPDATE run SET packets=packets+1000 WHERE id=2", 2);
        s = open_store(STORE_READ);
        assert_int_equal(hash_run(s, 2, &after), 0);
        store_close(s);
        forge_vouch(before.content, after.content, links);
        s = open_store(STORE_WRITE);
        for (uint32_t h = 1; h < 8; h++) {
            keep_up(s, DAY + h * INT64_C(3600) + 60);
            put_deltas(s, HOUR + h, 3, &period);
            assert_int_equal(store_seal(s, DAY + h * INT64_C(3600) + 3605), 0);
        }
        assert_true(number_in(s, "SELECT min(first) FROM segment") == 1);
        assert_true(number_in(s, "SELECT count(*) FROM event WHERE text LIKE '%pruned=%'") > 0);
        assert_true(verify(s, &t).faults > 0);
        store_close(s);
        empty(folder);
        empty(path_of("log"));
    }
}

/* A file of the hour that is shown between the look at it and the event keeps its run vouched for. */
static void test_kept_beside_a_file(void **state)
{
    (void)state;
    int64_t sensor;
    struct store *s = open_store(STORE_WRITE);
    assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
    put_file(s, HOUR, 1);
    int64_t run = number_in(s, "SELECT id FROM run");
    put_file(s, HOUR, 2);
    assert_int_equal(evidence_keep_alone(s, HOUR, run), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM run WHERE kept"), 0);
    assert_sound(s);
    keep_up(s, DAY + 7200);
    run = number_in(s, "SELECT id FROM run WHERE state=1");
    assert_int_equal(evidence_keep_alone(s, HOUR, run - 1), 0);
    assert_int_equal(evidence_keep_alone(s, HOUR, run), 0);
    assert_sound(s);
    store_close(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_no_laundering), TEST(test_no_laundering_of_kept), TEST(test_no_laundering_of_live),
        TEST(test_no_laundering_by_forgetting), TEST(test_forged_vouches_stay),
        TEST(test_kept_beside_a_file),
    };
    return cmocka_run_group_tests_name("store/altered", tests, NULL, NULL);
}
