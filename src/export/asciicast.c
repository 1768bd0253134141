#include "export/asciicast.h"

#include "base/text.h"
#include "base/time.h"
#include "event/session-json.h"

#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

enum { COLUMNS = 80, ROWS = 24, CHAR_LONGEST = 4 };

/* ---- Text as it was, in a JSON string ---- */

/* Code points that show nothing: the format wants these escaped. */
static bool unseen(uint32_t point)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        { 0, 0x1f },        { 0x7f, 0x9f },     { 0xad, 0xad },
        { 0x61c, 0x61c },   { 0x200b, 0x200f }, { 0x2028, 0x202e },
        { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    return false;
}

static void put_char(struct buf *b, const uint8_t *bytes, size_t n, uint32_t point)
{
    static const char named[] = "\nn\rr\tt\"\"\\\\";
    for (const char *at = named; *at; at += 2) {
        if ((uint32_t)at[0] == point) {
            buf_print(b, "\\%c", at[1]);
            return;
        }
    }
    if (unseen(point))
        buf_print(b, "\\u%04x", (unsigned)point);
    else
        buf_put(b, bytes, n);
}

/* Whether a character may yet become of these bytes: with the lowest or highest to follow it does. */
static bool may_become(const struct asciicast_held *h)
{
    static const uint8_t ends[] = { 0x80, 0xbf };
    for (size_t i = 0; i < sizeof ends; i++) {
        char trial[CHAR_LONGEST];
        uint32_t point;
        memset(trial, ends[i], sizeof trial);
        memcpy(trial, h->bytes, h->n);
        if (text_char(trial, sizeof trial, &point) > h->n)
            return true;
    }
    return false;
}

static void drop(struct asciicast_held *h, size_t n)
{
    h->n -= n;
    memmove(h->bytes, h->bytes + n, h->n);
}

/* Writes what can be told of the bytes that are held; what spoils a character stands for itself. */
static void settle(struct asciicast_held *h, struct buf *b)
{
    while (h->n > 0) {
        uint32_t point = 0;
        size_t n = text_char((const char *)h->bytes, h->n, &point);
        if (n == 0 && may_become(h))
            return;
        if (n > 0) {
            put_char(b, h->bytes, n, point);
        } else {
            n = h->n > 1 ? h->n - 1 : 1;
            buf_text(b, REPLACEMENT);
        }
        drop(h, n);
    }
}

static void put_text(struct asciicast_held *h, struct buf *b, const uint8_t *data, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        h->bytes[h->n++] = data[i];
        settle(h, b);
    }
}

/* ---- Lines ---- */

/* The length of b before the line, and where its text begins. */
struct place {
    size_t line, text;
};

static struct place open_line(struct buf *b, uint64_t at, char code)
{
    struct place p = { .line = b->len };
    buf_print(b, "[%llu.%06u, \"%c\", \"", (unsigned long long)(at / (uint64_t)US_A_S),
              (unsigned)(at % (uint64_t)US_A_S), code);
    p.text = b->len;
    return p;
}

/* A line without text is none. */
static int close_line(struct buf *b, struct place p)
{
    bool empty = b->len == p.text;
    buf_text(b, "\"]\n");
    if (empty || !buf_ok(b))
        b->len = p.line;
    return buf_status(b);
}

static int put_spoken(struct asciicast *c, struct buf *b, const struct session_event *e)
{
    unsigned direction = session_number(e, FIELD_DIRECTION) != 0;
    if (!session_has(e, FIELD_DATA))
        return 0;
    c->last = session_number(e, FIELD_AT);
    struct place p = open_line(b, c->last, "io"[direction]);
    put_text(&c->held[direction], b, e->value[FIELD_DATA].bytes.data, e->value[FIELD_DATA].bytes.n);
    return close_line(b, p);
}

static bool has_size(const struct session_event *e)
{
    return e->type == SESSION_CLIENT && session_number(e, FIELD_COLUMNS) &&
           session_number(e, FIELD_ROWS);
}

static int put_size(struct asciicast *c, struct buf *b, const struct session_event *e)
{
    uint64_t columns = session_number(e, FIELD_COLUMNS), rows = session_number(e, FIELD_ROWS);
    if (columns == c->columns && rows == c->rows)
        return 0;
    c->columns = columns;
    c->rows = rows;
    struct place p = open_line(b, e->time > c->began ? (uint64_t)(e->time - c->began) : 0, 'r');
    buf_print(b, "%llux%llu", (unsigned long long)columns, (unsigned long long)rows);
    return close_line(b, p);
}

int asciicast_put(struct asciicast *c, struct buf *b, const struct session_event *e)
{
    if (e->type == SESSION_SPOKEN)
        return put_spoken(c, b, e);
    return has_size(e) ? put_size(c, b, e) : 0;
}

int asciicast_end(struct asciicast *c, struct buf *b)
{
    for (unsigned direction = 0; direction < 2; direction++) {
        struct place p = open_line(b, c->last, "io"[direction]);
        if (c->held[direction].n > 0)
            buf_text(b, REPLACEMENT);
        c->held[direction].n = 0;
        int error = close_line(b, p);
        if (error)
            return error;
    }
    return 0;
}

/* ---- The header ---- */

void asciicast_begin(struct asciicast *c)
{
    *c = (struct asciicast){ 0 };
}

static void learn_terminal(struct asciicast *c, const struct session_event *e)
{
    if (!session_has(e, FIELD_TERMINAL) || c->terminal[0])
        return;
    size_t n = e->value[FIELD_TERMINAL].bytes.n;
    if (n >= sizeof c->terminal)
        n = sizeof c->terminal - 1;
    memcpy(c->terminal, e->value[FIELD_TERMINAL].bytes.data, n);
    c->terminal[n] = '\0';
}

void asciicast_learn(struct asciicast *c, const struct session_event *e)
{
    c->session = e->session;
    if (e->type == SESSION_OPEN || !c->began)
        c->began = e->time;
    if (has_size(e) && !c->columns) {
        c->columns = session_number(e, FIELD_COLUMNS);
        c->rows = session_number(e, FIELD_ROWS);
    }
    learn_terminal(c, e);
}

int asciicast_header(struct asciicast *c, struct buf *b)
{
    struct json j;
    char name[SESSION_NAME];
    if (!c->columns) {
        c->columns = COLUMNS;
        c->rows = ROWS;
    }
    json_begin_object(&j);
    json_int(&j, "version", 2);
    json_count(&j, "width", c->columns);
    json_count(&j, "height", c->rows);
    json_int(&j, "timestamp", c->began / US_A_S);
    json_text(&j, "title", session_name(c->session, name));
    if (c->terminal[0]) {
        json_open_object(&j, "env");
        json_text(&j, "TERM", c->terminal);
        json_close(&j);
    }
    return json_end_line(&j, b);
}
