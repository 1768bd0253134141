/*
 * Sessions made of events: vouched for, cleaned and forgotten; and stores of before there were any.
 */
#include "store/test-sessions.h"

/* ---- evidence ---- */

static void build_sessions(struct store *s)
{
    int64_t sensor;
    assert_int_equal(store_seal(s, DAY), 0); /* the clock from here on */
    assert_int_equal(store_sensor_number(s, "here", &sensor), 0);
    fill(s);
    open_one(s, 20, START + 3600 * 5 * US, "198.51.100.7", "router");
    make_file(s, 20, START + 3600 * 5 * US, "content", 7, true);
    assert_int_equal(say_text(s, 20, START + 3600 * 5 * US + 1, 1, "# "), 0);
    assert_int_equal(store_commit(s), 0);
}

/* Sound all the way: while it grows, kept, after the vouch rows are gone. */
static void test_sound(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    build_sessions(s);
    assert_int_equal(assert_sound(s).sessions, 6);
    keep_up(s, DAY + 9 * 3600);
    assert_int_equal(number_in(s, "SELECT count(*) FROM session_batch WHERE state=1"), 1);
    assert_sound(s);
    close_one(s, 5, START + 10 * 3600 * US);
    assert_int_equal(store_commit(s), 0);
    assert_sound(s);
    keep_up(s, DAY + 11 * 3600);
    assert_int_equal(number_in(s, "SELECT count(*) FROM session_batch WHERE state=1"), 2);
    close_one(s, 20, START + 12 * 3600 * US);
    assert_int_equal(store_commit(s), 0);
    for (unsigned h = 13; h < 20; h++) {
        visit(s, 100 + h, START + h * 3600 * US, "198.51.100.4", "router", "id");
        assert_int_equal(store_commit(s), 0);
        keep_up(s, DAY + h * 3600 + 60);
        assert_sound(s);
    }
    keep_up(s, DAY + 40 * 3600);
    assert_int_equal(number_in(s, "SELECT count(*) FROM session_batch WHERE state<>1"), 0);
    assert_true(number_in(s, "SELECT min(seq) FROM vouch") > 5);
    assert_int_equal(count_altered(s), 0);
    store_close(s);
}

static const char *const alterations[] = {
    "UPDATE session SET commands=commands+1 WHERE id=1",
    "UPDATE session SET source=x'01020304' WHERE id=2",
    "UPDATE session SET end=end+1 WHERE id=3",
    "UPDATE session SET logged_in=0 WHERE id=3",
    "UPDATE session SET persona=x'41' WHERE id=5",
    "UPDATE session SET hash=x'00' WHERE id=20",
    "UPDATE session SET batch=2 WHERE id=1",
    "UPDATE session_event SET time=time+1 WHERE session=2 AND seq=1",
    "UPDATE session_event SET blob=blob || x'00' WHERE session=20 AND seq=0",
    "UPDATE session_event SET type=5 WHERE session=1 AND seq=3",
    "DELETE FROM session_event WHERE session=1 AND seq=6",
    "INSERT INTO session_event SELECT 4, 99, time, type, blob FROM session_event WHERE session=1 AND seq=3",
    "INSERT INTO session_event SELECT 77, seq, time, type, blob FROM session_event WHERE session=1",
    "DELETE FROM spoken WHERE session=1",
    "UPDATE spoken SET blob=CAST(replace(blob, '#', '$') AS BLOB) WHERE session=20",
    "UPDATE spoken SET session=88 WHERE session=3",
    "DELETE FROM session WHERE id=4",
    "DELETE FROM session WHERE id=1; DELETE FROM session_event WHERE session=1; DELETE FROM spoken WHERE session=1",
    "DELETE FROM session WHERE id=20; DELETE FROM session_event WHERE session=20; DELETE FROM spoken WHERE session=20",
    "INSERT INTO session(id, batch, start, last) VALUES(500, 1, 1, 1)",
    "UPDATE session_batch SET state=2 WHERE id=1",
    "DELETE FROM made",
    "UPDATE made SET blob=x'00'",
};

static void test_alterations(void **state)
{
    (void)state;
    struct told t;
    struct store *s = open_store(STORE_WRITE);
    build_sessions(s);
    keep_up(s, DAY + 9 * 3600);
    store_close(s);
    copy(path_of("teiten.db"), path_of("sound"));
    for (size_t i = 0; i < sizeof alterations / sizeof alterations[0]; i++) {
        alter(alterations[i]);
        s = open_store(STORE_READ);
        if (verify(s, &t).faults == 0)
            fail_msg("not found: %s", alterations[i]);
        store_close(s);
        copy(path_of("sound"), path_of("teiten.db"));
    }
    s = open_store(STORE_READ);
    assert_sound(s);
    store_close(s);
}

/* What was altered before upkeep vouched for it anew stays a fault. */
static void test_altered_before(void **state)
{
    (void)state;
    struct told t;
    struct store *s = open_store(STORE_WRITE);
    build_sessions(s);
    store_close(s);
    alter("UPDATE session SET commands=5, hash=zeroblob(32) WHERE id=2");
    s = open_store(STORE_WRITE);
    keep_up(s, DAY + 9 * 3600);
    assert_int_equal(count_altered(s), 1);
    assert_true(verify(s, &t).faults > 0);
    store_close(s);
}

/* A page of the store is overwritten. */
static void damage(int64_t page)
{
    uint8_t bytes[16384];
    int fd = open(path_of("teiten.db"), O_WRONLY | O_CLOEXEC);
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(lseek(fd, (page - 1) * (int64_t)sizeof bytes, SEEK_SET), (page - 1) * (int64_t)sizeof bytes);
    assert_int_equal(write(fd, bytes, sizeof bytes), sizeof bytes);
    close(fd);
}

/* What cannot be read is a fault; upkeep does the rest all the same, and so does who asks for something else. */
static void test_damaged(void **state)
{
    (void)state;
    struct told t;
    int64_t page[2];
    static const char *const of[] = { "SELECT rootpage FROM sqlite_master WHERE name='session_open'",
                                      "SELECT rootpage FROM sqlite_master WHERE name='session_event'" };
    struct store *s = open_store(STORE_WRITE);
    build_sessions(s);
    for (size_t i = 0; i < 2; i++)
        page[i] = number_in(s, of[i]);
    store_close(s);
    copy(path_of("teiten.db"), path_of("sound"));
    for (size_t i = 0; i < 2; i++) {
        damage(page[i]);
        s = open_store(STORE_WRITE);
        int64_t sealed = number_in(s, "SELECT count(*) FROM segment");
        keep_up(s, DAY + 9 * 3600);
        assert_true(number_in(s, "SELECT count(*) FROM segment") > sealed);
        assert_int_equal(ask(s, (struct session_filter){ .port = -1 }).n, 6);
        assert_int_equal(verify(s, &t).faults > 0, i == 1);
        struct prefix p;
        uint64_t n;
        assert_int_equal(prefix_parse("203.0.113.77", &p), 0);
        assert_int_equal(store_forget(s, &p, &n), i == 1 ? -EUCLEAN : 0);
        store_close(s);
        copy(path_of("sound"), path_of("teiten.db"));
    }
}

static void test_retention(void **state)
{
    (void)state;
    bool compared;
    struct store *s = open_store(STORE_WRITE);
    const struct keep forty = { .minutes = 86400, .flows = 86400, .sessions = 40 * 86400, .zone = "UTC" };
    build_sessions(s);
    keep_up_as(s, DAY + 39 * 86400, &forty);
    assert_sound(s);
    assert_int_equal(number_in(s, "SELECT count(*) FROM session"), 6);
    visit(s, 200, START + 39 * 86400 * US, "198.51.100.4", "router", "id");
    assert_int_equal(store_commit(s), 0);
    keep_up_as(s, DAY + 41 * 86400, &forty);
    assert_sound(s);
    assert_int_equal(number_in(s, "SELECT count(*) FROM session"), 1);
    assert_int_equal(number_in(s, "SELECT count(*) FROM session_event"), 7);
    assert_int_equal(number_in(s, "SELECT count(*) FROM spoken"), 1);
    assert_int_equal(number_in(s, "SELECT count(*) FROM made"), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM session_batch WHERE state=3"), 3);
    struct session_top t = { .topic = TOP_COMMANDS, .from = DAY, .to = DAY + 40 * 86400 };
    assert_int_equal(store_session_top(s, &t, &compared, write_name, NULL), STORE_REFUSED);
    struct buf b;
    buf_init(&b, 400);
    t.from = DAY + 30 * 86400;
    t.before = DAY + 20 * 86400;
    assert_int_equal(store_session_top(s, &t, &compared, write_name, &b), 0);
    assert_false(compared);
    buf_release(&b);
    store_close(s);
    alter("UPDATE session_batch SET state=1 WHERE id=1");
    struct told told;
    s = open_store(STORE_READ);
    assert_true(verify(s, &told).faults > 0);
    store_close(s);
}

/* ---- forgetting ---- */

static uint64_t forget(struct store *s, const char *text)
{
    struct prefix p;
    uint64_t n;
    assert_int_equal(prefix_parse(text, &p), 0);
    assert_int_equal(store_forget(s, &p, &n), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM forgetting"), 0);
    assert_sound(s);
    return n;
}

/* Whether the bytes stand anywhere in a file of the store. */
static bool in_one_file(const char *name, const char *text)
{
    struct stat st;
    int fd = open(path_of(name), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    assert_int_equal(fstat(fd, &st), 0);
    char *all = malloc((size_t)st.st_size + 1);
    assert_non_null(all);
    assert_int_equal(read(fd, all, (size_t)st.st_size), st.st_size);
    close(fd);
    bool found = memmem(all, (size_t)st.st_size, text, strlen(text)) != NULL;
    free(all);
    return found;
}

static bool in_files(const char *text)
{
    return in_one_file("teiten.db", text) || in_one_file("teiten.db-wal", text);
}

/* Typed in pieces, echoed, in commands, URLs and made files; others' addresses stay, also those that begin alike. */
static void test_forget_words(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    build_sessions(s);
    open_one(s, 30, START + 3600 * 5 * US, "203.0.113.9", "router");
    assert_int_equal(say_text(s, 30, START + 1, 0, "wget http://198.5"), 0);
    assert_int_equal(say_text(s, 30, START + 2, 0, "1.99.4/a; ping 198.51.100.44"), 0);
    assert_int_equal(say_text(s, 30, START + 3, 1, "198.51.99.4"), 0);
    assert_int_equal(with_text(s, 30, START + 4, SESSION_COMMAND, FIELD_COMMAND, "wget http://198.51.99.4/a"), 0);
    make_file(s, 30, START + 5, "#!/bin/sh\nwget 198.51.99.4\n", 27, true);
    make_file(s, 30, START + 5, "\177ELF\xc6\x33\x63\x04..", 10, true);
    close_one(s, 30, START + 3600 * 5 * US + 9);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM made"), 3);
    assert_true(in_files("198.51.99.4"));
    assert_int_equal(forget(s, "198.51.99.4"), 1);
    struct buf b = spoken_in(s, 30);
    static const char want[] = "\0wget http://xxxxx\0xxxxxx/a; ping 198.51.100.44\1xxxxxxxxxxx";
    assert_int_equal(b.len, sizeof want - 1);
    assert_memory_equal(b.data, want, b.len);
    buf_release(&b);
    assert_int_equal(ask(s, (struct session_filter){ .port = -1, .command = "http://xxxxxxxxxxx/a" }).n, 1);
    assert_int_equal(number_in(s, "SELECT count(*) FROM made"), 1);
    assert_false(in_files("198.51.99.4"));
    assert_int_equal(forget(s, "198.51.99.4"), 0);
    store_close(s);
}

static int take_command(void *context, const struct session_event *e)
{
    struct buf *b = context;
    if (e->type == SESSION_RUN) {
        assert_int_equal(e->value[FIELD_WORDS].bytes.n, 22);
        assert_memory_equal(e->value[FIELD_WORDS].bytes.data, "./x\0-s\0xxxxxxxxxxxx:80", 22);
    }
    if (e->type == SESSION_COMMAND)
        buf_put(b, e->value[FIELD_COMMAND].bytes.data, e->value[FIELD_COMMAND].bytes.n);
    return 0;
}

static void test_forget_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } row[] = {
        { "198.51.100.4", "xxxxxxxxxxxx" },
        { "http://198.51.100.4:80/a", "http://xxxxxxxxxxxx:80/a" },
        { "a=198.51.100.4,198.51.100.4;b198.51.100.4c", "a=xxxxxxxxxxxx,xxxxxxxxxxxx;bxxxxxxxxxxxxc" },
        { "198.51.100.4.", "xxxxxxxxxxxx." },
        { "10.198.51.100.4", "10.xxxxxxxxxxxx" },
        { "198.51.100.004/24", "xxxxxxxxxxxxxx/24" },
        { "::ffff:198.51.100.4", "::ffff:xxxxxxxxxxxx" },
        { "198.51.100.44 1198.51.100.4 198.51.100.4444", "198.51.100.44 1198.51.100.4 198.51.100.4444" },
        { "198.51.100 198.51..4 .198.51.100. 198.51.100.256", "198.51.100 198.51..4 .198.51.100. 198.51.100.256" },
        { "[2001:db8::5]:80", "[xxxxxxxxxxx]:80" },
        { "2001:DB8:0:0:0::5, 2001:db8::5.", "xxxxxxxxxxxxxxxxx, xxxxxxxxxxx." },
        { "2001:db8::5: fe 2001:db8::5", "xxxxxxxxxxx: fe xxxxxxxxxxx" },
        { "2001:db8::55 12001:db8::5 :::: ::", "2001:db8::55 12001:db8::5 :::: ::" },
        { "2001:db8:0000:0000:0000:0000:0000:0000:0000:0000:0005 5",
          "2001:db8:0000:0000:0000:0000:0000:0000:0000:0000:0005 5" },
        { "\xff\x01" "198.51.100.4\xfe", "\xff\x01xxxxxxxxxxxx\xfe" },
    };
    struct store *s = open_store(STORE_WRITE);
    const size_t n = sizeof row / sizeof row[0];
    struct session_event e;
    for (size_t i = 0; i < n; i++) {
        session_begin(&e, SESSION_RUN, i + 1, START);
        session_set_bytes(&e, FIELD_WORDS, "./x\0-s\0" "198.51.100.4:80", 22);
        open_one(s, i + 1, START, "203.0.113.9", "router");
        assert_int_equal(with_text(s, i + 1, START, SESSION_COMMAND, FIELD_COMMAND, row[i].text), 0);
        assert_int_equal(keep(s, &e), 0);
    }
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(forget(s, "198.51.100.4"), 1);
    assert_int_equal(forget(s, "2001:db8::5"), 1);
    for (size_t i = 0; i < n; i++) {
        struct buf b;
        buf_init(&b, 4096);
        assert_int_equal(store_session_events(s, i + 1, take_command, &b), 0);
        buf_u8(&b, 0);
        assert_string_equal(b.data, row[i].want);
        buf_release(&b);
    }
    store_close(s);
}

static void test_forget_who(void **state)
{
    (void)state;
    struct prefix was, nobody;
    struct store *s = open_store(STORE_WRITE);
    build_sessions(s);
    keep_up(s, DAY + 9 * 3600); /* some kept, some growing */
    assert_int_equal(prefix_parse("198.51.100.4", &was) | prefix_parse("0.0.0.0/8", &nobody), 0);
    assert_int_equal(forget(s, "198.51.100.4"), 1);
    assert_int_equal(ask(s, (struct session_filter){ .port = -1, .source = &was }).n, 0);
    struct list l = ask(s, (struct session_filter){ .port = -1, .source = &nobody });
    assert_int_equal(l.n, 3);
    assert_int_equal(addr_cmp(&l.row[0].source, &l.row[2].source), 0);
    assert_int_equal(forget(s, "2001:db8::/32"), 1);
    assert_int_equal(forget(s, "192.0.2.77"), 1); /* where it was */
    assert_int_equal(ask(s, (struct session_filter){ .port = -1 }).n, 6);
    close_one(s, 5, START + 10 * 3600 * US); /* it goes on under its pseudonym */
    assert_int_equal(store_commit(s), 0);
    keep_up(s, DAY + 12 * 3600);
    assert_sound(s);
    assert_int_equal(count_altered(s), 0);
    store_close(s);
}

/* Whether a call of its own process that dies at a write did so. */
static bool dies_at(long write, const char *text)
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct prefix p;
        uint64_t n;
        struct store *s = open_store(STORE_WRITE);
        writes_left = write;
        _exit(prefix_parse(text, &p) || store_forget(s, &p, &n) ? 3 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 9 || WEXITSTATUS(status) == 0));
    return WEXITSTATUS(status) == 9;
}

/* Kept batches and one that grows, in each some sessions that are met. */
static void build_batches(struct store *s)
{
    for (unsigned h = 0; h < 5; h++) {
        for (unsigned i = 0; i < 20; i++)
            visit(s, 1000 * h + i + 1, START + (h * 7300 + i) * US, i % 3 ? "198.51.100.4" : "198.51.200.8", "router",
                  i % 2 ? "wget http://198.51.100.4/x" : "id");
        open_one(s, 1000 * h + 500, START + h * 7300 * US, "192.0.2.5", "p");
        make_file(s, 1000 * h + 500, START + h * 7300 * US, "198.51.100.4", 12, true);
        close_one(s, 1000 * h + 500, START + (h * 7300 + 1) * US);
        assert_int_equal(store_commit(s), 0);
        keep_up(s, DAY + h * 7300 + 100);
    }
    assert_int_equal(number_in(s, "SELECT count(*) FROM session_batch WHERE state=1"), 4);
}

/* Wherever a call was killed, the store answers and is sound, and the next one ends its work. */
static void test_forget_killed(void **state)
{
    (void)state;
    unsigned deaths = 0;
    struct store *s = open_store(STORE_WRITE);
    build_batches(s);
    store_close(s);
    copy(path_of("teiten.db"), path_of("whole"));
    for (long write = 1; dies_at(write, "198.51.100.4"); write += 1 + write / 8) {
        deaths++;
        s = open_store(STORE_WRITE);
        assert_sound(s);
        assert_int_equal(ask(s, (struct session_filter){ .port = -1, .limit = 3 }).n, 3);
        (void)forget(s, write % 2 ? "198.51.100.4" : "203.0.113.250");
        assert_int_equal(count_altered(s), 0);
        store_close(s);
        if (write % 2)
            assert_false(in_files("198.51.100.4"));
        remove(path_of("teiten.db-wal"));
        remove(path_of("teiten.db-shm"));
        empty(path_of("log"));
        copy(path_of("whole"), path_of("teiten.db"));
    }
    assert_true(deaths > 8);
}

/* ---- older stores ---- */

static void test_older(void **state)
{
    (void)state;
    struct session_facts f;
    bool compared;
    struct store *s = open_store(STORE_WRITE);
    build(s);
    store_close(s);
    alter("DROP TABLE session; DROP TABLE session_batch; DROP TABLE session_event; DROP TABLE spoken; DROP TABLE made;"
          "DROP TABLE sample; DROP TABLE sample_origin; DROP TABLE sample_band; DROP TABLE wanted; DROP TABLE wanted_try;"
          "DROP TABLE fact; ALTER TABLE worker DROP COLUMN sessions; ALTER TABLE worker DROP COLUMN open;"
          "ALTER TABLE worker DROP COLUMN refused; ALTER TABLE worker DROP COLUMN shed;"
          "ALTER TABLE worker DROP COLUMN failed; ALTER TABLE worker DROP COLUMN unsaid;"
          "ALTER TABLE worker DROP COLUMN datagrams; ALTER TABLE worker DROP COLUMN probes;"
          "ALTER TABLE worker DROP COLUMN logins; ALTER TABLE worker DROP COLUMN commands;"
          "ALTER TABLE worker DROP COLUMN others; ALTER TABLE worker DROP COLUMN answered;"
          "ALTER TABLE worker DROP COLUMN unanswered; ALTER TABLE worker DROP COLUMN untold;"
          "ALTER TABLE worker DROP COLUMN lost; PRAGMA user_version=2; UPDATE sensor SET id=id");
    s = open_store(STORE_READ); /* has none, and is sound */
    assert_sound(s);
    assert_int_equal(store_session(s, 1, &f), 1);
    assert_int_equal(ask(s, (struct session_filter){ .port = -1 }).n, 0);
    assert_int_equal(store_session_top(s, &(struct session_top){ .to = DAY }, &compared, write_name, NULL), 0);
    store_close(s);
    s = open_store(STORE_WRITE);
    int64_t events = number_in(s, "SELECT count(*) FROM event WHERE event='begun'");
    assert_int_equal(events, 1);
    visit(s, 1, START, "198.51.100.4", "router", "id");
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(assert_sound(s).sessions, 1);
    store_close(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sound),
        TEST(test_alterations),
        TEST(test_altered_before),
        TEST(test_damaged),
        TEST(test_retention),
        TEST(test_forget_words),
        TEST(test_forget_forms),
        TEST(test_forget_who),
        TEST(test_forget_killed),
        TEST(test_older),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
