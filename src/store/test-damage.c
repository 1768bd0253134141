#include "store/store.h"

#include "store/set.h"
#include "store/sqlite-clean.h"
#include "store/test-made.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

static const char file[] = "teiten.db";

/* ---- a disk that fails: SQLite is a shared library, whose writes end here ---- */

static int disk_says; /* an errno; 0: well */
static long writes_well = 0;

ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
    if (disk_says && writes_well-- <= 0) {
        errno = disk_says;
        return -1;
    }
    return syscall(SYS_pwrite64, fd, data, n, at);
}
enum { DAYS_END = DAY + 86400, END = DAY + HOURS * 3600 };

/* What the whole store tells of each hour, day and minute of the period. */
struct truth {
    struct answer *row;
    size_t n;
};

static struct truth ask_rows(struct store *s, const struct question *q, int *ret)
{
    struct answers *answers;
    struct truth t = { 0 };
    *ret = store_ask(s, q, &answers);
    if (*ret)
        return t;
    t.row = malloc(10000 * sizeof *t.row);
    assert_non_null(t.row);
    while (answers_next(answers, &t.row[t.n]))
        assert_true(++t.n < 10000);
    answers_free(answers);
    return t;
}

static struct question questions[] = {
    { .topic = ASK_SERIES, .step = STEP_HOUR, .from = DAY, .to = END, .fingerprint = -1 },
    { .topic = ASK_SERIES, .step = STEP_DAY, .from = DAY, .to = DAYS_END, .fingerprint = -1 },
    { .topic = ASK_SERIES, .step = STEP_DAY, .from = DAY, .to = DAYS_END, .fingerprint = -1, .port = 21 },
    { .topic = ASK_SERIES, .step = STEP_MINUTE, .from = DAY, .to = END, .fingerprint = -1 },
    { .topic = ASK_SERIES, .step = STEP_HOUR, .from = DAY, .to = END, .fingerprint = 0 },
    { .topic = ASK_SERVICES, .step = STEP_HOUR, .from = DAY, .to = END, .fingerprint = -1 },
    { .topic = ASK_SERVICES, .step = STEP_HOUR, .from = DAY + 3600, .to = END, .fingerprint = -1 },
    { .topic = ASK_SOURCES, .step = STEP_HOUR, .from = DAY, .to = END, .fingerprint = -1 },
    { .topic = ASK_FINGERPRINTS, .step = STEP_HOUR, .from = DAY, .to = END, .fingerprint = -1 },
};
enum { QUESTIONS = sizeof questions / sizeof questions[0] };

static void set_questions(void)
{
    for (size_t i = 0; i < QUESTIONS; i++) {
        questions[i].proto = questions[i].port ? PROTO_TCP : -1;
        questions[i].port = questions[i].port ? questions[i].port : -1;
        questions[i].zone = "UTC";
    }
}

static bool is_unreadable(const struct store *s, int64_t from, int64_t to)
{
    struct stretch part[STRETCHES];
    size_t n = store_unreadable(s, part, STRETCHES);
    for (size_t i = 0; i < n; i++)
        if (part[i].from < to && part[i].to > from)
            return true;
    return false;
}

static uint64_t sum_of(const struct truth *t)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < t->n; i++)
        sum += t->row[i].packets;
    return sum;
}

/* Each step is lost and told of, or what it was. */
static void check_series(struct store *s, const struct truth *was, const struct truth *is)
{
    assert_int_equal(was->n, is->n);
    for (size_t i = 0; i < was->n; i++) {
        const struct answer *x = &was->row[i], *y = &is->row[i];
        assert_int_equal(x->time, y->time);
        if (y->lost) {
            assert_true(is_unreadable(s, y->time, y->end));
            continue;
        }
        assert_int_equal(x->packets, y->packets);
        assert_int_equal(x->accesses, y->accesses);
        assert_true(x->sources == y->sources || y->sources == ANSWER_UNKNOWN);
    }
}

/* Rows sum up to the hours that could be read. */
static void check_sum(struct store *s, const struct truth *hours, const struct truth *is)
{
    uint64_t want = 0;
    for (size_t i = 0; i < hours->n; i++)
        if (!is_unreadable(s, hours->row[i].time, hours->row[i].end))
            want += hours->row[i].packets;
    assert_int_equal(sum_of(is), want);
}

static void check_same(const struct truth *was, const struct truth *is)
{
    assert_int_equal(was->n, is->n);
    for (size_t i = 0; i < was->n; i++)
        assert_memory_equal(&was->row[i], &is->row[i], sizeof was->row[i]);
}

struct tally {
    unsigned whole, partial, failed;
};

static void check_all(const struct truth *was, struct tally *t)
{
    for (size_t i = 0; i < QUESTIONS; i++) {
        struct store *s;
        int err;
        if (store_open(&s, folder, STORE_READ)) {
            t->failed++;
            continue;
        }
        struct truth is = ask_rows(s, &questions[i], &err);
        bool partial = is_unreadable(s, 0, INT64_MAX);
        if (err) {
            assert_true(err == -EUCLEAN || err == -EIO || err == STORE_NOT_OURS || err == STORE_NEWER);
            t->failed++;
        } else if (questions[i].topic == ASK_SERIES) {
            check_series(s, &was[i], &is);
        } else if (!partial) {
            check_same(&was[i], &is);
        } else if (questions[i].topic == ASK_SOURCES) {
            check_sum(s, &was[QUESTIONS], &is);
        }
        t->partial += !err && partial;
        t->whole += !err && !partial;
        free(is.row);
        store_close(s);
    }
}

static void learn(struct truth *was)
{
    struct store *s = open_store(STORE_READ);
    int err;
    for (size_t i = 0; i < QUESTIONS; i++) {
        was[i] = ask_rows(s, &questions[i], &err);
        assert_int_equal(err, 0);
        assert_true(was[i].n > 0);
    }
    struct question q = questions[0]; /* all that has a source, by hour */
    q.kinds = 1u << KIND_ACCESS;
    was[QUESTIONS] = ask_rows(s, &q, &err);
    assert_int_equal(err, 0);
    questions[7].kinds = 1u << KIND_ACCESS;
    free(was[7].row);
    was[7] = ask_rows(s, &questions[7], &err);
    assert_int_equal(err, 0);
    assert_int_equal(sum_of(&was[7]), sum_of(&was[QUESTIONS]));
    store_close(s);
}

static void forget_truth(struct truth *was)
{
    for (size_t i = 0; i <= QUESTIONS; i++)
        free(was[i].row);
}

/* Pages that hold blobs, which are nearly all: whatever becomes of one, no answer is silently wrong. */
static void test_damaged_pages(void **state)
{
    (void)state;
    struct truth was[QUESTIONS + 1];
    struct store *s = open_store(STORE_WRITE);
    struct tally t = { 0 };
    fill_store(s);
    store_close(s);
    set_questions();
    learn(was);
    int fd = open(path_of(file), O_RDWR | O_CLOEXEC);
    struct stat st;
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    uint8_t page[16384], bad[16384];
    for (off_t at = sizeof page; at < st.st_size; at += (off_t)sizeof page) {
        assert_int_equal(pread(fd, page, sizeof page, at), sizeof page);
        memcpy(bad, page, sizeof page);
        size_t n = pick(3) ? 1 + pick(16) : sizeof page;
        size_t from = n == sizeof page ? 0 : pick((uint32_t)(sizeof page - n));
        for (size_t i = from; i < from + n; i++)
            bad[i] = n == sizeof page ? 0 : (uint8_t)(bad[i] ^ (1 + pick(255)));
        assert_int_equal(pwrite(fd, bad, sizeof bad, at), sizeof bad);
        check_all(was, &t);
        assert_int_equal(pwrite(fd, page, sizeof page, at), sizeof page);
    }
    close(fd);
    print_message("%u answers whole, %u of the rest, %u failed\n", t.whole, t.partial, t.failed);
    assert_true(t.partial > 20 && t.whole > t.failed);
    forget_truth(was);
}

/* An hour's totals, flows, minutes; a day's; an index: each by the statement that breaks it. */
static void test_damaged_parts(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        unsigned lost_hours; /* of the series by hour */
    } row[] = {
        { "UPDATE summary SET totals=x'0102' WHERE run=(SELECT max(id) FROM run WHERE hour=480003)", 1 },
        { "UPDATE summary SET totals=NULL", HOURS },
        { "UPDATE day SET census=x'0102'", 0 },
        { "UPDATE day SET totals=x'0102'", 0 },
        { "UPDATE day_sources SET blob=x'0102'", 0 },
        { "UPDATE minute SET blob=x'0102' WHERE hour=480004", 0 },
        { "UPDATE chunk SET blob=x'0102', seq=NULL WHERE run IN (SELECT id FROM run WHERE hour=480005)", 0 },
    };
    struct truth was[QUESTIONS + 1];
    struct store *s = open_store(STORE_WRITE);
    fill_store(s);
    set_questions();
    learn(was);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        int err;
        assert_int_equal(store_begin(s), 0);
        assert_int_equal(db_exec(s->db, row[i].sql), 0);
        struct truth is = ask_rows(s, &questions[0], &err);
        assert_int_equal(err, 0);
        unsigned lost = 0;
        for (size_t j = 0; j < is.n; j++)
            lost += is.row[j].lost;
        assert_int_equal(lost, row[i].lost_hours);
        check_series(s, &was[0], &is);
        free(is.row);
        s->lost_n = 0;
        store_rollback(s);
    }
    store_close(s);
    forget_truth(was);
}

/* ---- blobs ---- */

static int decode_chunk(struct store *s, const void *data, size_t n)
{
    struct chunk c = { 0 };
    int err = chunk_decode(s->codec, data, n, CHUNK_COUNTS, &c);
    chunk_release(&c);
    return err;
}

static int decode_totals(struct store *s, const void *data, size_t n)
{
    struct totals t = { .want = TOTALS_WIDE };
    int err = totals_decode(&t, s->zstd, data, n);
    totals_release(&t);
    return err;
}

static int decode_census(struct store *s, const void *data, size_t n)
{
    struct census c = { 0 };
    int err = census_decode(&c, s->zstd, data, n);
    census_release(&c);
    return err;
}

static uint64_t minutes_told; /* what the last ones were */

static int decode_minutes(struct store *s, const void *data, size_t n)
{
    struct minutes m = { 0 };
    int err = minutes_decode(&m, s->zstd, data, n);
    minutes_told = m.n;
    for (size_t i = 0; i < m.n; i++)
        minutes_told = (minutes_told * 31 + m.item[i].scope) * 31 + m.item[i].packets * 60u + m.item[i].minute;
    minutes_release(&m);
    return err;
}

static int decode_set(struct store *s, const void *data, size_t n)
{
    uint32_t *source;
    (void)s;
    int err = set_decode(data, n, &source, &n);
    if (!err)
        free(source);
    return err;
}

/* Of any blob any byte: it shows, also to who looks at a part only. (But for a first byte that says that it
 * is of a version without a seal. Minutes are zstd alone, where other bits may say the same.) */
static void test_any_byte(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        int (*decode)(struct store *, const void *, size_t);
    } row[] = {
        { "SELECT blob FROM log", decode_chunk },
        { "SELECT blob FROM chunk WHERE blob IS NOT NULL", decode_chunk },
        { "SELECT totals FROM summary", decode_totals },
        { "SELECT totals FROM day", decode_totals },
        { "SELECT census FROM summary", decode_census },
        { "SELECT blob FROM minute", decode_minutes },
        { "SELECT blob FROM day_sources", decode_set },
    };
    struct store *s = open_store(STORE_WRITE);
    fill_store(s);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct stmt *q = db_stmt(s->db, row[i].sql);
        unsigned flips = 0;
        while (db_step(s->db, q) == 1) {
            size_t n;
            const void *data = db_blob(q, 0, &n);
            uint8_t *copy = malloc(n + 1);
            assert_non_null(copy);
            memcpy(copy, data, n);
            assert_int_equal(row[i].decode(s, copy, n), 0);
            uint64_t told = minutes_told;
            for (size_t at = 1 + pick(50); at < n; at += 1 + pick(n < 2000 ? 20 : 500), flips++) {
                copy[at] ^= (uint8_t)(1u << pick(8));
                int err = row[i].decode(s, copy, n);
                assert_true(err == 1 || (row[i].decode == decode_minutes && minutes_told == told));
                copy[at] = ((const uint8_t *)data)[at];
            }
            free(copy);
        }
        assert_true(flips > 3);
    }
    store_close(s);
}

/* Only the free middle of pages that hold rows is zeroed. */
/* ---- a store of before there was evidence ---- */

/* Where in the file the middle of an hour's largest chunk stands: a page that holds nothing else. */
static off_t page_of_hour(struct store *s, uint32_t hour)
{
    uint8_t piece[32];
    struct stmt *q = db_stmt(s->db, "SELECT coalesce(c.blob, l.blob) AS b FROM run r JOIN chunk c ON c.run=r.id"
                                    " LEFT JOIN log l ON l.seq=c.seq WHERE r.hour=? AND r.state=1"
                                    " ORDER BY length(b) DESC LIMIT 1");
    size_t n;
    db_bind_int(q, 1, hour);
    assert_int_equal(db_step(s->db, q), 1);
    const uint8_t *blob = db_blob(q, 0, &n);
    assert_true(n > 40000);
    memcpy(piece, blob + n / 2, sizeof piece);
    db_done(q);
    int fd = open(path_of(file), O_RDONLY | O_CLOEXEC);
    struct stat st;
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    uint8_t *all = malloc((size_t)st.st_size);
    assert_non_null(all);
    assert_int_equal(read(fd, all, (size_t)st.st_size), st.st_size);
    const uint8_t *at = memmem(all, (size_t)st.st_size, piece, sizeof piece);
    assert_non_null(at);
    off_t page = (at - all) / 16384 * 16384;
    free(all);
    close(fd);
    return page;
}

static void make_older(void)
{
    struct db *db;
    assert_int_equal(db_open(&db, path_of(file), DB_WRITE), 0);
    assert_int_equal(db_exec(db, "DROP INDEX run_unkept; DROP INDEX run_odd; DROP INDEX coverage_ingest;"
                                 "ALTER TABLE run DROP COLUMN hash; ALTER TABLE run DROP COLUMN minutes;"
                                 "ALTER TABLE run DROP COLUMN kept; DROP TABLE event; DROP TABLE vouch;"
                                 "DROP TABLE segment; DROP TABLE worker; DROP TABLE session; DROP TABLE session_batch;"
                                "DROP TABLE session_event; DROP TABLE spoken; DROP TABLE made; DROP TABLE fact;"
          "DROP TABLE sample; DROP TABLE sample_origin; DROP TABLE sample_band; DROP TABLE wanted; DROP TABLE wanted_try;"
                                "PRAGMA user_version=1"), 0);
    assert_int_equal(db_empty_log(db), 0);
    db_close(db);
    folder_remove(path_of("log"));
}

static void say_fault(void *context, const char *fault)
{
    unsigned *n = context;
    if (fault && !strstr(fault, "cannot be read"))
        fail_msg("%s", fault);
    *n += fault != NULL;
}

/* A page of it that cannot be read costs its hour, and not the store; each run is vouched for once. */
static void test_older_damaged(void **state)
{
    (void)state;
    enum { LOST = HOUR + 7 };
    static const uint8_t zeros[16384];
    struct store *s = open_store(STORE_WRITE);
    fill_store(s);
    put_run(s, 0, LOST, 60000);
    assert_int_equal(store_commit(s), 0);
    store_close(s);
    make_older(); /* which moves pages */
    s = open_store(STORE_READ);
    off_t at = page_of_hour(s, LOST);
    store_close(s);
    int fd = open(path_of(file), O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, zeros, sizeof zeros, at), sizeof zeros);
    close(fd);
    s = open_store(STORE_WRITE);
    struct stmt *q = db_stmt(s->db, "SELECT count(*), min(hour) FROM damaged");
    assert_int_equal(db_step(s->db, q), 1);
    assert_int_equal(db_int(q, 0), 1);
    assert_int_equal(db_int(q, 1), LOST);
    db_done(q);
    q = db_stmt(s->db, "SELECT (SELECT count(*) FROM run WHERE state=1), (SELECT length(said) FROM vouch)");
    assert_int_equal(db_step(s->db, q), 1);
    assert_int_equal(db_int(q, 1) % db_int(q, 0), 0);
    assert_int_equal(db_int(q, 1) / db_int(q, 0), 15 + 64); /* one entry each */
    db_done(q);
    struct verified v;
    unsigned faults = 0;
    assert_int_equal(store_verify(s, say_fault, &faults, &v), 0);
    assert_int_equal(faults, 1);
    keep_up(s, DAY + 40 * 3600, 90 * 86400);
    faults = 0;
    assert_int_equal(store_verify(s, say_fault, &faults, &v), 0);
    assert_int_equal(faults, 1);
    store_close(s);
}

static void test_clean_page(void **state)
{
    (void)state;
    static const struct {
        uint8_t kind;
        unsigned cells, content;
        uint64_t number;
        size_t first, end; /* what becomes zero */
    } row[] = {
        { 13, 2, 900, 5, 12, 900 },
        { 10, 2, 900, 2, 12, 900 },
        { 13, 2, 900, 1, 112, 900 },           /* the file's header stands before */
        { 2, 2, 900, 5, 16, 900 },
        { 2, 2, 900, 2, 0, 0 },                /* a pointer map */
        { 2, 2, 900, 2 + 205, 0, 0 },
        { 2, 2, 900, 3 + 205, 0, 0 },          /* or it, where a lock byte is in its way */
        { 5, 2, 900, 5, 0, 0 },                /* rows' numbers alone */
        { 0, 2, 900, 5, 0, 0 },                /* an overflow page */
        { 13, 2, 900, 13 << 24, 0, 0 },        /* or one of a file so large */
        { 13, 600, 900, 5, 0, 0 },             /* no page that makes sense */
        { 13, 2, 1100, 5, 0, 0 },
        { 13, 0, 1024, 5, 8, 1024 },
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        uint8_t page[1024], was[1024];
        size_t at = row[i].number == 1 ? 100 : 0, header = row[i].kind == 2 ? 12 : 8;
        for (size_t j = 0; j < sizeof page; j++)
            page[j] = (uint8_t)(1 + pick(255));
        page[at] = row[i].kind;
        page[at + 1] = page[at + 2] = 0;
        page[at + 3] = (uint8_t)(row[i].cells >> 8), page[at + 4] = (uint8_t)row[i].cells;
        page[at + 5] = (uint8_t)(row[i].content >> 8), page[at + 6] = (uint8_t)row[i].content;
        for (size_t j = 0; j < 2; j++)
            page[at + header + 2 * j] = 3, page[at + header + 2 * j + 1] = (uint8_t)(0x90 + j);
        memcpy(was, page, sizeof was);
        clean_page(page, sizeof page, row[i].number);
        memset(was + row[i].first, 0, row[i].end - row[i].first);
        assert_memory_equal(page, was, sizeof was);
    }
}

/* What is left of a damaged store is asked for where it was put; counting goes on. */
static void test_set_aside(void **state)
{
    (void)state;
    char aside[4200], again[4200];
    assert_int_equal(store_set_aside(folder, DAY, aside), -ENOENT);
    struct store *s = open_store(STORE_WRITE), *old;
    fill_store(s);
    struct store_facts was, now;
    assert_int_equal(store_facts(s, &was), 0);
    store_close(s);
    assert_int_equal(store_set_aside(folder, DAY, aside), 0);
    assert_non_null(strstr(aside, "/damaged-20241004T000000Z"));
    s = open_store(STORE_WRITE);
    assert_int_equal(store_facts(s, &now), 0);
    assert_int_equal(now.runs, 0);
    assert_int_equal(store_open(&old, aside, STORE_READ), 0);
    assert_int_equal(store_facts(old, &now), 0);
    assert_true(now.runs == was.runs && now.packets == was.packets && now.flows == was.flows);
    store_close(old);
    store_close(s);
    assert_int_equal(store_set_aside(folder, DAY, again), 0);
    assert_string_not_equal(aside, again);
    assert_int_equal(access(path_of(file), F_OK), -1);
    assert_int_equal(folder_remove(aside), 0);
    assert_int_equal(folder_remove(again), 0);
}

/* One delta; what went wrong, with nothing left of it. */
static int try_delta(struct store *s, uint32_t hour)
{
    struct target t = { .s = s };
    struct run_writer *w;
    struct run_summary sum;
    struct buf tot, min, cen;
    struct minutes minutes = { 0 };
    struct flow f[300];
    assert_int_equal(run_writer_make(&w, put_chunk, &t), 0);
    buf_init(&tot, 1 << 20);
    buf_init(&min, 1 << 20);
    buf_init(&cen, 1 << 20);
    size_t n = make_flows(f, 300, 4);
    int err = store_run_begin(s, 1, 0, hour, &t.run);
    run_writer_begin(w, hour);
    if (!err) {
        struct sort_item item[600];
        for (size_t i = 0; i < n; i++)
            item[i] = (struct sort_item){ f[i].key, f[i].packets };
        sort_items(item, item + 300, n, 0, 32);
        err = run_writer_census(w, item, n, true);
    }
    size_t sources;
    const uint32_t *source = run_writer_sources(w, &sources);
    for (size_t i = 0; !err && i < n; i++) {
        static const uint32_t dest[3] = { 0xc0000201, 0xc0000202, 0xc0000203 };
        uint32_t number = 0;
        while (source[number] != flow_source(&f[i]))
            number++;
        f[i].key = f[i].key >> 32 << 32 | number;
        err = run_writer_flow(w, &f[i], dest);
    }
    if (!err)
        err = run_writer_end(w, &sum);
    if (!err) {
        assert_int_equal(totals_encode(sum.totals, s->zstd, &tot), 0);
        assert_int_equal(minutes_encode(&minutes, s->zstd, &min), 0);
        assert_int_equal(census_encode(sum.census, s->zstd, &cen), 0);
        const struct run_blobs b = { sum.flows, sum.packets, tot.data, min.data, cen.data, tot.len, min.len, cen.len };
        err = store_run_end(s, t.run, &b);
    }
    if (!err)
        err = store_commit(s);
    if (err)
        store_rollback(s);
    buf_release(&tot);
    buf_release(&min);
    buf_release(&cen);
    run_writer_free(w);
    return err;
}

static int64_t runs_in(struct store *s)
{
    struct store_facts f;
    assert_int_equal(store_facts(s, &f), 0);
    return (int64_t)f.runs;
}

static void assert_sound(struct store *s)
{
    struct stmt *q = db_stmt(s->db, "PRAGMA integrity_check");
    assert_int_equal(db_step(s->db, q), 1);
    assert_string_equal(db_text(q, 0), "ok");
    db_done(q);
}

/* Each way in which a disk fails is told apart, and when it is well the same is done as if nothing had been. */
static void test_failing_disk(void **state)
{
    (void)state;
    static const struct {
        int says, want;
    } row[] = { { ENOSPC, -ENOSPC }, { EDQUOT, -ENOSPC }, { EROFS, -EROFS }, { EIO, -EIO } };
    struct store *s = open_store(STORE_WRITE);
    unsigned done = 0, failed = 0;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        for (long well = 0; well < 40; well++) {
            writes_well = well;
            disk_says = row[i].says;
            int err = try_delta(s, HOUR + (uint32_t)i);
            if (err && err != row[i].want)
                print_error("%s: %d after %ld writes: %s\n", strerror(row[i].says), err, well, store_why(s));
            assert_true(err == 0 || err == row[i].want);
            failed += err != 0;
            done += err == 0;
            assert_int_equal(runs_in(s), done);
            disk_says = 0;
            assert_int_equal(try_delta(s, HOUR + (uint32_t)i), 0);
            assert_int_equal(runs_in(s), ++done);
        }
    assert_true(failed > 20);
    assert_sound(s);
    store_close(s);
}

/* ---- a real small disk ---- */

static void fill_disk(const char *path, size_t leave)
{
    char name[4300];
    static const char block[4096];
    snprintf(name, sizeof name, "%s/filler", path);
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    off_t n = 0;
    struct statfs fs;
    assert_int_equal(fstatfs(fd, &fs), 0);
    off_t most = (off_t)fs.f_bavail * fs.f_bsize - (1 << 20);
    if (most > 0 && fallocate(fd, 0, 0, most) == 0)
        n = most;
    while (pwrite(fd, block, sizeof block, n) == sizeof block)
        n += (off_t)sizeof block;
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(ftruncate(fd, n > (off_t)leave ? n - (off_t)leave : 0), 0);
    close(fd);
}

static void empty_disk(const char *path)
{
    char name[4300];
    snprintf(name, sizeof name, "%s/filler", path);
    assert_int_equal(remove(name), 0);
}

static void remove_store(const char *path)
{
    static const char *const names[] = { "teiten.db", "teiten.db-wal", "teiten.db-shm", "teiten.db-upkeep" };
    char name[4300];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(name, sizeof name, "%s/%s", path, names[i]);
        remove(name);
    }
}

/* With so many bytes free, the store is opened, or not; no signal comes of its shared index. */
static void open_in(const char *path, size_t leave, unsigned *opened, unsigned *refused)
{
    struct store *s;
    fill_disk(path, leave);
    int err = store_open(&s, path, STORE_WRITE);
    assert_true(err == 0 || err == -ENOSPC);
    *(err ? refused : opened) += 1;
    unsigned done = 0;
    for (unsigned i = 0; !err && i < 30; i++) {
        int failed = try_delta(s, HOUR);
        assert_true(failed == 0 || failed == -ENOSPC);
        done += !failed;
    }
    empty_disk(path);
    if (err) {
        assert_int_equal(store_open(&s, path, STORE_WRITE), 0);
    } else {
        assert_int_equal(runs_in(s), done);
    }
    assert_int_equal(try_delta(s, HOUR), 0);
    assert_int_equal(runs_in(s), done + 1);
    assert_sound(s);
    store_close(s);
    remove_store(path);
}

static off_t log_size(const char *path)
{
    char name[4300];
    struct stat st;
    snprintf(name, sizeof name, "%s/teiten.db-wal", path);
    return stat(name, &st) ? 0 : st.st_size;
}

/* The log grows past what its shared index has room for (4,062 pages), on a disk with `leave` bytes. */
static void grow_index(const char *path, size_t leave)
{
    enum { NEARLY = 4000 * 16408 };
    struct store *s, *reader;
    assert_int_equal(store_open(&s, path, STORE_WRITE), 0);
    assert_int_equal(try_delta(s, HOUR), 0);
    assert_int_equal(store_open(&reader, path, STORE_READ), 0);
    assert_int_equal(db_exec(reader->db, "BEGIN"), 0); /* holds the log from being begun anew */
    unsigned done = (unsigned)runs_in(reader), well = 0, failed = 0;
    for (; log_size(path) < NEARLY; done++)
        assert_int_equal(try_delta(s, HOUR), 0);
    fill_disk(path, leave);
    for (unsigned i = 0; i < 100; i++) {
        int err = try_delta(s, HOUR);
        assert_true(err == 0 || err == -ENOSPC);
        well += !err;
        failed += err != 0;
    }
    assert_true(failed > 0);
    empty_disk(path);
    for (unsigned i = 0; i < 30; i++)
        assert_int_equal(try_delta(s, HOUR), 0);
    store_close(reader);
    assert_int_equal(runs_in(s), done + well + 30);
    assert_sound(s);
    store_close(s);
    remove_store(path);
}

static int on_small_disk(void)
{
    char path[300];
    snprintf(path, sizeof path, "%s/disk", folder);
    if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) || mkdir(path, 0700) ||
        mount("small", path, "tmpfs", 0, "size=96m"))
        return 77;
    unsigned opened = 0, refused = 0;
    for (size_t leave = 0; leave <= 2 << 20; leave += leave < 200 << 10 ? 8 << 10 : 64 << 10)
        open_in(path, leave, &opened, &refused);
    print_message("%u times opened, %u times refused\n", opened, refused);
    if (!opened || !refused)
        return 1;
    for (size_t kib = 1000; kib < 1500; kib += 100)
        grow_index(path, kib << 10);
    return 0;
}

static void test_small_disk(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("skipped: needs root, to mount a small disk\n");
        skip();
    }
    pid_t pid = fork();
    if (pid == 0)
        _exit(on_small_disk());
    int status;
    char path[300];
    assert_int_equal(waitpid(pid, &status, 0), pid);
    snprintf(path, sizeof path, "%s/disk", folder);
    rmdir(path);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_damaged_pages), TEST(test_damaged_parts), TEST(test_set_aside),
        TEST(test_failing_disk),  TEST(test_small_disk),    TEST(test_any_byte), TEST(test_older_damaged),
        TEST(test_clean_page),
    };
    make_dictionary();
    return cmocka_run_group_tests_name("store/damage", tests, NULL, NULL);
}
