/*
 * Sessions made of events: kept and asked for.
 */
#include "store/test-sessions.h"

/* ---- keeping ---- */

static void test_keeps(void **state)
{
    (void)state;
    struct session_facts f;
    struct store *s = open_store(STORE_WRITE), *reader = open_store(STORE_READ);
    open_one(s, 7, START, "198.51.100.4", "recorder");
    assert_int_equal(with_text(s, 7, START + 1, SESSION_CLIENT, FIELD_TERMINAL, "vt100"), 0);
    assert_int_equal(store_session(reader, 7, &f), 1);
    assert_int_equal(store_commit(s), 0);
    login(s, 7, START + US, "root", "", true);
    struct session_event e;
    session_begin(&e, SESSION_CLIENT, 7, START + 2);
    session_set_bytes(&e, FIELD_NEGOTIATION, "\xfd\x01", 2);
    assert_int_equal(keep(s, &e), 0);
    assert_int_equal(with_text(s, 7, START + 2 * US, SESSION_COMMAND, FIELD_COMMAND, "id"), 0);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(store_session(reader, 7, &f), 0);
    assert_int_equal(f.end, 0);
    close_one(s, 7, START + 3 * US);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(store_session(reader, 7, &f), 0);
    assert_true(f.id == 7 && f.start == START && f.end == START + 3 * US && f.last == f.end);
    assert_true(f.logged_in && f.commands == 1 && f.downloads == 0 && f.events == 6);
    assert_true(f.source_port == 40000 && f.destination_port == 23);
    assert_string_equal(f.service, "telnet");
    assert_string_equal(f.persona, "recorder");
    assert_string_equal(f.client, "fd01 vt100");
    struct addr source = address("198.51.100.4");
    assert_int_equal(addr_cmp(&f.source, &source), 0);
    unsigned types[SESSION_TYPES] = { 0 };
    assert_int_equal(store_session_events(reader, 7, count_event, types), 0);
    assert_true(types[SESSION_OPEN] == 1 && types[SESSION_CLIENT] == 2 && types[SESSION_CLOSE] == 1);
    store_close(reader);
    store_close(s);
}

static void test_strays(void **state)
{
    (void)state;
    struct session_event e;
    struct store *s = open_store(STORE_WRITE);
    assert_int_equal(login(s, 1, START, "a", "b", true), STORE_STRAY);
    open_one(s, 1, START, "198.51.100.4", "p");
    session_begin(&e, SESSION_OPEN, 1, START);
    assert_int_equal(keep(s, &e), STORE_STRAY);
    close_one(s, 1, START + 1);
    assert_int_equal(say_text(s, 1, START + 2, 0, "x"), STORE_STRAY);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(say_text(s, 1, START + 2, 0, "x"), STORE_STRAY);
    assert_int_equal(keep(s, &e), STORE_STRAY);
    session_begin(&e, SESSION_OPEN, 2, INT64_MAX);
    assert_int_equal(keep(s, &e), STORE_STRAY);
    /* What is rolled back never was. */
    open_one(s, 3, START, "198.51.100.4", "p");
    store_rollback(s);
    assert_int_equal(login(s, 3, START, "a", "b", true), STORE_STRAY);
    for (uint64_t id = 100; id < 700; id++)
        open_one(s, id, START, "198.51.100.4", "p");
    for (uint64_t id = 100; id < 700; id++)
        close_one(s, id, START + 9);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM session"), 601);
    assert_sound(s);
    store_close(s);
}

/* Pieces come back as they went in, whatever blobs they lie in; past the cap they are counted. */
static void test_transcript(void **state)
{
    (void)state;
    struct buf want, got;
    struct session_facts f;
    struct store *s = open_store(STORE_WRITE);
    store_session_rules(s, &(struct session_rules){ .transcript = 60000 });
    buf_init(&want, 1 << 20);
    open_one(s, 9, START, "198.51.100.4", "p");
    size_t said = 0, unsaid = 0;
    for (unsigned i = 0; i < 300; i++) {
        uint8_t piece[512];
        size_t n = 1 + pick(sizeof piece);
        for (size_t k = 0; k < n; k++)
            piece[k] = (uint8_t)("abcd "[pick(5)]);
        assert_int_equal(say(s, 9, START + i, i % 2, piece, n), 0);
        if (!unsaid && said + n <= 60000) {
            said += n;
            buf_u8(&want, i % 2);
            buf_put(&want, piece, n);
        } else {
            unsaid += n;
        }
        if (i % 7 == 0) {
            assert_int_equal(store_commit(s), 0);
            assert_sound(s);
        }
    }
    for (unsigned closed = 0; closed < 2; closed++) {
        if (closed)
            close_one(s, 9, START + US);
        assert_int_equal(store_commit(s), 0);
        got = spoken_in(s, 9);
        assert_int_equal(got.len, want.len);
        assert_memory_equal(got.data, want.data, want.len);
        buf_release(&got);
    }
    assert_int_equal(store_session(s, 9, &f), 0);
    assert_true(f.spoken == said && f.unspoken == unsaid && unsaid > 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM spoken"), 4);
    assert_int_equal(number_in(s, "SELECT count(*) FROM spoken WHERE packed=0"), 0);
    assert_true(number_in(s, "SELECT sum(length(blob)) FROM spoken") < 30000);
    assert_sound(s);
    buf_release(&want);
    store_close(s);
}

/* Once, under its own hash; what is cut or lies about it is not kept. */
static void test_made(void **state)
{
    (void)state;
    struct buf b;
    uint8_t hash[SHA256_BYTES];
    struct store *s = open_store(STORE_WRITE);
    open_one(s, 1, START, "198.51.100.4", "p");
    make_file(s, 1, START, "one", 3, true);
    make_file(s, 1, START + 1, "two", 3, false);
    open_one(s, 2, START, "198.51.100.5", "p");
    make_file(s, 2, START + 9, "one", 3, true);
    close_one(s, 1, START + 20);
    close_one(s, 2, START + 20);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM made"), 1);
    assert_int_equal(number_in(s, "SELECT last FROM made"), START + 9);
    buf_init(&b, 100);
    hash_of("one", 3, hash);
    assert_int_equal(store_made(s, hash, &b), 0);
    assert_int_equal(b.len, 3);
    assert_memory_equal(b.data, "one", 3);
    hash[0]++;
    assert_int_equal(store_made(s, hash, &b), 1);
    buf_release(&b);
    assert_sound(s);
    store_close(s);
}

/* Of what is made beyond what may be kept only the hash is; after a restart, too. */
static void test_made_most(void **state)
{
    (void)state;
    static char file[3][500];
    struct buf b;
    uint8_t hash[SHA256_BYTES];
    buf_init(&b, 1000);
    uint32_t random = 1;
    for (size_t i = 0; i < sizeof file; i++)
        file[i / sizeof file[0]][i % sizeof file[0]] = (char)((random = random * 1103515245u + 12345) >> 16); /* not to be packed */
    for (int i = 0; i < 3; i++) {
        struct store *s = open_store(STORE_WRITE);
        store_session_rules(s, &(struct session_rules){ .remember = 86400, .transcript = 1000, .made = 1200 });
        open_one(s, (uint64_t)i + 1, START, "198.51.100.4", "p");
        make_file(s, (uint64_t)i + 1, START + i, file[i], sizeof file[i], true);
        close_one(s, (uint64_t)i + 1, START + 20);
        assert_int_equal(store_commit(s), 0);
        hash_of(file[i], sizeof file[i], hash);
        assert_int_equal(store_made(s, hash, &b), i < 2 ? 0 : 1);
        buf_reset(&b);
        assert_sound(s);
        store_close(s);
    }
    buf_release(&b);
}

static void test_lost(void **state)
{
    (void)state;
    struct session_facts f;
    struct store *s = open_store(STORE_WRITE);
    for (uint64_t id = 1; id <= 100; id++)
        open_one(s, id, START + (int64_t)id, "198.51.100.4", "p");
    assert_int_equal(store_sessions_lost(s, START + 51), 0);
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM session WHERE end IS NULL"), 50);
    assert_int_equal(store_session(s, 50, &f), 0);
    assert_int_equal(f.events, 2);
    uint64_t greatest;
    assert_int_equal(store_session_greatest(s, &greatest), 0);
    assert_int_equal(greatest, 100);
    assert_int_equal(store_sessions_left(s, 75, 8, 3), 0); /* 51, 59, 67, 75 */
    assert_int_equal(store_commit(s), 0);
    assert_int_equal(number_in(s, "SELECT count(*) FROM session WHERE end IS NULL"), 46);
    assert_int_equal(number_in(s, "SELECT count(*) FROM session WHERE end IS NULL AND id % 8 = 3"), 3);
    keep_up(s, DAY + 86400 + 60);
    assert_int_equal(number_in(s, "SELECT count(*) FROM session WHERE end IS NULL"), 0);
    assert_sound(s);
    store_close(s);
}

/* ---- all of one, in its order ---- */

static int note_type(void *context, const struct session_event *e)
{
    struct buf *b = context;
    buf_print(b, "%s ", session_type_name(e->type));
    if (e->type == SESSION_SPOKEN)
        buf_print(b, "(%llu %.*s) ", (unsigned long long)session_number(e, FIELD_AT),
                  (int)e->value[FIELD_DATA].bytes.n, (const char *)e->value[FIELD_DATA].bytes.data);
    return 0;
}

static void assert_told(struct store *s, uint64_t id, const char *want)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    assert_int_equal(store_session_told(s, id, note_type, &b), 0);
    buf_u8(&b, 0);
    assert_string_equal(b.data, want);
    buf_release(&b);
}

static int end_at_once(void *context, const struct session_event *e)
{
    unsigned *n = context;
    ++*n;
    return e->type == SESSION_SPOKEN ? 7 : 0;
}

/* A piece comes before what it led to, after the opening, and none after the end; whatever a worker says of its time. */
static void test_told(void **state)
{
    (void)state;
    unsigned n = 0;
    struct session_event e;
    struct store *s = open_store(STORE_WRITE);
    open_one(s, 1, START, "198.51.100.4", "p");
    assert_int_equal(say_text(s, 1, START, 1, "login: "), 0);
    assert_int_equal(say_text(s, 1, START + 5, 0, "root"), 0);
    login(s, 1, START + 5, "root", "a", true);
    assert_int_equal(say_text(s, 1, START + 6, 1, "# "), 0);
    assert_int_equal(with_text(s, 1, START + 9, SESSION_COMMAND, FIELD_COMMAND, "ps"), 0);
    session_begin(&e, SESSION_SPOKEN, 1, START + 10);
    session_set(&e, FIELD_AT, UINT64_MAX);
    session_set_text(&e, FIELD_DATA, "late");
    assert_int_equal(keep(s, &e), 0);
    close_one(s, 1, START + 11);
    open_one(s, 2, START + 20, "198.51.100.4", "p");
    assert_int_equal(say_text(s, 2, START + 30, 1, "#"), 0);
    assert_int_equal(store_commit(s), 0);
    assert_told(s, 1, "open spoken (0 login: ) spoken (5 root) login spoken (6 # ) command"
                      " spoken (18446744073709551615 late) close ");
    assert_told(s, 2, "open spoken (30 #) ");
    assert_told(s, 3, "");
    assert_int_equal(store_session_told(s, 1, end_at_once, &n), 7);
    assert_int_equal(n, 2);
    struct list l = ask(s, (struct session_filter){ .port = -1, .oldest_first = true });
    assert_true(l.n == 2 && l.row[0].id == 1 && l.row[1].id == 2);
    struct prefix p;
    assert_int_equal(prefix_parse("198.51.100.0/24", &p), 0);
    l = ask(s, (struct session_filter){ .port = -1, .oldest_first = true, .source = &p, .limit = 1 });
    assert_true(l.n == 1 && l.row[0].id == 1);
    store_close(s);
}

/* ---- asking ---- */

static void test_filter(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    fill(s);
    struct prefix one, wide, six;
    assert_int_equal(prefix_parse("198.51.100.4", &one) | prefix_parse("198.51.0.0/16", &wide) |
                             prefix_parse("2001:db8::/32", &six), 0);
    static const char ids[][6] = { "54321", "521", "5321", "4",  "32", "4321", "",
                                     "1",     "432", "",     "432", "1", "54",   "54321" };
    const struct session_filter f[] = {
        { .port = -1 }, { .port = -1, .source = &one }, { .port = -1, .source = &wide }, { .port = -1, .source = &six },
        { .port = -1, .command = "uname" }, { .port = -1, .user = "root", .password = "xc3511" },
        { .port = -1, .user = "root", .password = "xc" }, { .port = 23, .persona = "recorder" },
        { .port = -1, .persona = "router", .user = "root" }, { .port = 80 },
        { .port = -1, .password = "wrong", .persona = "router" }, { .port = -1, .until = DAY + 60 },
        { .port = -1, .since = DAY + 7201 }, { .port = 23 },
    };
    for (size_t i = 0; i < sizeof f / sizeof f[0]; i++) {
        struct list l = ask(s, f[i]);
        assert_int_equal(l.n, strlen(ids[i]));
        for (size_t k = 0; k < l.n; k++)
            assert_int_equal(l.row[k].id, (uint64_t)(ids[i][k] - '0'));
    }
    assert_int_equal(ask(s, (struct session_filter){ .port = -1, .limit = 2 }).n, 2);
    store_close(s);
}

static int take_source(void *context, const struct session_source *r)
{
    struct session_source *last = context;
    *last = *r;
    return 0;
}

static void test_top(void **state)
{
    (void)state;
    bool compared;
    struct store *s = open_store(STORE_WRITE);
    fill(s);
    static const char *const want[SESSION_TOPICS] = { /* NULL: nothing of that */
        [TOP_CREDENTIALS] = "root/wrong 2 2 1 2 1;root/xc3511 2 2 2 2 2;",
        [TOP_COMMANDS] = "ps 1 1 1 0 0;uname -a 1 1 2 1 2;",
        [TOP_DOWNLOADS] = "http://198.51.100.9/m.sh 2 2 1 2 1;",
        [TOP_PERSONAS] = "router 3 3 1 1 2;",
        [TOP_UNKNOWN] = "dvrHelper 2 2 1 2 1;",
    };
    for (unsigned i = 0; i < SESSION_TOPICS; i++) {
        struct buf b;
        buf_init(&b, 4096);
        const struct session_top t = { .topic = i, .before = DAY - 1000, .from = DAY + 3600, .to = DAY + 9001 };
        assert_int_equal(store_session_top(s, &t, &compared, write_name, &b), 0);
        buf_u8(&b, 0);
        assert_string_equal(b.data, want[i] ? want[i] : "");
        assert_true(compared);
        buf_release(&b);
    }
    struct prefix who;
    struct session_source source;
    assert_int_equal(prefix_parse("198.51.100.0/24", &who), 0);
    const struct session_filter f = { .port = -1, .source = &who };
    assert_int_equal(store_session_sources(s, &f, take_source, &source), 0);
    assert_true(source.sessions == 3 && source.logged_in == 2 && source.commands == 2 && source.downloads == 2);
    assert_true(source.first == DAY && source.last == DAY + 9000);
    store_close(s);
}

/* ---- ports that no service is behind ---- */

static void open_other(struct store *s, uint64_t id, const char *source, const char *protocol)
{
    struct session_event e;
    struct addr from = address(source), to = address("192.0.2.77");
    session_begin(&e, SESSION_OPEN, id, START);
    session_set_address(&e, FIELD_SOURCE, &from);
    session_set_address(&e, FIELD_DESTINATION, &to);
    session_set(&e, FIELD_DESTINATION_PORT, 5555);
    session_set_text(&e, FIELD_SERVICE, "other");
    session_set_text(&e, FIELD_PERSONA, "camera");
    assert_int_equal(keep(s, &e), 0);
    assert_int_equal(say_text(s, id, START + US, 0, "hello"), 0);
    if (protocol)
        assert_int_equal(with_text(s, id, START + US, SESSION_PROTOCOL, FIELD_PROTOCOL, protocol), 0);
    close_one(s, id, START + 2 * US);
}

static void test_protocols(void **state)
{
    (void)state;
    static const struct {
        const char *source, *protocol;
    } who[] = { { "198.51.100.4", "adb" }, { "198.51.100.4", "adb" }, { "198.51.100.5", "tls" },
                { "198.51.100.6", NULL },  { "2001:db8::4", "adb" } };
    bool compared;
    struct session_facts f;
    struct store *s = open_store(STORE_WRITE);
    struct buf b;
    buf_init(&b, 4096);
    for (uint64_t i = 0; i < 5; i++)
        open_other(s, i + 1, who[i].source, who[i].protocol);
    open_one(s, 9, START, "198.51.100.7", "camera");
    assert_int_equal(store_commit(s), 0);
    for (uint64_t i = 0; i < 5; i++) {
        assert_int_equal(store_session(s, i + 1, &f), 0);
        assert_string_equal(f.service, "other");
        assert_string_equal(f.protocol, who[i].protocol ? who[i].protocol : "");
    }
    struct list l = ask(s, (struct session_filter){ .port = 5555 });
    assert_int_equal(l.n, 5);
    assert_string_equal(l.row[0].protocol, "adb");
    assert_int_equal(store_session(s, 9, &f), 0);
    assert_string_equal(f.protocol, "");
    const struct session_top t = { .topic = TOP_PROTOCOLS, .before = DAY - 60, .from = DAY, .to = DAY + 60 };
    assert_int_equal(store_session_top(s, &t, &compared, write_name, &b), 0);
    buf_u8(&b, 0);
    assert_string_equal(b.data, "adb 3 2 1 0 0;tls 1 1 2 0 0;");
    assert_sound(s);
    buf_release(&b);
    store_close(s);
}

/* A request that names no known way in is none of them. */
static void test_entries(void **state)
{
    (void)state;
    static const char *const entries[] = { "gpon-diag", NULL, "jaws-shell", "gpon-diag" };
    bool compared;
    struct store *s = open_store(STORE_WRITE);
    struct buf b;
    buf_init(&b, 4096);
    open_one(s, 1, START, "198.51.100.7", "camera");
    for (uint64_t i = 0; i < 4; i++) {
        struct session_event e;
        session_begin(&e, SESSION_REQUEST, 1, START + US);
        session_set_text(&e, FIELD_TARGET, "/x");
        if (entries[i])
            session_set_text(&e, FIELD_ENTRY, entries[i]);
        assert_int_equal(keep(s, &e), 0);
    }
    close_one(s, 1, START + 2 * US);
    assert_int_equal(store_commit(s), 0);
    const struct session_top t = { .topic = TOP_ENTRIES, .before = DAY - 60, .from = DAY, .to = DAY + 60 };
    assert_int_equal(store_session_top(s, &t, &compared, write_name, &b), 0);
    buf_u8(&b, 0);
    assert_string_equal(b.data, "gpon-diag 2 1 1 0 0;jaws-shell 1 1 2 0 0;");
    buf_release(&b);
    store_close(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_keeps),
        TEST(test_protocols),
        TEST(test_entries),
        TEST(test_strays),
        TEST(test_transcript),
        TEST(test_made),
        TEST(test_made_most),
        TEST(test_lost),
        TEST(test_told),
        TEST(test_filter),
        TEST(test_top),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
