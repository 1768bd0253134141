#include "trap/conn-inside.h"

#include "base/sha256.h"

#include <string.h>

static void output(void *context, int stream, const void *data, size_t n)
{
    struct conn *c = context;
    c->stream = (uint8_t)stream;
    if (c->service->shell_said)
        c->service->shell_said(c, data, n);
    else
        conn_say(c, data, n);
}

/* ---- What is run ---- */

static void set_words(struct session_event *e, struct buf *words, char *const *argv)
{
    for (; argv && *argv; argv++)
        buf_put(words, *argv, strlen(*argv) + 1);
    if (buf_ok(words) && words->len)
        session_set_bytes(e, FIELD_WORDS, words->data, words->len - 1);
}

static void set_content(struct session_event *e, const struct shell_ran *what, uint8_t hash[static SHA256_BYTES])
{
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, what->content, what->n);
    sha256_end(&h, hash);
    session_set_bytes(e, FIELD_SHA256, hash, SHA256_BYTES);
    session_set(e, FIELD_SIZE, what->n);
}

/* A file that the visitor made is told with its bytes. */
static void ran(void *context, const struct shell_ran *what)
{
    enum { WORDS_MOST = 8 << 10 };
    struct conn *c = context;
    struct session_event e;
    struct buf words;
    uint8_t hash[SHA256_BYTES];
    record_flush(c);
    buf_init(&words, WORDS_MOST);
    if (what->made) {
        session_begin(&e, SESSION_FILE, c->id, c->now);
        session_set_text(&e, FIELD_PATH, what->path);
        set_content(&e, what, hash);
        if (what->n <= CONTENT_MOST - c->content) {
            session_set_bytes(&e, FIELD_CONTENT, what->content, what->n);
            c->content += (uint32_t)what->n;
        }
        record_event(c, &e);
    }
    session_begin(&e, SESSION_RUN, c->id, c->now);
    session_set_text(&e, FIELD_PATH, what->path);
    set_words(&e, &words, what->argv);
    set_content(&e, what, hash);
    session_set(&e, FIELD_MADE, what->made);
    session_set(&e, FIELD_FOREIGN, what->foreign);
    record_event(c, &e);
    buf_release(&words);
}

/* ---- Commands ---- */

static void command(void *context, const char *text, size_t n)
{
    struct conn *c = context;
    record_command(c, text, n, c->now);
}

static void status(void *context, int value)
{
    struct conn *c = context;
    struct session_event e;
    session_begin(&e, SESSION_STATUS, c->id, c->now);
    session_set(&e, FIELD_STATUS, (uint64_t)(uint8_t)value);
    record_event(c, &e);
}

static void unknown(void *context, const char *name, const char *answer)
{
    record_unknown(context, name, strlen(name), answer, strlen(answer));
}

const struct shell_hook conn_hook = { .output = output, .fetch = conn_fetch, .ran = ran,
                                      .command = command, .status = status, .unknown = unknown };
