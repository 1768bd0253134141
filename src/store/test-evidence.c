/*
 * A store made through its own functions, then altered with SQL behind its back: each alteration is found.
 */
#include "store/test-vouched.h"

static void test_sound(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    struct verified none = assert_sound(s);
    assert_int_equal(none.events, 1); /* begun */
    build(s);
    struct verified v = assert_sound(s);
    assert_true(v.segments >= 4 && v.days == 1 && v.runs == 12 && v.bytes > 1000);
    assert_true(v.copied > 0 && v.copied < v.events + 1);
    /* Rows of hours that were merged are gone. */
    assert_true(number_in(s, "SELECT min(seq) FROM vouch") > 40);
    assert_true(number_in(s, "SELECT count(*) FROM event WHERE text LIKE '%pruned=%'") > 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM event WHERE text='seconds=-3\\nfake=1'"), 1);
    assert_int_equal(number_in(s, "SELECT count(*) FROM event WHERE event='segment' AND text LIKE '%clock=%'"),
                     (int64_t)v.segments);
    struct store *reader = open_store(STORE_READ);
    assert_sound(reader);
    assert_sound(reader); /* again in one life */
    store_close(reader);
    assert_int_equal(store_note(s, "run", "run=1"), -EINVAL); /* a word of the store's own */
    store_close(s);
}

/* Half a delta is vouched for by nobody, and the one that comes in its place is. */
static void test_rollback(void **state)
{
    (void)state;
    int64_t sensor, ingest, period = 0;
    struct store *s = open_store(STORE_WRITE), *reader = open_store(STORE_READ);
    assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
    put_deltas(s, HOUR, 2, &period);
    put_run(s, 0, HOUR);
    assert_sound(reader); /* while another writes */
    store_rollback(s);
    put_deltas(s, HOUR, 1, &period);
    assert_sound(s);
    /* A file's run that a rollback of ours made us forget is read again at its end. */
    assert_int_equal(store_ingest_begin(s, 1, "b.pcap", &ingest), 0);
    struct target t = { .s = s };
    assert_int_equal(store_run_begin(s, 1, ingest, HOUR, &t.run), 0);
    assert_int_equal(store_commit(s), 0);
    store_rollback(s);
    const struct run_blobs nothing = { .totals = "t", .minutes = "m", .census = "c", .totals_n = 1,
                                       .minutes_n = 1, .census_n = 1 };
    assert_int_equal(store_run_end(s, t.run, &nothing), 0);
    assert_int_equal(store_ingest_flip(s, ingest, (const uint8_t[16]){ 9 }, false), 0);
    assert_sound(s);
    assert_int_equal(store_ingest_begin(s, 1, "c.pcap", &ingest), 0);
    put_run(s, ingest, HOUR);
    assert_int_equal(store_ingest_drop(s, ingest), 0);
    assert_sound(s);
    store_close(reader);
    store_close(s);
}

/* ---- alterations ---- */

#define FLIP(column) column "=CAST(substr(" column ",1,4) || char(unicode(substr(hex(" column "),9,1))+1)" \
                            " || substr(" column ",6) AS BLOB)"
#define LAST_SHOWN "(SELECT max(id) FROM run WHERE state=1)"

static const char *const content[] = {
    "UPDATE log SET " FLIP("blob") " WHERE seq=(SELECT max(seq) FROM log)",
    "UPDATE chunk SET " FLIP("blob") " WHERE id=(SELECT min(id) FROM chunk WHERE blob NOTNULL AND run IN"
    " (SELECT id FROM run WHERE state=1))",
    "UPDATE chunk SET first=first-1 WHERE id=(SELECT max(id) FROM chunk)",
    "UPDATE chunk SET last=last+1 WHERE id=(SELECT max(id) FROM chunk)",
    "UPDATE chunk SET packets=packets+1 WHERE id=(SELECT max(id) FROM chunk)",
    "UPDATE chunk SET flows=flows-1 WHERE id=(SELECT max(id) FROM chunk)",
    "UPDATE chunk SET family=6 WHERE id=(SELECT max(id) FROM chunk)",
    "DELETE FROM chunk WHERE id=(SELECT max(id) FROM chunk)",
    "DELETE FROM log WHERE seq=(SELECT max(seq) FROM log)",
    "INSERT INTO chunk(run, first, last, family, flows, packets, seq) SELECT run, first, last, family, flows,"
    " packets, seq FROM chunk WHERE id=(SELECT max(id) FROM chunk)",
    "INSERT INTO chunk(run, family) VALUES(99999, 4)",
    "UPDATE chunk SET run=run-1 WHERE id=(SELECT max(id) FROM chunk)",
    "UPDATE summary SET " FLIP("totals") " WHERE run=" LAST_SHOWN,
    "UPDATE summary SET " FLIP("census") " WHERE run=(SELECT min(id) FROM run WHERE state=1)",
    "UPDATE summary SET totals=census, census=totals WHERE run=" LAST_SHOWN,
    "DELETE FROM summary WHERE run=" LAST_SHOWN,
    "INSERT INTO summary VALUES(99999, x'00', x'00')",
    "UPDATE minute SET " FLIP("blob") " WHERE run=" LAST_SHOWN,
    "UPDATE minute SET hour=hour+1 WHERE run=" LAST_SHOWN,
    "DELETE FROM minute WHERE run=" LAST_SHOWN,
    "INSERT INTO minute VALUES(99999, 5, x'00')",
    "UPDATE run SET packets=packets+1 WHERE id=" LAST_SHOWN,
    "UPDATE run SET packets=packets-1 WHERE id=(SELECT min(id) FROM run WHERE state=1)",
    "UPDATE run SET flows=flows+1 WHERE id=" LAST_SHOWN,
    "UPDATE run SET hour=hour+1 WHERE id=" LAST_SHOWN,
    "UPDATE run SET sensor=2 WHERE id=" LAST_SHOWN,
    "UPDATE run SET level=level+1 WHERE id=" LAST_SHOWN,
    "UPDATE run SET at=at-1 WHERE id=" LAST_SHOWN,
    "UPDATE run SET ingest=77 WHERE id=" LAST_SHOWN,
    "UPDATE run SET hash=x'00' WHERE id=" LAST_SHOWN,
    "UPDATE run SET state=2 WHERE id=" LAST_SHOWN,
    "UPDATE run SET state=0 WHERE id=(SELECT min(id) FROM run WHERE state=1)",
    "UPDATE run SET id=99999 WHERE id=" LAST_SHOWN,
    "DELETE FROM run WHERE id=" LAST_SHOWN,
    "DELETE FROM run WHERE id=(SELECT min(id) FROM run WHERE state=1)",
    "INSERT INTO run(sensor, ingest, hour, level, state, flows, packets, at) VALUES(1, 0, 480000, 0, 1, 0, 5, 9)",
    "UPDATE coverage SET end=end+1 WHERE id=(SELECT max(id) FROM coverage)",
    "UPDATE coverage SET packets=packets-100, drops=drops-1 WHERE id=(SELECT max(id) FROM coverage)",
    "UPDATE coverage SET drops=0 WHERE id=(SELECT min(id) FROM coverage WHERE ingest=0)",
    "UPDATE coverage SET addresses=1 WHERE ingest=1",
    "UPDATE coverage SET dark=1-dark WHERE ingest=2",
    "UPDATE coverage SET sensor=2 WHERE id=(SELECT max(id) FROM coverage)",
    "DELETE FROM coverage WHERE id=(SELECT max(id) FROM coverage)",
    "DELETE FROM coverage WHERE ingest=1",
    "INSERT INTO coverage SELECT 99999, sensor, ingest, start, end, addresses, estimated, dark, packets, drops"
    " FROM coverage WHERE id=(SELECT max(id) FROM coverage)",
    "INSERT INTO coverage SELECT 99999, sensor, 88, start, end, addresses, estimated, dark, packets, drops"
    " FROM coverage WHERE id=(SELECT max(id) FROM coverage)",
    "UPDATE ingest SET name='b.pcap' WHERE id=2",
    "UPDATE ingest SET digest=zeroblob(16) WHERE id=1",
    "UPDATE ingest SET state=0 WHERE id=3",
    "DELETE FROM ingest WHERE id=1",
    "INSERT INTO ingest(sensor, name, state, at) VALUES(1, 'c', 1, 5)",
    "UPDATE sensor SET name='there'",
    "INSERT INTO sensor(name) VALUES('there')",
    "UPDATE label SET name='Windows'",
    "DELETE FROM label",
    "DELETE FROM vouch WHERE seq=(SELECT max(seq)-1 FROM vouch)",
    "DELETE FROM vouch WHERE seq=(SELECT max(seq) FROM vouch)",
    "DELETE FROM vouch",
    "UPDATE vouch SET " FLIP("said") " WHERE seq=(SELECT max(seq)-1 FROM vouch)",
    "UPDATE vouch SET at=at+1 WHERE seq=(SELECT max(seq) FROM vouch)",
    "UPDATE vouch SET after=after-1 WHERE seq=(SELECT max(seq) FROM vouch)",
    "UPDATE vouch SET link=zeroblob(32) WHERE seq=(SELECT max(seq) FROM vouch)",
    "INSERT INTO vouch SELECT seq+1, at, after, said, link FROM vouch ORDER BY seq DESC LIMIT 1",
    "INSERT INTO cleaned VALUES(480009, 1, 1)",
    "INSERT INTO damaged VALUES(480009)",
};

static const char *const chain[] = {
    "DELETE FROM event WHERE seq=(SELECT max(seq)/2 FROM event)",
    "DELETE FROM event WHERE seq=1",
    "DELETE FROM event",
    "UPDATE event SET text=text||'1' WHERE seq=(SELECT max(seq)-1 FROM event)",
    "UPDATE event SET text=replace(text, 'a', 'b') WHERE seq=(SELECT min(seq) FROM event WHERE event='run')",
    "UPDATE event SET event='note' WHERE seq=3",
    "UPDATE event SET at=at+1 WHERE seq=(SELECT max(seq) FROM event)",
    "UPDATE event SET link=zeroblob(32) WHERE seq=4",
    "UPDATE event SET text=(SELECT b.text FROM event b WHERE b.seq=5-event.seq) WHERE seq IN (2, 3)",
    "UPDATE event SET seq=-seq WHERE seq IN (2, 3); UPDATE event SET seq=5+seq WHERE seq < 0",
    "INSERT INTO event SELECT max(seq)+1, max(at), 'started', '', zeroblob(32) FROM event",
    "UPDATE day SET " FLIP("totals"),
    "UPDATE day SET " FLIP("census"),
    "UPDATE day SET zone='Asia/Tokyo'",
    "UPDATE day SET end=end+3600",
    "DELETE FROM day LIMIT 1",
    "INSERT INTO day SELECT start-864000, start-777600, zone, totals, census FROM day LIMIT 1",
    "INSERT INTO day_sources SELECT start, 5, x'00' FROM day LIMIT 1",
};

/* What only a store that still has its source sets, or that was cleaned, holds. */
static const char *const sets[] = {
    "UPDATE day_sources SET " FLIP("blob") " WHERE scope=(SELECT min(scope) FROM day_sources)",
    "DELETE FROM day_sources WHERE scope=(SELECT min(scope) FROM day_sources)",
    "DELETE FROM day_sources",
    "UPDATE day_sources SET scope=scope+1 WHERE scope=(SELECT max(scope) FROM day_sources)",
};
static const char *const cleaned[] = {
    "DELETE FROM cleaned WHERE hour=(SELECT max(hour) FROM cleaned)",
    "DELETE FROM cleaned",
    "UPDATE cleaned SET flows=0 WHERE hour=480000",
    "UPDATE cleaned SET hour=470000 WHERE hour=480000",
};

static void assert_found(const char *const *sql, size_t n)
{
    copy(path_of("teiten.db"), path_of("kept"));
    for (size_t i = 0; i < n; i++) {
        struct told t;
        alter(sql[i]);
        struct store *s = open_store(STORE_READ);
        if (verify(s, &t).faults == 0)
            fail_msg("not found: %s", sql[i]);
        store_close(s);
        remove(path_of("teiten.db-wal"));
        remove(path_of("teiten.db-shm"));
        copy(path_of("kept"), path_of("teiten.db"));
    }
    struct store *s = open_store(STORE_READ);
    assert_sound(s);
    store_close(s);
}

#define ASSERT_FOUND(list) assert_found(list, sizeof list / sizeof list[0])

static void test_alterations(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    build(s);
    store_close(s);
    ASSERT_FOUND(content);
    ASSERT_FOUND(chain);
    ASSERT_FOUND(sets);
}

/* Minutes first, then flows: what remains is vouched for, and what was told before still stands. */
static void test_retention(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    build(s);
    keep_up(s, DAY + 86400 * 3);
    struct verified before = assert_sound(s);
    assert_int_equal(before.days, 2);
    keep_up_after_pause(s, time_now() + 9 * 86400);
    assert_int_equal(number_in(s, "SELECT count(*) FROM minute"), 0);
    assert_int_equal(assert_sound(s).runs, before.runs);
    keep_up_after_pause(s, time_now() + 91 * 86400);
    assert_int_equal(number_in(s, "SELECT count(*) FROM run"), 0);
    struct verified v = assert_sound(s);
    assert_true(v.runs == 0 && v.days == 2 && v.events > before.events);
    int64_t at;
    assert_int_equal(store_chain_find(s, before.head, &at), 0);
    assert_true(at > 0);
    store_close(s);
    ASSERT_FOUND(chain);
    ASSERT_FOUND(cleaned);
}

/* A file of a day that was worked out: the day is undone and worked out anew, and the chain knows. */
static void test_day_again(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    build(s);
    put_file(s, HOUR + 1, 50);
    assert_int_equal(assert_sound(s).days, 0);
    keep_up(s, DAY + 86400 + 7200 + 3600 * 3);
    assert_int_equal(assert_sound(s).days, 1);
    store_close(s);
    ASSERT_FOUND(chain);
}

static void drop_census(struct store *s, int64_t run)
{
    struct stmt *q = db_stmt(s->db, "UPDATE summary SET census=x'00' WHERE run=?");
    assert_int_equal(store_begin(s), 0);
    db_bind_int(q, 1, run);
    assert_int_equal(db_run(s->db, q), 0);
}

/* What this room itself changes in its place, as forgetting does, is vouched for anew. */
static void test_changed(void **state)
{
    (void)state;
    struct told t;
    struct store *s = open_store(STORE_WRITE);
    build(s);
    int64_t run[2] = { number_in(s, "SELECT min(id) FROM run WHERE state=1 AND kept=1"),
                       number_in(s, "SELECT max(id) FROM run WHERE state=1 AND kept=0") };
    for (size_t i = 0; i < 2; i++) {
        assert_sound(s);
        drop_census(s, run[i]);
        assert_int_equal(store_commit(s), 0);
        assert_int_equal(verify(s, &t).faults, 1);
        assert_int_equal(evidence_changed(s, run[i]), 0);
        assert_int_equal(store_commit(s), 0);
        assert_sound(s);
    }
    assert_int_equal(db_exec(s->db, "UPDATE day SET census=x'00'; DELETE FROM day_sources WHERE scope ="
                                    " (SELECT min(scope) FROM day_sources)"), 0);
    assert_int_equal(verify(s, &t).faults, 1);
    assert_int_equal(evidence_day(s, number_in(s, "SELECT start FROM day")), 0);
    assert_int_equal(store_commit(s), 0);
    assert_sound(s);
    store_close(s);
    ASSERT_FOUND(sets);
}

/* Two days of a sensor, hour by hour: sound all the way, and the vouch stream does not grow. */
static void test_two_days(void **state)
{
    (void)state;
    int64_t sensor, period = 0;
    struct store *s = open_store(STORE_WRITE);
    assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
    for (uint32_t h = 0; h < 50; h++) {
        int64_t now = DAY + h * INT64_C(3600) + 60;
        assert_int_equal(store_seal(s, now), 0);
        keep_up(s, now);
        if (h % 7 == 3)
            period = 0; /* a worker came or went */
        put_deltas(s, HOUR + h, 4, &period);
        if (h % 5 == 2)
            put_file(s, HOUR + h - 2, (uint8_t)(h + 1)); /* into an hour that is over */
        assert_sound(s);
        assert_true(number_in(s, "SELECT count(*) FROM vouch") < 30);
        assert_true(number_in(s, "SELECT count(*) FROM segment") < 5);
    }
    struct verified v = assert_sound(s);
    assert_true(v.segments >= 49 && v.days >= 1);
    store_close(s);
    ASSERT_FOUND(chain);
    ASSERT_FOUND(sets);
}

/* ---- the end of the chain ---- */

static int64_t lines_of_copy(struct store *s)
{
    struct told t;
    return (int64_t)verify(s, &t).copied;
}

/* Whoever cuts the end off, or puts an old store back, is caught by the head or by the copy. */
static void test_cut(void **state)
{
    (void)state;
    struct told t;
    int64_t at;
    struct store *s = open_store(STORE_WRITE);
    build(s);
    struct verified old = assert_sound(s);
    store_close(s);
    copy(path_of("teiten.db"), path_of("old"));
    s = open_store(STORE_WRITE);
    assert_int_equal(store_note(s, "stopped", "why=test"), 0);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(store_seal(s, DAY + 86400 * 2), 0);
    struct verified now = assert_sound(s);
    assert_int_equal(now.copied, now.events);
    assert_int_equal(store_chain_find(s, old.head, &at), 0);
    store_close(s);
    copy(path_of("old"), path_of("teiten.db"));
    s = open_store(STORE_READ);
    assert_int_equal(store_chain_find(s, now.head, &at), 1);
    assert_true(verify(s, &t).faults > 0); /* the copy has more */
    assert_non_null(strstr(t.first, "is not in the chain"));
    empty(path_of("log"));
    assert_sound(s); /* without a copy and a head nobody can tell */
    store_close(s);
}

/* Lines that differ are a fault; a copy that lacks its end, or half a line, is mended by the next seal. */
static void test_copy(void **state)
{
    (void)state;
    struct told t;
    char name[64];
    struct store *s = open_store(STORE_WRITE);
    build(s);
    char day[TIME_TEXT]; /* the first event's, made before the clock was put back */
    snprintf(name, sizeof name, "log/%.10s.chain",
             time_day_text(number_in(s, "SELECT at FROM event WHERE seq=1"), "UTC", day));
    struct stat st;
    assert_int_equal(stat(path_of(name), &st), 0);
    int64_t lines = lines_of_copy(s);
    assert_true(lines > 10);
    assert_int_equal(truncate(path_of(name), st.st_size - 10), 0);
    assert_int_equal(lines_of_copy(s), lines - 1);
    assert_sound(s);
    assert_int_equal(store_seal(s, DAY + 86400 + 3600 * 9), 0);
    struct verified v = assert_sound(s);
    assert_int_equal(v.copied, v.events);
    int fd = open(path_of(name), O_RDWR | O_CLOEXEC);
    char c;
    assert_int_equal(pread(fd, &c, 1, st.st_size / 2), 1);
    c ^= 1;
    assert_int_equal(pwrite(fd, &c, 1, st.st_size / 2), 1);
    close(fd);
    assert_true(verify(s, &t).faults > 0);
    store_close(s);
}

static struct stat stat_of(const char *name)
{
    struct stat st;
    assert_int_equal(stat(path_of(name), &st), 0);
    return st;
}

/* What root copies into a service's folder is the service's; and a copy that fails tells why. */
static void test_copy_by_root(void **state)
{
    (void)state;
    enum { OWNER = 12345, GROUP = 12346 };
    const int64_t now = time_now();
    char copied_to[64], day[TIME_TEXT];
    if (geteuid() != 0)
        skip();
    struct store *s = open_store(STORE_WRITE);
    assert_int_equal(chown(path_of("teiten.db"), OWNER, GROUP), 0);
    assert_int_equal(symlink("/", path_of("log")), 0);
    assert_int_equal(store_note(s, "tick", "n=1"), 0);
    put_file(s, HOUR, 1);
    assert_int_equal(store_seal(s, now + 3600), -ENOTDIR);
    assert_non_null(strstr(store_why(s), "log/"));
    assert_non_null(strstr(store_why(s), strerror(ENOTDIR)));
    assert_int_equal(unlink(path_of("log")), 0);
    put_file(s, HOUR + 1, 2);
    assert_int_equal(store_seal(s, now + 7200), 0);
    struct stat log = stat_of("log");
    assert_true(log.st_uid == OWNER && log.st_gid == GROUP);
    snprintf(copied_to, sizeof copied_to, "log/%.10s.chain", time_day_text(now, "UTC", day));
    struct stat copied = stat_of(copied_to);
    assert_true(copied.st_uid == OWNER && copied.st_gid == GROUP && copied.st_size > 0);
    store_close(s);
}

static void test_seal_is_cheap(void **state)
{
    (void)state;
    int64_t sensor, period = 0, now = DAY + 600;
    struct store *s = open_store(STORE_WRITE);
    assert_int_equal(store_seal(s, now), 0);
    assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
    put_deltas(s, HOUR, 3, &period);
    int64_t events = number_in(s, "SELECT count(*) FROM event");
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(store_seal(s, now + i), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM event"), events); /* the hour goes on */
    assert_int_equal(store_seal(s, now + 3600), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM event"), events + 1);
    assert_int_equal(store_seal(s, now + 3601), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM event"), events + 1);
    put_deltas(s, HOUR + 1, 3, &period);
    assert_int_equal(store_seal(s, now - 7200), 0); /* a clock that was put back */
    put_deltas(s, HOUR - 1, 3, &period);
    assert_int_equal(store_seal(s, now + 3600), 0);
    assert_int_equal(assert_sound(s).segments, 3);
    store_close(s);
}

/* ---- older stores ---- */

static void downgrade(void)
{
    alter("DROP INDEX run_unkept; DROP INDEX run_odd; DROP INDEX coverage_ingest; ALTER TABLE run DROP COLUMN hash; ALTER TABLE run DROP COLUMN minutes;"
          "ALTER TABLE run DROP COLUMN kept; DROP TABLE event; DROP TABLE vouch; DROP TABLE segment;"
          "DROP TABLE worker; DROP TABLE session; DROP TABLE session_batch; DROP TABLE session_event;"
          "DROP TABLE sample; DROP TABLE sample_origin; DROP TABLE sample_band; DROP TABLE wanted; DROP TABLE wanted_try;"
          "DROP TABLE spoken; DROP TABLE made; DROP TABLE fact; PRAGMA user_version=1; UPDATE sensor SET id=id");
    empty(path_of("log"));
}

static void test_older(void **state)
{
    (void)state;
    struct told t;
    struct verified v;
    struct worker_facts *w;
    size_t n;
    struct store_facts before, f;
    struct store *s = open_store(STORE_WRITE);
    build(s);
    keep_up_after_pause(s, time_now() + 9 * 86400); /* some of it cleaned */
    assert_int_equal(store_facts(s, &before), 0);
    store_close(s);
    downgrade();
    s = open_store(STORE_READ);
    assert_int_equal(store_verify(s, tell, &t, &v), STORE_REFUSED);
    assert_non_null(strstr(store_why(s), "before evidence"));
    assert_int_equal(store_workers(s, &w, &n), 0);
    assert_int_equal(n, 0);
    assert_int_equal(store_facts(s, &f), 0);
    assert_int_equal(f.packets, before.packets);
    store_close(s);
    s = open_store(STORE_WRITE);
    v = assert_sound(s);
    assert_int_equal(v.runs, before.runs);
    assert_int_equal(number_in(s, "SELECT text LIKE 'runs=' || (SELECT count(*) FROM run WHERE state=1) || ' %'"
                                  " FROM event WHERE seq=1 AND event='begun'"), 1);
    put_file(s, HOUR + 5, 77);
    keep_up(s, DAY + 86400 * 5);
    assert_sound(s);
    store_close(s);
    ASSERT_FOUND(chain);
}

/* ---- workers ---- */

static void test_workers(void **state)
{
    (void)state;
    struct worker_facts *got;
    size_t n;
    const struct worker_facts w[] = {
        { .name = "sense", .interface = "eth0", .pid = 7, .started = 100, .restarts = 2, .queue = 9,
          .packets = 1000, .drops = 3, .memory = 1 << 20, .at = 200, .confined = 63 },
        { .name = "keeper", .at = 200 },
    };
    struct store *s = open_store(STORE_WRITE), *reader = open_store(STORE_READ);
    assert_int_equal(store_workers(reader, &got, &n), 0);
    assert_int_equal(n, 0);
    free(got);
    for (size_t count = 2; count-- > 0;) { /* both, then the first alone, which takes their place */
        assert_int_equal(store_workers_put(s, w, count + 1), 0);
        assert_int_equal(store_commit(s), 0);
        assert_int_equal(store_workers(reader, &got, &n), 0);
        assert_int_equal(n, count + 1);
        for (size_t i = 0; i < n; i++) {
            assert_string_equal(got[i].name, w[i].name);
            assert_string_equal(got[i].interface, w[i].interface);
            assert_true(got[i].pid == w[i].pid && got[i].started == w[i].started &&
                        got[i].restarts == w[i].restarts && got[i].queue == w[i].queue &&
                        got[i].packets == w[i].packets && got[i].drops == w[i].drops &&
                        got[i].memory == w[i].memory && got[i].at == w[i].at && got[i].confined == w[i].confined);
        }
        free(got);
    }
    store_close(reader);
    store_close(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sound), TEST(test_rollback), TEST(test_alterations), TEST(test_retention),
        TEST(test_day_again), TEST(test_changed), TEST(test_two_days), TEST(test_cut), TEST(test_copy),
        TEST(test_copy_by_root), TEST(test_seal_is_cheap), TEST(test_older), TEST(test_workers),
    };
    return cmocka_run_group_tests_name("store/evidence", tests, NULL, NULL);
}
