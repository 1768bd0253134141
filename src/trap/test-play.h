#pragma once
/*
 * A visitor at a device, for tests: what is said to him and what is seen of him are gathered, time passes as he likes.
 */
#include "trap/conn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)

enum { TURN = 2000, TURNS_MOST = 200000 }; /* steps of a turn, as in trap/loop.c */

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
    struct buf said, events; /* what the device said; a line an event */
    size_t said_at, events_at;
    size_t piece; /* bytes that are sent at once; 0: all */
    bool datagrams; /* they are not cut */
    unsigned decisions;
    char prompt[64]; /* of the shell, once play_way_in() has met it */
};

/* ---- What is seen ---- */

static inline void put_value(struct buf *b, const struct session_event *e, enum session_field f)
{
    char text[ADDR_TEXT + 32];
    const struct session_field_row *row = session_field(f);
    snprintf(text, sizeof text, " %s=", row->name);
    buf_put(b, text, strlen(text));
    if (row->kind == SESSION_TEXT || row->kind == SESSION_WORDS) {
        for (uint32_t i = 0; i < e->value[f].bytes.n; i++) /* an event stays in its line */
            buf_u8(b, e->value[f].bytes.data[i] == '\n' ? '|' : e->value[f].bytes.data[i]);
        return;
    }
    if (row->kind == SESSION_NUMBER || row->kind == SESSION_FLAG) {
        snprintf(text, sizeof text, "%llu", (unsigned long long)e->value[f].number);
        buf_put(b, text, strlen(text));
    }
}

static inline void event(void *context, const struct session_event *e)
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
static inline void decided(void *context, const struct addr *destination, uint64_t fact, bool accepted, int64_t until)
{
    struct play *p = context;
    (void)accepted;
    assert_true(fact && until > p->now && destination->family == 4);
    p->decisions++;
}

/* ---- Playing ---- */

static inline void fail_at(const struct play *p, const char *what, const char *text)
{
    fail_msg("%s:%d (piece %zu): %s: %s\n-- said since:\n%.*s\n-- seen since:\n%.*s", p->name, p->line, p->piece, what, text,
             (int)(p->said.len - p->said_at), (const char *)p->said.data + p->said_at,
             (int)(p->events.len - p->events_at), (const char *)p->events.data + p->events_at);
}

static inline void take_output(struct play *p)
{
    size_t n;
    for (const uint8_t *data; (data = conn_output(p->conn, &n)); conn_sent(p->conn, n))
        buf_put(&p->said, data, n);
}

static inline void run(struct play *p)
{
    p->state = CONN_RUNNING;
    for (int i = 0; p->state == CONN_RUNNING || (p->state == CONN_WAITS && conn_wakes(p->conn) <= p->now); i++) {
        assert_true(i < TURNS_MOST);
        p->state = conn_run(p->conn, TURN, p->now);
        take_output(p);
    }
}

/* Time passes; whatever is due on the way happens. */
static inline void wait_until(struct play *p, int64_t until)
{
    while (p->state != CONN_ENDED && conn_wakes(p->conn) <= until) {
        int64_t when = conn_wakes(p->conn);
        p->now = when > p->now ? when : p->now + 1;
        run(p);
    }
    p->now = until > p->now ? until : p->now;
    run(p);
}

static inline void type(struct play *p, const char *text, size_t n)
{
    size_t piece = p->piece && !p->datagrams ? p->piece : n;
    for (size_t i = 0; i < n; i += piece) {
        conn_input(p->conn, text + i, n - i < piece ? n - i : piece, p->now);
        run(p);
    }
    wait_until(p, p->now + SECOND / 10);
}

/* ---- Sessions ---- */

static inline void play_init(struct play *p, const char *name)
{
    static const uint8_t key[16] = { 7 };
    *p = (struct play){ .name = name, .now = INT64_C(1700000000) * SECOND };
    buf_init(&p->said, 1 << 26);
    buf_init(&p->events, 1 << 26);
    assert_int_equal(pairs_make(&p->pairs, key, 7 * 86400 * SECOND, 1000), 0);
    p->world = (struct conn_world){ .pairs = p->pairs, .context = p, .event = event, .decided = decided };
}

static inline void play_leave(struct play *p)
{
    conn_free(p->conn, "test", p->now);
    p->conn = NULL;
}

static inline void play_release(struct play *p)
{
    play_leave(p);
    pairs_free(p->pairs);
    buf_release(&p->said);
    buf_release(&p->events);
}

/* Another session of the same world, at a service. The persona outlives it. */
static inline void play_visit_at(struct play *p, const struct persona *persona, uint32_t source, uint32_t destination,
                                 enum trap_service service, uint16_t port)
{
    static const uint8_t key[16] = { 7 };
    static uint64_t id = 41;
    play_leave(p);
    p->datagrams = service == SERVICE_NETIS;
    id++;
    struct conn_options o = { .world = &p->world, .service = service, .id = id, .source = addr_v4(source), .destination = addr_v4(destination),
                              .source_port = 40000, .destination_port = port, .now = p->now, .seed = id };
    persona_here_as(persona, key, &o.destination, p->now, &o.here);
    assert_int_equal(conn_make(&p->conn, &o), 0);
    run(p);
    wait_until(p, p->now + SECOND / 10);
}

static inline void play_visit(struct play *p, const struct persona *persona, uint32_t source, uint32_t destination)
{
    play_visit_at(p, persona, source, destination, SERVICE_TELNET, 23);
}

static inline const struct persona *play_persona(const char *id)
{
    const struct persona *persona = personas_find(&personas, id);
    if (!persona)
        fail_msg("no persona %s", id);
    return persona;
}

/* The answer to a line: what was said since, without the line's echo and the prompt behind it. Until the next. */
static inline char *play_ask(struct play *p, const char *line)
{
    size_t from = p->said.len, n = strlen(p->prompt);
    type(p, line, strlen(line));
    type(p, "\r\n", 2);
    wait_until(p, p->now + SECOND);
    buf_u8(&p->said, '\0');
    char *end = (char *)p->said.data + --p->said.len, *at = (char *)p->said.data + from;
    char *echoed = strstr(at, "\r\n");
    for (; echoed && echoed > at && echoed[-1] == '\r'; at = echoed + 2) /* of a line that was too long for the screen */
        echoed = strstr(echoed + 2, "\r\n");
    if (n && (size_t)(end - at) >= n && !strcmp(end - n, p->prompt))
        end[-(ptrdiff_t)n] = '\0';
    return echoed ? echoed + 2 : at;
}

/* Logs in at a persona that lets in anybody, and goes on to its shell, by all words that loaders try. */
static inline void play_way_in(struct play *p, const struct persona *persona)
{
    static const char *const words[] = { "enable", "x", "shell", "sh" };
    p->prompt[0] = '\0';
    if (*persona->login.user_prompt)
        play_ask(p, "root");
    play_ask(p, "x");
    bool in = !persona->cli;
    for (size_t i = 0; !in && i < sizeof words / sizeof words[0]; i++) {
        play_ask(p, words[i]);
        in = strstr(play_ask(p, "echo $((6*7))"), "42\r\n");
    }
    const char *answer = play_ask(p, ""), *prompt = strrchr(answer, '\n');
    prompt = prompt ? prompt + 1 : answer;
    assert_in_range(strlen(prompt), 1, sizeof p->prompt - 1);
    memccpy(p->prompt, prompt, '\0', sizeof p->prompt);
}

/* ---- What was said and seen since what was met last ---- */

static inline bool said_next(struct play *p, const char *text, size_t n)
{
    uint8_t *at = p->said.len - p->said_at >= n ? memmem(p->said.data + p->said_at, p->said.len - p->said_at, text, n) : NULL;
    if (at)
        p->said_at = (size_t)(at + n - p->said.data);
    return at != NULL;
}

/* "login user=root accepted=1": the words stand in the line of an event, each whole. */
static inline bool is_event(const char *line, size_t n, const char *words)
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

static inline bool seen_next(struct play *p, const char *words)
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

/* ---- The personas ---- */

static inline int set_up(void **state)
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

static inline int tear_down(void **state)
{
    (void)state;
    personas_release(&personas);
    return 0;
}

