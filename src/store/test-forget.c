#include "store/store.h"

#include "store/test-made.h"

#include <sys/syscall.h>
#include <time.h>

/* ---- a process that dies at its n-th write ---- */

static long writes_left = -1;

static ssize_t counted_write(int fd, const void *data, size_t n, off_t at)
{
    if (writes_left > 0 && --writes_left == 0)
        _exit(9);
    return syscall(SYS_pwrite64, fd, data, n, at);
}

/* SQLite is a shared library: its calls end here. (The name in C is pwrite64's, where files are large.) */
ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
    return counted_write(fd, data, n, at);
}

/* ---- what questions tell ---- */

static void append(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void append(struct buf *b, const char *format, ...)
{
    char line[400];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    buf_put(b, line, (size_t)n);
    assert_true(buf_ok(b));
}

static void append_answers(struct buf *b, struct store *s, const struct question *q)
{
    struct answers *answers;
    struct answer a;
    assert_int_equal(store_ask(s, q, &answers), 0);
    while (answers_next(answers, &a)) {
        char text[ADDR_TEXT];
        append(b, "%d %lld %u %u %u %llu %llu %lld %lld %lld %lld %s\n", q->topic, (long long)a.time, a.proto,
               a.port, a.fingerprint, (unsigned long long)a.accesses, (unsigned long long)a.packets,
               (long long)a.sources, (long long)a.destinations, (long long)a.first, (long long)a.last,
               q->topic == ASK_SOURCES ? addr_text(&a.source, text) : "");
    }
    answers_free(answers);
}

static struct question question_of(enum store_topic topic, enum store_step step, int64_t from, int64_t to)
{
    return (struct question){ .topic = topic, .step = step, .from = from, .to = to, .proto = -1, .port = -1,
                              .fingerprint = -1, .zone = "UTC" };
}

/* Everything but addresses. */
static struct buf all_counts(struct store *s, bool gone)
{
    struct buf b;
    buf_init(&b, 64 << 20);
    int64_t ends[][2] = { { DAY, DAY + 86400 }, { DAY, DAY + HOURS * 3600 }, { DAY + 25 * 3600, DAY + HOURS * 3600 } };
    for (size_t i = 0; i < (gone ? 1 : 3); i++) {
        struct question q = question_of(ASK_SERIES, STEP_DAY, ends[i][0], ends[i][1]);
        for (int port = -1; port < 25; port += port < 0 ? 23 : 1) {
            q.port = port;
            q.proto = port < 0 ? -1 : PROTO_TCP;
            append_answers(&b, s, &q);
        }
        q = question_of(ASK_SERVICES, STEP_HOUR, ends[i][0], ends[i][1]);
        append_answers(&b, s, &q);
        q.topic = ASK_FINGERPRINTS;
        append_answers(&b, s, &q);
        if (gone)
            continue;
        q = question_of(ASK_SERIES, STEP_HOUR, ends[i][0], ends[i][1]);
        append_answers(&b, s, &q);
        q.fingerprint = 0;
        append_answers(&b, s, &q);
    }
    return b;
}

static struct buf sources_in(struct store *s, const struct prefix *within)
{
    struct buf b;
    buf_init(&b, 64 << 20);
    struct question q = question_of(ASK_SOURCES, STEP_HOUR, DAY, DAY + HOURS * 3600);
    q.within = within;
    q.kinds = 1u << KIND_ACCESS | 1u << KIND_BACKSCATTER;
    append_answers(&b, s, &q);
    return b;
}

static size_t lines_of(const struct buf *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->len; i++)
        n += b->data[i] == '\n';
    return n;
}

static void assert_same(struct buf *a, struct buf *b)
{
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->data, b->data, a->len);
    buf_release(b);
}

static struct prefix prefix_of(const char *text)
{
    struct prefix p;
    assert_int_equal(prefix_parse(text, &p), 0);
    return p;
}

static uint64_t forget(struct store *s, const char *text)
{
    struct prefix p = prefix_of(text);
    uint64_t n;
    int err = store_forget(s, &p, &n);
    if (err)
        print_error("store_forget: %d %s\n", err, store_why(s));
    assert_int_equal(err, 0);
    return n;
}

static void assert_clean(struct store *s)
{
    struct stmt *q = db_stmt(s->db, "PRAGMA integrity_check");
    assert_int_equal(db_step(s->db, q), 1);
    assert_string_equal(db_text(q, 0), "ok");
    db_done(q);
    assert_int_equal(number_in(s, "SELECT count(*) FROM run WHERE state<>1"), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM forgetting"), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM event WHERE event='altered'"), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM chunk WHERE run NOT IN (SELECT id FROM run)"), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM run r WHERE packets<>7+(SELECT sum(packets) FROM chunk c"
                                  " WHERE c.run=r.id) AND level=0"), 0);
}

/* Forgets one by one; after each nothing but its addresses has changed. */
static void test_counts_stay(void **state)
{
    (void)state;
    static const struct {
        const char *prefix;
        uint64_t met; /* 0: some */
    } row[] = {
        { "198.18.0.7/32", 1 }, { "198.18.0.7/32", 0 /* nobody: see below */ }, { "198.18.4.0/22", 146 },
        { "2001:db8::5/128", 1 }, { "2001:db8::10/124", 16 }, { "2001:db8:1::/64", 0 }, { "203.0.113.0/24", 0 },
        { "0.0.0.0/8", 0 }, { "100::/64", 0 },
    };
    struct store *s = open_store(STORE_WRITE);
    fill_store(s);
    struct buf before = all_counts(s, false);
    struct prefix all4 = prefix_of("0.0.0.0/0"), all6 = prefix_of("::/0");
    struct buf four = sources_in(s, &all4), six = sources_in(s, &all6);
    size_t n4 = lines_of(&four), n6 = lines_of(&six);
    size_t lost4 = 0, lost6 = 0;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct prefix p = prefix_of(row[i].prefix);
        struct buf was = sources_in(s, &p);
        uint64_t n = forget(s, row[i].prefix);
        assert_int_equal(n, row[i].met);
        struct buf now = all_counts(s, false), rest = sources_in(s, &p);
        assert_same(&before, &now);
        if (i < 7) {
            assert_int_equal(lines_of(&was), row[i].met);
            assert_int_equal(lines_of(&rest), 0);
        }
        buf_release(&rest);
        buf_release(&was);
        *(p.addr.family == 4 ? &lost4 : &lost6) += n;
        assert_clean(s);
    }
    assert_true(lost4 == 147 && lost6 == 17);
    struct prefix nobody = prefix_of("0.0.0.0/8"), nobody6 = prefix_of("100::/64");
    struct buf names = sources_in(s, &nobody), names6 = sources_in(s, &nobody6);
    assert_int_equal(lines_of(&names), lost4);
    assert_int_equal(lines_of(&names6), lost6);
    struct buf now4 = sources_in(s, &all4), now6 = sources_in(s, &all6);
    assert_int_equal(lines_of(&now4), n4);
    assert_int_equal(lines_of(&now6), n6);
    struct buf *all[] = { &before, &four, &six, &names, &names6, &now4, &now6 };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        buf_release(all[i]);
    store_close(s);
}

/* Each line without its address, sorted: what the rows say but for whom. */
static int by_line(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void strip(struct buf *b)
{
    size_t n = lines_of(b), at = 0;
    char **line = malloc((n + 1) * sizeof *line);
    assert_non_null(line);
    for (size_t i = 0; i < n; i++) {
        char *start = (char *)b->data + at, *end = memchr(start, '\n', b->len - at);
        *end = '\0';
        at = (size_t)(end + 1 - (char *)b->data);
        *strrchr(start, ' ') = '\0';
        line[i] = start;
    }
    qsort(line, n, sizeof *line, by_line);
    struct buf out;
    buf_init(&out, 64 << 20);
    for (size_t i = 0; i < n; i++)
        append(&out, "%s\n", line[i]);
    free(line);
    buf_release(b);
    *b = out;
}

/* What each source did stays, under its pseudonym; the others keep their names. */
static void test_rows_stay(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    fill_store(s);
    struct prefix all[] = { prefix_of("0.0.0.0/0"), prefix_of("::/0") };
    struct prefix others[] = { prefix_of("198.18.64.0/18"), prefix_of("2001:db8::20/123") };
    struct buf was[2], other[2];
    for (int i = 0; i < 2; i++) {
        was[i] = sources_in(s, &all[i]);
        other[i] = sources_in(s, &others[i]);
        strip(&was[i]);
        if (i == 0)
            assert_true(lines_of(&other[i]) > 100);
        else
            assert_int_equal(lines_of(&other[i]), 32);
    }
    assert_true(forget(s, "198.18.0.0/18") > 1000);
    assert_int_equal(forget(s, "2001:db8::/123"), 31);
    for (int i = 0; i < 2; i++) {
        struct buf now = sources_in(s, &all[i]), same = sources_in(s, &others[i]);
        strip(&now);
        assert_same(&was[i], &now);
        assert_same(&other[i], &same);
        buf_release(&was[i]);
        buf_release(&other[i]);
    }
    store_close(s);
}

/* Days of which only totals, census and sets are left. */
static void test_cleaned(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    fill_store(s);
    assert_int_equal(db_exec(s->db, "UPDATE run SET at=0"), 0);
    keep_up(s, DAY + 40 * 3600, 14 * 3600);
    keep_up(s, DAY + 90 * 3600, 64 * 3600); /* two days later its clock is believed */
    assert_int_equal(number_in(s, "SELECT count(*) FROM run WHERE hour < 480024"), 0);
    assert_true(number_in(s, "SELECT count(*) FROM day_sources") >= 0);
    struct buf before = all_counts(s, true);
    struct prefix who = prefix_of("198.18.0.0/20");
    uint64_t n = forget(s, "198.18.0.0/20");
    assert_true(n > 500);
    struct buf after = all_counts(s, true);
    assert_same(&before, &after);
    buf_release(&before);
    assert_int_equal(forget(s, "198.18.0.0/20"), 0);
    struct census c = { 0 };
    struct stmt *q = db_stmt(s->db, "SELECT census FROM day");
    assert_int_equal(db_step(s->db, q), 1);
    size_t len;
    const void *data = db_blob(q, 0, &len);
    assert_int_equal(census_decode(&c, s->zstd, data, len), 0);
    db_done(q);
    assert_false(census_meets(&c, &who));
    census_release(&c);
    store_close(s);
}

/* ---- old bytes ---- */

enum { PIECE = 48, STRIDE = 32 };

/* Pieces of blobs, by their first eight bytes. */
struct pieces {
    uint8_t (*v)[PIECE];
    size_t n, room;
};

static int by_piece(const void *a, const void *b)
{
    return memcmp(a, b, PIECE);
}

static void add_pieces(struct pieces *p, const uint8_t *data, size_t n)
{
    for (size_t at = 0; at + PIECE <= n; at += STRIDE) {
        if (p->n == p->room) {
            p->room = p->room ? p->room * 2 : 4096;
            p->v = realloc(p->v, p->room * sizeof *p->v);
            assert_non_null(p->v);
        }
        memcpy(p->v[p->n++], data + at, PIECE);
    }
}

static void add_blobs(struct pieces *p, struct store *s)
{
    static const char *const sql[] = { "SELECT blob FROM log", "SELECT blob FROM chunk WHERE blob IS NOT NULL",
                                       "SELECT census FROM summary", "SELECT census FROM day",
                                       "SELECT blob FROM day_sources" };
    for (size_t i = 0; i < sizeof sql / sizeof sql[0]; i++) {
        struct stmt *q = db_stmt(s->db, sql[i]);
        while (db_step(s->db, q) == 1) {
            size_t n;
            const void *data = db_blob(q, 0, &n);
            add_pieces(p, data, n);
        }
    }
}

/* Which of the pieces lie in the bytes. */
static void mark_found(const struct pieces *p, bool *found, const uint8_t *data, size_t n)
{
    for (size_t at = 0; at + PIECE <= n; at++) {
        const uint8_t(*hit)[PIECE] = bsearch(data + at, p->v, p->n, PIECE, by_piece);
        if (hit)
            found[hit - (const uint8_t(*)[PIECE])p->v] = true;
    }
}

static void mark_in_file(const struct pieces *p, bool *found, const char *name)
{
    FILE *f = fopen(path_of(name), "rb");
    struct stat st;
    if (!f)
        return;
    assert_int_equal(fstat(fileno(f), &st), 0);
    uint8_t *data = malloc((size_t)st.st_size + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, (size_t)st.st_size, f), st.st_size);
    fclose(f);
    mark_found(p, found, data, (size_t)st.st_size);
    free(data);
}

static size_t count_found(const struct pieces *p, const bool *found, const bool *except)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        n += found[i] && !(except && except[i]);
    return n;
}

/* Nothing of any blob that was ever stored is left in the files, but for what those of today share with it. */
static void test_bytes_are_gone(void **state)
{
    (void)state;
    struct pieces old = { 0 };
    struct store *s = open_store(STORE_WRITE);
    fill_store(s);
    add_blobs(&old, s);
    for (unsigned i = 0; i < 60; i++) { /* as a live sensor: many small runs, merged again and again */
        put_run(s, 0, HOUR + 30, 20 + pick(300));
        assert_int_equal(store_commit(s), 0);
        add_blobs(&old, s);
        if (i % 9 == 0)
            keep_up(s, DAY + 30 * 3600 + 1800, 90 * 86400);
    }
    add_blobs(&old, s);
    qsort(old.v, old.n, sizeof *old.v, by_piece);
    bool *found = calloc(old.n, sizeof *found), *kept = calloc(old.n, sizeof *kept);
    assert_non_null(found);
    assert_non_null(kept);
    mark_in_file(&old, found, "teiten.db");
    mark_in_file(&old, found, "teiten.db-wal");
    assert_true(count_found(&old, found, NULL) > 1000);

    assert_true(forget(s, "198.18.0.0/16") > 1000);
    assert_true(forget(s, "2001:db8::/64") == 64);
    struct pieces now = { 0 };
    struct stat st;
    assert_int_equal(stat(path_of("teiten.db-wal"), &st), 0);
    assert_int_equal(st.st_size, 0);
    static const char *const sql[] = { "SELECT blob FROM log", "SELECT blob FROM chunk WHERE blob IS NOT NULL",
                                       "SELECT census FROM summary", "SELECT census FROM day",
                                       "SELECT blob FROM day_sources" };
    for (size_t i = 0; i < sizeof sql / sizeof sql[0]; i++) {
        struct stmt *q = db_stmt(s->db, sql[i]);
        while (db_step(s->db, q) == 1) {
            size_t n;
            const void *data = db_blob(q, 0, &n);
            mark_found(&old, kept, data, n);
        }
    }
    store_close(s);
    memset(found, 0, old.n * sizeof *found);
    mark_in_file(&old, found, "teiten.db");
    mark_in_file(&old, found, "teiten.db-wal");
    print_message("%zu pieces, %zu shared, %zu left\n", old.n, count_found(&old, kept, NULL),
                  count_found(&old, found, kept));
    for (size_t i = 0; i < old.n; i++)
        if (found[i] && !kept[i]) {
            for (int j = 0; j < PIECE; j++)
                fprintf(stderr, "%02x", old.v[i][j]);
            fputc('\n', stderr);
        }
    assert_int_equal(count_found(&old, found, kept), 0);
    free(found);
    free(kept);
    free(old.v);
    free(now.v);
}

/* ---- killed, and asked again ---- */

static int forget_in_child(const char *text, long writes)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct store *s;
        struct prefix p = prefix_of(text);
        uint64_t n;
        if (store_open(&s, folder, STORE_WRITE))
            _exit(1);
        writes_left = writes;
        _exit(store_forget(s, &p, &n) ? 2 : 0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_killed(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    fill_store(s);
    struct buf before = all_counts(s, false);
    size_t met = 0, deaths = 0;
    static const char *const prefixes[] = { "198.18.0.0/22", "2001:db8::10/124", "198.18.32.0/19", "198.18.8.0/21" };
    for (size_t i = 0; i < 4; i++) {
        long step = i == 3 ? 17 : 60;
        int code = 9;
        for (long writes = 1 + (long)i * 5; code == 9; writes += step) {
            code = forget_in_child(prefixes[i], writes);
            assert_true(code == 9 || code == 0);
            deaths += code == 9;
        }
        struct buf now = all_counts(s, false);
        assert_same(&before, &now);
        assert_clean(s);
        struct prefix p = prefix_of(prefixes[i]);
        struct buf rest = sources_in(s, &p);
        assert_int_equal(lines_of(&rest), 0);
        buf_release(&rest);
        met++;
    }
    print_message("%zu deaths\n", deaths);
    assert_true(deaths > 20);
    struct prefix nobody = prefix_of("0.0.0.0/8");
    struct buf names = sources_in(s, &nobody);
    struct prefix all = prefix_of("198.18.0.0/16");
    struct buf rest = sources_in(s, &all);
    assert_int_equal(lines_of(&names) + lines_of(&rest), SOURCES);
    buf_release(&names);
    buf_release(&rest);
    buf_release(&before);
    store_close(s);
}

/* A call that was killed is ended by the next one, whomever that is about. */
static void test_other_call_ends_it(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    fill_store(s);
    struct buf before = all_counts(s, false);
    assert_int_equal(forget_in_child("198.18.0.0/22", 90), 9);
    assert_true(number_in(s, "SELECT count(*) FROM forgetting") > 100);
    assert_true(forget(s, "203.0.113.1/32") > 100);
    struct prefix p = prefix_of("198.18.0.0/22");
    struct buf rest = sources_in(s, &p), after = all_counts(s, false);
    assert_int_equal(lines_of(&rest), 0);
    assert_same(&before, &after);
    buf_release(&rest);
    buf_release(&before);
    store_close(s);
}

/* ---- beside others ---- */

static void test_beside_a_writer(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    fill_store(s);
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct store *live;
        char byte;
        close(pipes[1]);
        if (store_open(&live, folder, STORE_WRITE))
            _exit(1);
        uint64_t worst = 0;
        unsigned n = 0;
        int flags = fcntl(pipes[0], F_SETFL, O_NONBLOCK);
        while (flags == 0 && read(pipes[0], &byte, 1) != 0) {
            uint64_t began = time_mono();
            put_run(live, 0, HOUR + 31, 50);
            if (store_commit(live))
                _exit(2);
            uint64_t took = time_mono() - began;
            worst = took > worst ? took : worst;
            n++;
            usleep(2000);
        }
        print_message("%u transactions beside, the slowest %llu ms\n", n, (unsigned long long)(worst / 1000000));
        _exit(n > 5 ? 0 : 3);
    }
    close(pipes[0]);
    struct buf before = sources_in(s, NULL);
    assert_true(forget(s, "198.18.0.0/20") > 500);
    assert_true(forget(s, "2001:db8::/64") == 64);
    close(pipes[1]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    struct prefix p = prefix_of("198.18.0.0/20");
    struct question q = question_of(ASK_SOURCES, STEP_HOUR, DAY, DAY + 30 * 3600);
    struct buf rest;
    buf_init(&rest, 1 << 20);
    q.within = &p;
    append_answers(&rest, s, &q);
    assert_int_equal(rest.len, 0);
    buf_release(&rest);
    buf_release(&before);
    assert_true(number_in(s, "SELECT count(*) FROM run WHERE hour=480031 AND state=1") > 5);
    store_close(s);
}

/* A live hour has thousands of runs until it is merged; forgetting looks at what vouches for them once. */
static void test_many_runs(void **state)
{
    enum { RUNS = 1500, SECONDS = 30 };
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    for (size_t i = 0; i < RUNS; i++) {
        put_run(s, 0, HOUR + 31, 8);
        if (i % 50 == 49)
            assert_int_equal(store_commit(s), 0);
    }
    clock_t began = clock();
    assert_true(forget(s, "198.18.0.0/20") > 0);
    double took = (double)(clock() - began) / CLOCKS_PER_SEC;
    print_message("%d runs, %.1f s\n", (int)RUNS, took);
    assert_true(took < SECONDS);
    assert_clean(s);
    store_close(s);
}

static void test_refusals(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    fill_store(s);
    struct prefix p = prefix_of("198.18.0.0/24");
    uint64_t n;
    int64_t ingest;
    assert_int_equal(store_ingest_begin(s, 1, "b.pcap", &ingest), 0);
    assert_int_equal(store_forget(s, &p, &n), STORE_REFUSED);
    assert_non_null(strstr(store_why(s), "a file is being taken in"));
    assert_int_equal(store_ingest_drop(s, ingest), 0);

    assert_int_equal(db_exec(s->db, "UPDATE summary SET census=x'00' WHERE run=(SELECT id FROM run"
                                    " WHERE hour=480003 AND state=1)"), 0);
    assert_int_equal(store_forget(s, &p, &n), -EUCLEAN); /* and the rest was done */
    assert_int_equal(n, 37);
    assert_non_null(strstr(store_why(s), "1 runs, days or sessions are damaged"));
    struct question q = question_of(ASK_SOURCES, STEP_HOUR, DAY + 4 * 3600, DAY + HOURS * 3600);
    struct buf rest;
    buf_init(&rest, 1 << 20);
    q.within = &p;
    append_answers(&rest, s, &q);
    assert_int_equal(rest.len, 0);
    buf_release(&rest);
    assert_int_equal(number_in(s, "SELECT count(*) FROM forgetting"), 0);
    store_close(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_counts_stay),     TEST(test_rows_stay), TEST(test_cleaned),            TEST(test_bytes_are_gone),
        TEST(test_beside_a_writer), TEST(test_killed),    TEST(test_other_call_ends_it), TEST(test_refusals),
        TEST(test_many_runs),
    };
    make_dictionary();
    return cmocka_run_group_tests_name("store/forget", tests, NULL, NULL);
}
