/*
 * A store made through its own functions, then altered with SQL behind its back: each alteration is found.
 */
#include "base/array.h"
#include "base/sha256.h"
#include "base/time.h"
#include "store/evidence.h"
#include "store/inside.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

enum { HOUR = 480000, DAY = HOUR * 3600, FLOWS = 40 };

static char folder[256];
static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % below;
}

/* A page of the database that the disk does not give: its place; 0: none. */
static off_t bad_sector;
static int bad_errno; /* EIO lasts, in SQLite's view */
enum { PAGE = 16384 };

/* SQLite is a shared library: its calls end here. (The name in C is pread64's, where files are large.) */
ssize_t pread(int fd, void *data, size_t n, off_t at)
{
    if (bad_sector && at == bad_sector && n == PAGE) {
        errno = bad_errno;
        return -1;
    }
    return syscall(SYS_pread64, fd, data, n, at);
}

static const char *path_of(const char *name)
{
    static char path[2][600];
    static unsigned turn;
    snprintf(path[++turn % 2], sizeof path[0], "%s/%s", folder, name);
    return path[turn % 2];
}

static int make_folder(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    random_state = 7654321;
    snprintf(folder, sizeof folder, "%s/teiten-evidence-XXXXXX", tmp ? tmp : "/tmp");
    return mkdtemp(folder) ? 0 : -1;
}

static void empty(const char *name)
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

static int remove_folder(void **state)
{
    (void)state;
    empty(path_of("log"));
    rmdir(path_of("log"));
    empty(folder);
    return rmdir(folder);
}

static struct store *open_store(enum store_mode mode)
{
    struct store *s;
    assert_int_equal(store_open(&s, folder, mode), 0);
    return s;
}

/* ---- content ---- */

struct target {
    struct store *s;
    int64_t run;
};

static int put_chunk(void *context, const struct run_chunk *c)
{
    struct target *t = context;
    return store_run_chunk(t->s, t->run, c);
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = ((const struct sort_item *)a)->key, y = ((const struct sort_item *)b)->key;
    return (x > y) - (x < y);
}

/* Flows of random sources to four ports. */
static void write_flows(struct run_writer *w)
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

static void put_run(struct store *s, int64_t ingest, uint32_t hour)
{
    struct target t = { .s = s };
    struct run_writer *w;
    struct run_summary sum;
    struct minutes minutes = { 0 };
    struct buf b[3];
    assert_int_equal(store_run_begin(s, 1, ingest, hour, &t.run), 0);
    assert_int_equal(run_writer_make(&w, put_chunk, &t), 0);
    run_writer_begin(w, hour);
    write_flows(w);
    assert_int_equal(run_writer_end(w, &sum), 0);
    assert_int_equal(minutes_add(&minutes, head_service(head_make(PROTO_TCP, 23, KIND_ACCESS, 0, 0)), 3, 9), 0);
    minutes_settle(&minutes);
    for (size_t i = 0; i < 3; i++)
        buf_init(&b[i], 1 << 24);
    assert_int_equal(totals_encode(sum.totals, s->zstd, &b[0]), 0);
    assert_int_equal(minutes_encode(&minutes, s->zstd, &b[1]), 0);
    assert_int_equal(census_encode(sum.census, s->zstd, &b[2]), 0);
    const struct run_blobs blobs = { sum.flows,   sum.packets, b[0].data, b[1].data,
                                     b[2].data,   b[0].len,    b[1].len,  b[2].len };
    assert_int_equal(store_run_end(s, t.run, &blobs), 0);
    for (size_t i = 0; i < 3; i++)
        buf_release(&b[i]);
    minutes_release(&minutes);
    run_writer_free(w);
}

static void put_file(struct store *s, uint32_t hour, uint8_t digest_byte)
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
static void put_deltas(struct store *s, uint32_t hour, unsigned n, int64_t *period)
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

static void keep_up(struct store *s, int64_t now)
{
    const struct keep keep = { .minutes = 8 * 86400, .flows = 90 * 86400, .zone = "UTC" };
    int more, pieces = 0;
    while ((more = store_upkeep(s, &keep, now)) == 1)
        assert_true(++pieces < 2000);
    assert_int_equal(more, 0);
}

/* Only two days later is a clock believed that went on while nobody wrote. */
static void keep_up_after_pause(struct store *s, int64_t now)
{
    keep_up(s, now);
    keep_up(s, now + 2 * 86400 + 60);
}

static int64_t number_in(struct store *s, const char *sql)
{
    struct stmt *q = db_stmt(s->db, sql);
    assert_int_equal(db_step(s->db, q), 1);
    int64_t v = db_int(q, 0);
    db_done(q);
    return v;
}

/* ---- asking ---- */

struct told {
    char first[400];
    unsigned faults, signs;
};

static void tell(void *context, const char *fault)
{
    struct told *t = context;
    t->signs += !fault;
    if (fault && t->faults++ == 0)
        snprintf(t->first, sizeof t->first, "%s", fault);
}

static struct verified verify(struct store *s, struct told *t)
{
    struct verified v;
    *t = (struct told){ .faults = 0 };
    assert_int_equal(store_verify(s, tell, t, &v), 0);
    assert_int_equal(v.faults, t->faults);
    return v;
}

static struct verified assert_sound(struct store *s)
{
    struct told t;
    struct verified v = verify(s, &t);
    if (v.faults)
        fail_msg("%u faults, first: %s", t.faults, t.first);
    return v;
}

/* Merged and single hours, files and live, a day, sealed and given up segments, an hour that still grows. */
static void build(struct store *s)
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

static void copy(const char *from, const char *to)
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

static void alter(const char *sql)
{
    struct db *d;
    assert_int_equal(db_open(&d, path_of("teiten.db"), DB_WRITE), 0);
    if (db_exec(d, sql))
        fail_msg("%s: %s", sql, db_why(d));
    assert_true(db_changes(d) > 0);
    db_close(d);
}

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

/* What was altered before an hour is merged or kept for good is not vouched for with the rest. */
static void test_no_laundering(void **state)
{
    (void)state;
    static const char *const sql[] = { "UPDATE run SET packets=packets-1 WHERE id=3",
                                       "UPDATE summary SET census=(SELECT census FROM summary WHERE run=2)"
                                       " WHERE run=1",
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

static int64_t count_altered(struct store *s)
{
    return number_in(s, "SELECT count(*) FROM event WHERE event='altered'");
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
                                       "DELETE FROM day_sources WHERE scope=(SELECT min(scope) FROM day_sources)"
                                       " AND %lld" };
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

/* ---- what cannot be read ---- */

/* Where the first leaf of a table lies. */
static off_t leaf_of(const char *sql)
{
    struct store *s = open_store(STORE_READ);
    off_t at = (off_t)(number_in(s, sql) - 1) * PAGE;
    store_close(s);
    assert_true(at > 0);
    return at;
}
#define LEAF_OF(table)                                                                             \
    leaf_of("SELECT pageno FROM dbstat WHERE name='" table "' AND path LIKE '/0%' AND pagetype='leaf'" \
            " ORDER BY path LIMIT 1")

static void spoil(off_t at)
{
    static const uint8_t junk[PAGE] = { 0xff };
    int fd = open(path_of("teiten.db"), O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, junk, sizeof junk, at), sizeof junk);
    close(fd);
}

/* Rows of the vouch stream that cannot be read are a fault, and keep no hour from being sealed and merged. */
static void test_unreadable_vouches(void **state)
{
    (void)state;
    static const int cause[] = { 0 /* junk */, EIO, EREMOTEIO };
    for (size_t how = 0; how < sizeof cause / sizeof cause[0]; how++) {
        struct told t;
        int64_t sensor, period = 0;
        struct store *s = open_store(STORE_WRITE);
        assert_int_equal(store_seal(s, DAY + 60), 0); /* the clock from here on */
        assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
        put_deltas(s, HOUR, 300, &period);
        assert_int_equal(store_seal(s, DAY + 3600 + 60), 0);
        put_deltas(s, HOUR + 1, 3, &period);
        store_close(s);
        off_t at = LEAF_OF("vouch");
        bad_errno = cause[how];
        if (bad_errno)
            bad_sector = at;
        else
            spoil(at);
        s = open_store(STORE_WRITE);
        assert_int_equal(store_seal(s, DAY + 7200 + 60), 0);
        assert_int_equal(number_in(s, "SELECT count(*) FROM segment"), 2);
        keep_up(s, DAY + 3 * 3600);
        assert_int_equal(number_in(s, "SELECT count(*) FROM damaged"), 0);
        assert_int_equal(number_in(s, "SELECT count(*) FROM run WHERE state=1 AND kept"), 2);
        assert_int_equal(count_altered(s), 0); /* nothing is known of them */
        put_deltas(s, HOUR + 3, 3, &period);
        assert_int_equal(store_seal(s, DAY + 5 * 3600), 0);
        assert_true(verify(s, &t).faults > 0);
        store_close(s);
        bad_sector = 0;
        empty(folder);
        empty(path_of("log"));
    }
}

/* Calls of upkeep that failed with -EIO, until there is nothing to do. */
static unsigned count_failures(struct store *s, bool passes)
{
    const struct keep keep = { .minutes = 8 * 86400, .flows = 90 * 86400, .zone = "UTC" };
    unsigned n = 0;
    int more;
    for (unsigned i = 0; (more = store_upkeep(s, &keep, DAY + 4 * 3600)) != 0; i++) {
        assert_true(i < 500);
        assert_true(more == 1 || more == -EIO);
        n += more < 0;
        bad_sector = passes && n ? 0 : bad_sector;
    }
    return n;
}

/* A bad sector: where it may pass, tried again; then the hour is set aside and the rest goes on. */
static void test_bad_sector(void **state)
{
    (void)state;
    static const struct {
        int cause;
        bool passes;
        unsigned failures;
    } row[] = { { EREMOTEIO, true, 1 }, { EREMOTEIO, false, 3 }, { EIO, false, 0 } };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        bool passes = row[i].passes;
        struct told t;
        struct prefix who;
        int64_t sensor, period = 0;
        uint64_t n;
        struct store *s = open_store(STORE_WRITE);
        assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
        put_deltas(s, HOUR, 100, &period);
        put_deltas(s, HOUR + 1, 300, &period);
        put_file(s, HOUR + 2, 1);
        put_file(s, HOUR + 2, 2);
        store_close(s);
        bad_sector = LEAF_OF("log");
        bad_errno = row[i].cause;
        s = open_store(STORE_WRITE);
        unsigned failures = count_failures(s, passes);
        int64_t damaged = number_in(s, "SELECT count(*) FROM damaged");
        assert_int_equal(number_in(s, "SELECT count(*) FROM run WHERE hour=480002 AND state=1 AND kept"), 1);
        assert_int_equal(damaged, passes ? 0 : 2); /* two hours have some of their flows there */
        assert_int_equal(failures, passes ? 1 : row[i].failures * 2);
        assert_int_equal(prefix_parse("198.18.0.0/16", &who), 0);
        assert_int_equal(store_forget(s, &who, &n), passes ? 0 : -EUCLEAN); /* and the rest was done */
        unsigned faults = (unsigned)verify(s, &t).faults;
        if (row[i].cause == EIO)
            assert_true(faults > 50); /* each run that lies there */
        else
            assert_int_equal(faults, passes ? 0 : 2); /* one, and that SQLite ended the check there */
        assert_true(passes || strncmp(t.first, "run ", 4) == 0);
        store_close(s);
        bad_sector = 0;
        empty(folder);
        empty(path_of("log"));
    }
}

/* Sets that a derivation left which never wrote its day. */
static void test_stale_sets(void **state)
{
    (void)state;
    int64_t sensor;
    char sql[100];
    struct store *s = open_store(STORE_WRITE);
    assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
    put_file(s, HOUR, 1);
    snprintf(sql, sizeof sql, "INSERT INTO day_sources VALUES(%lld, 5, x'00')", (long long)DAY);
    assert_int_equal(db_exec(s->db, sql), 0);
    keep_up(s, DAY + 86400 * 2);
    assert_int_equal(number_in(s, "SELECT count(*) FROM day"), 1);
    assert_true(number_in(s, "SELECT count(*) FROM day_sources") > 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM day_sources WHERE scope=5"), 0);
    assert_sound(s);
    store_close(s);
}

/* Segments that are needed for long do not hide older ones that are not. */
static void test_many_segments(void **state)
{
    (void)state;
    int64_t sensor, period = 0;
    struct store *s = open_store(STORE_WRITE);
    assert_int_equal(store_seal(s, DAY), 0);
    assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
    for (uint32_t h = 0; h < 20; h++) {
        assert_int_equal(store_seal(s, DAY + h * INT64_C(3600)), 0);
        put_deltas(s, HOUR + h, 2, &period);
    }
    assert_int_equal(db_exec(s->db, "INSERT INTO damaged SELECT DISTINCT hour FROM run WHERE hour > 480002"), 0);
    keep_up(s, DAY + 20 * 3600 + 60);
    for (uint32_t h = 21; h < 25; h++) {
        put_deltas(s, HOUR + h, 1, &period);
        assert_int_equal(store_seal(s, DAY + (h + 1) * INT64_C(3600)), 0);
    }
    assert_int_equal(number_in(s, "SELECT count(*) FROM segment WHERE pruned=0 AND last < 7"), 0);
    store_close(s);
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
          "DROP TABLE worker; PRAGMA user_version=1; UPDATE sensor SET id=id");
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

/* ---- whatever is damaged ---- */

/* Random bytes anywhere in the file: faults or an error, and no crash. */
static void test_random_damage(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    build(s);
    store_close(s);
    copy(path_of("teiten.db"), path_of("kept"));
    unsigned told = 0;
    for (unsigned round = 0; round < 150; round++) {
        int fd = open(path_of("teiten.db"), O_RDWR | O_CLOEXEC);
        struct stat st;
        assert_true(fd >= 0 && fstat(fd, &st) == 0);
        for (unsigned i = 0; i < 1 + round; i++) {
            uint8_t byte = (uint8_t)pick(256);
            off_t at = 100 + (off_t)pick((uint32_t)st.st_size - 100);
            assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        }
        close(fd);
        if (store_open(&s, folder, STORE_READ) == 0) {
            struct told t = { .faults = 0 };
            struct verified v;
            told += store_verify(s, tell, &t, &v) != 0 || v.faults > 0;
            store_close(s);
        } else {
            told++;
        }
        copy(path_of("kept"), path_of("teiten.db"));
    }
    assert_true(told > 50);
    s = open_store(STORE_READ);
    assert_sound(s);
    store_close(s);
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
        TEST(test_sound),         TEST(test_rollback), TEST(test_alterations), TEST(test_retention),
        TEST(test_day_again),     TEST(test_no_laundering), TEST(test_changed), TEST(test_two_days),
        TEST(test_no_laundering_of_kept), TEST(test_no_laundering_of_live),
        TEST(test_no_laundering_by_forgetting), TEST(test_kept_beside_a_file), TEST(test_unreadable_vouches),
        TEST(test_bad_sector), TEST(test_stale_sets), TEST(test_many_segments), TEST(test_forged_vouches_stay),
        TEST(test_cut),      TEST(test_copy),        TEST(test_copy_by_root), TEST(test_seal_is_cheap),
        TEST(test_older),         TEST(test_random_damage), TEST(test_workers),
    };
    return cmocka_run_group_tests_name("store/evidence", tests, NULL, NULL);
}
