/* Connections as their owner sees them: the transcripts of tests/transcripts, whole and in pieces, and what they cost. */
#include "trap/conn.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)

enum { TEXT_MOST = 4096, TURN = 20000, TURNS_MOST = 10000 };

static struct personas personas;
static const char *source_folder;

struct play {
    const char *name;
    int line;
    struct conn *conn;
    struct pairs *pairs;
    struct conn_world world;
    int64_t now;
    enum conn_state state;
    bool over;
    struct buf said, events; /* what the device said; a line an event */
    size_t said_at, events_at;
    size_t piece; /* bytes that are sent at once; 0: all */
    unsigned decisions;
};

/* ---- What is seen ---- */

static void put_value(struct buf *b, const struct session_event *e, enum session_field f)
{
    char text[ADDR_TEXT + 32];
    const struct session_field_row *row = session_field(f);
    snprintf(text, sizeof text, " %s=", row->name);
    buf_put(b, text, strlen(text));
    if (row->kind == SESSION_TEXT || row->kind == SESSION_WORDS) {
        buf_put(b, e->value[f].bytes.data, e->value[f].bytes.n);
        return;
    }
    if (row->kind == SESSION_NUMBER || row->kind == SESSION_FLAG) {
        snprintf(text, sizeof text, "%llu", (unsigned long long)e->value[f].number);
        buf_put(b, text, strlen(text));
    }
}

static void event(void *context, const struct session_event *e)
{
    struct play *p = context;
    struct session_event again;
    struct buf binary;
    buf_init(&binary, 1 << 20);
    session_put(&binary, e);
    assert_int_equal(session_get(rd_init(binary.data, binary.len), &again), 0);
    assert_true(again.has == e->has && again.type == e->type);
    buf_release(&binary);
    const char *type = session_type_name(e->type);
    buf_put(&p->events, type, strlen(type));
    for (enum session_field f = 0; f < SESSION_FIELDS; f++)
        if (session_has(e, f))
            put_value(&p->events, e, f);
    buf_put(&p->events, " \n", 2);
}

/* What is decided of a pair holds from now on. */
static void decided(void *context, const struct addr *destination, uint64_t fact, bool accepted, int64_t until)
{
    struct play *p = context;
    (void)accepted;
    assert_true(fact && until > p->now && destination->family == 4);
    p->decisions++;
}

/* ---- Playing ---- */

static void fail_at(const struct play *p, const char *what, const char *text)
{
    fail_msg("%s:%d (piece %zu): %s: %s\n-- said since:\n%.*s\n-- seen since:\n%.*s", p->name, p->line, p->piece, what, text,
             (int)(p->said.len - p->said_at), (const char *)p->said.data + p->said_at,
             (int)(p->events.len - p->events_at), (const char *)p->events.data + p->events_at);
}

static void take_output(struct play *p)
{
    size_t n;
    const uint8_t *data = conn_output(p->conn, &n);
    buf_put(&p->said, data, n);
    conn_sent(p->conn, n);
}

static void run(struct play *p)
{
    p->state = CONN_RUNNING;
    for (int i = 0; p->state == CONN_RUNNING; i++) {
        assert_true(i < TURNS_MOST);
        p->state = conn_run(p->conn, TURN, p->now);
        take_output(p);
    }
}

/* Time passes; whatever is due on the way happens. */
static void wait_until(struct play *p, int64_t until)
{
    while (p->state != CONN_ENDED && conn_wakes(p->conn) <= until) {
        int64_t when = conn_wakes(p->conn);
        p->now = when > p->now ? when : p->now + 1;
        run(p);
    }
    p->now = until > p->now ? until : p->now;
    run(p);
}

static void type(struct play *p, const char *text, size_t n)
{
    size_t piece = p->piece ? p->piece : n;
    for (size_t i = 0; i < n; i += piece) {
        conn_input(p->conn, text + i, n - i < piece ? n - i : piece, p->now);
        run(p);
    }
    wait_until(p, p->now + SECOND / 10);
}

static size_t unescape(char *text)
{
    char *to = text;
    for (const char *at = text; *at; at++) {
        if (*at != '\\') {
            *to++ = *at;
            continue;
        }
        at++;
        const char *names = "rnt\\", *means = "\r\n\t\\", *found = strchr(names, *at);
        if (*at == 'x') {
            *to++ = (char)strtoul((char[]){ at[1], at[2], '\0' }, NULL, 16);
            at += 2;
        } else {
            assert_non_null(found);
            *to++ = means[found - names];
        }
    }
    *to = '\0';
    return (size_t)(to - text);
}

static void begin(struct play *p, const char *id)
{
    static const uint8_t key[16] = { 7 };
    struct conn_options o = { .world = &p->world, .id = 42, .source = addr_v4(0xc0000201), .destination = addr_v4(0xcb007105),
                              .source_port = 40000, .destination_port = 23, .now = p->now, .seed = 1 };
    const struct persona *persona = personas_find(&personas, id);
    if (!persona)
        fail_at(p, "no persona", id);
    persona_here_as(persona, key, &o.destination, p->now, &o.here);
    assert_int_equal(pairs_make(&p->pairs, key, 7 * 86400 * SECOND, 1000), 0);
    p->world = (struct conn_world){ .pairs = p->pairs, .context = p, .event = event, .decided = decided };
    assert_int_equal(conn_make(&p->conn, &o), 0);
    run(p);
}

static bool said_next(struct play *p, const char *text, size_t n)
{
    uint8_t *at = p->said.len - p->said_at >= n ? memmem(p->said.data + p->said_at, p->said.len - p->said_at, text, n) : NULL;
    if (at)
        p->said_at = (size_t)(at + n - p->said.data);
    return at != NULL;
}

/* "login user=root accepted=1": the words stand in the line of an event, each whole. */
static bool is_event(const char *line, size_t n, const char *words)
{
    size_t type = strcspn(words, " ");
    if (n < type || memcmp(line, words, type) || line[type] != ' ')
        return false;
    for (const char *word = words + type; *word;) {
        size_t length = 1 + strcspn(word + 1, " ");
        char *at = memmem(line, n, word, length);
        if (!at || at[length] != ' ')
            return false;
        word += length;
    }
    return true;
}

static bool seen_next(struct play *p, const char *words)
{
    const char *at = (const char *)p->events.data + p->events_at, *end = (const char *)p->events.data + p->events.len;
    while (p->events.data && at < end) {
        const char *line = at;
        at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
        if (is_event(line, (size_t)(at - line), words)) {
            p->events_at = (size_t)(at - (const char *)p->events.data);
            return true;
        }
    }
    return false;
}

static void expect_end(struct play *p, const char *reason)
{
    char words[TEXT_MOST + 16];
    if (p->state != CONN_ENDED)
        fail_at(p, "still open", reason);
    conn_free(p->conn, "test", p->now);
    p->conn = NULL;
    snprintf(words, sizeof words, "close reason=%s", reason);
    size_t at = p->events_at;
    if (!seen_next(p, words))
        fail_at(p, "ended otherwise", reason);
    p->events_at = at;
}

static void play_line(struct play *p, char *line)
{
    char *text = line + (line[1] == ' ' ? 2 : 0);
    if (!*line || *line == '#')
        return;
    if (!strncmp(line, "persona ", 8))
        begin(p, line + 8);
    else if (!strncmp(line, "end ", 4))
        expect_end(p, line + 4);
    else if (*line == '@')
        wait_until(p, p->now + strtol(text, NULL, 10) * SECOND);
    else if (*line == '!' && !seen_next(p, text))
        fail_at(p, "not seen", text);
    else if (*line == '>')
        type(p, text, unescape(text));
    else if (*line == '<' && !said_next(p, text, unescape(text)))
        fail_at(p, "not said", text);
}

static void play_file(const char *path, const char *name, size_t piece)
{
    char line[TEXT_MOST];
    struct play p = { .name = name, .piece = piece, .now = INT64_C(1700000000) * SECOND };
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    buf_init(&p.said, 1 << 24);
    buf_init(&p.events, 1 << 24);
    while (fgets(line, sizeof line, f)) {
        p.line++;
        line[strcspn(line, "\n")] = '\0';
        play_line(&p, line);
    }
    fclose(f);
    conn_free(p.conn, "test", p.now);
    pairs_free(p.pairs);
    buf_release(&p.said);
    buf_release(&p.events);
}

static void play_all(size_t piece)
{
    char folder[1024], path[2048];
    snprintf(folder, sizeof folder, "%s/tests/transcripts", source_folder);
    DIR *d = opendir(folder);
    assert_non_null(d);
    size_t n = 0;
    for (struct dirent *e; (e = readdir(d));) {
        const char *dot = strrchr(e->d_name, '.');
        if (!dot || strcmp(dot, ".txt"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        play_file(path, e->d_name, piece);
        n++;
    }
    closedir(d);
    assert_true(n >= 4);
}

static void transcripts(void **state)
{
    (void)state;
    play_all(0);
}

/* The same where each byte comes alone. */
static void in_pieces(void **state)
{
    (void)state;
    play_all(1);
    play_all(7);
}

/* ---- What a held connection costs (issue's figures: 4 kB, 16 kB after a small file) ---- */

static void costs(void **state)
{
    (void)state;
    struct play p = { .name = "costs", .now = INT64_C(1700000000) * SECOND };
    buf_init(&p.said, 1 << 24);
    buf_init(&p.events, 1 << 24);
    begin(&p, "hi3518-camera");
    type(&p, "root\r\n", 6);
    type(&p, "x\r\n", 3);
    conn_input(p.conn, "ls\r\n", 4, p.now);
    wait_until(&p, p.now + SECOND);
    assert_int_equal(p.decisions, 1);
    print_message("held: %zu bytes\n", conn_memory(p.conn));
    assert_true(conn_memory(p.conn) <= 4096);
    type(&p, "echo x > /tmp/f\r\n", 17);
    print_message("after a file: %zu bytes\n", conn_memory(p.conn));
    assert_true(conn_memory(p.conn) <= 16384);
    conn_free(p.conn, "test", p.now);
    pairs_free(p.pairs);
    buf_release(&p.said);
    buf_release(&p.events);
}

/* Suboptions without end, bytes without a line, output that nobody takes. */
static void bounded(void **state)
{
    (void)state;
    static uint8_t noise[65536];
    struct play p = { .name = "bounded", .now = INT64_C(1700000000) * SECOND };
    buf_init(&p.said, 1 << 24);
    buf_init(&p.events, 1 << 26);
    begin(&p, "hi3518-camera");
    memset(noise, 'a', sizeof noise);
    memcpy(noise, "\377\372\030", 3);
    for (size_t i = 0; i < 64; i++) {
        conn_input(p.conn, noise + (i % 16) * 4096, 4096, p.now);
        run(&p);
        assert_true(conn_memory(p.conn) <= 128 << 10);
    }
    conn_free(p.conn, "test", p.now);
    pairs_free(p.pairs);
    begin(&p, "hi3518-camera");
    type(&p, "root\r\nx\r\n", 9);
    type(&p, "x\r\n", 3);
    conn_input(p.conn, "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done\r\n", 59, p.now);
    for (int i = 0; i < 1000; i++) {
        (void)conn_run(p.conn, TURN, p.now);
        assert_true(conn_memory(p.conn) <= 512 << 10);
    }
    conn_free(p.conn, "test", p.now);
    pairs_free(p.pairs);
    buf_release(&p.said);
    buf_release(&p.events);
}

static int set_up(void **state)
{
    char folder[1024], why[200] = "";
    (void)state;
    source_folder = getenv("TEITEN_SOURCE");
    if (!source_folder)
        source_folder = ".";
    snprintf(folder, sizeof folder, "%s/personas", source_folder);
    int e = personas_load(&personas, folder, why);
    if (e)
        print_error("%s: %s\n", folder, why);
    return e;
}

static int tear_down(void **state)
{
    (void)state;
    personas_release(&personas);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transcripts),
        cmocka_unit_test(in_pieces),
        cmocka_unit_test(costs),
        cmocka_unit_test(bounded),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
