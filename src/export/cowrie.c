#include "export/cowrie.h"

#include "base/text.h"
#include "base/time.h"
#include "event/session-json.h"

#include <string.h>

enum { FIELDS_MOST = 3, VALUE_MOST = 64 << 10, MICRO = 6 };

typedef bool (*when_fn)(const struct cowrie *c, const struct session_event *e);
typedef void (*more_fn)(struct json *j, const struct cowrie *c, const struct session_event *e);

struct line {
    enum session_type type;
    const char *id;
    when_fn when; /* NULL: always */
    struct attribute {
        const char *key; /* NULL ends them */
        enum session_field field;
    } attribute[FIELDS_MOST + 1];
    more_fn more;        /* attributes that are no field of the event */
    const char *message; /* {NAME} stands for the event's field of that name */
};

/* As much of a text as fits, up to a NUL; "" where there is none. */
static void copy_text(const struct session_event *e, enum session_field f, char *to, size_t room)
{
    size_t n = session_has(e, f) ? e->value[f].bytes.n : 0;
    if (n >= room)
        n = room - 1;
    if (n > 0)
        memcpy(to, e->value[f].bytes.data, n);
    to[n] = '\0';
}

/* ---- When ---- */

static bool new_size(const struct cowrie *c, const struct session_event *e)
{
    uint64_t columns = session_number(e, FIELD_COLUMNS), rows = session_number(e, FIELD_ROWS);
    return columns && rows && (columns != c->columns || rows != c->rows);
}

static bool new_terminal(const struct cowrie *c, const struct session_event *e)
{
    char terminal[sizeof c->terminal];
    copy_text(e, FIELD_TERMINAL, terminal, sizeof terminal);
    return session_has(e, FIELD_TERMINAL) && strcmp(terminal, c->terminal) != 0;
}

static bool accepted(const struct cowrie *c, const struct session_event *e)
{
    (void)c;
    return session_number(e, FIELD_ACCEPTED);
}

static bool rejected(const struct cowrie *c, const struct session_event *e)
{
    return !accepted(c, e);
}

static bool kept(const struct cowrie *c, const struct session_event *e)
{
    (void)c;
    return session_has(e, FIELD_SHA256);
}

static bool not_kept(const struct cowrie *c, const struct session_event *e)
{
    return !kept(c, e);
}

static bool was_said(const struct cowrie *c, const struct session_event *e)
{
    (void)e;
    return c->said > 0;
}

/* ---- More ---- */

static void name_terminal(struct json *j, const struct cowrie *c, const struct session_event *e)
{
    (void)c;
    (void)e;
    json_text(j, "name", "TERM");
}

static void duration(struct json *j, const struct cowrie *c, const struct session_event *e)
{
    (void)c;
    json_number(j, "duration", (double)session_number(e, FIELD_DURATION) / (double)US_A_S, MICRO);
}

static void tty_log(struct json *j, const struct cowrie *c, const struct session_event *e)
{
    struct sha256 heard = c->heard;
    uint8_t hash[SHA256_BYTES];
    char hex[SHA256_HEX], name[SESSION_NAME];
    sha256_end(&heard, hash);
    duration(j, c, e);
    json_text(j, "ttylog", session_name(e->session, name));
    json_count(j, "size", c->said);
    json_text(j, "shasum", sha256_hex(hash, hex));
}

/* ---- The table ---- */

/* clang-format off */
static const struct line lines[] = {
    { SESSION_OPEN, "cowrie.session.connect", NULL, { { 0 } }, NULL,
      "connection from {source} port {source_port} to {destination} port {destination_port}" },
    { SESSION_CLIENT, "cowrie.client.size", new_size,
      { { "width", FIELD_COLUMNS }, { "height", FIELD_ROWS } }, NULL, "terminal of {columns} columns, {rows} rows" },
    { SESSION_CLIENT, "cowrie.client.var", new_terminal,
      { { "value", FIELD_TERMINAL } }, name_terminal, "terminal type {terminal}" },
    { SESSION_LOGIN, "cowrie.login.success", accepted,
      { { "username", FIELD_USER }, { "password", FIELD_PASSWORD } }, NULL, "{user} let in with password {password}" },
    { SESSION_LOGIN, "cowrie.login.failed", rejected,
      { { "username", FIELD_USER }, { "password", FIELD_PASSWORD } }, NULL, "{user} refused with password {password}" },
    { SESSION_COMMAND, "cowrie.command.input", NULL, { { "input", FIELD_COMMAND } }, NULL, "typed: {command}" },
    { SESSION_UNKNOWN, "cowrie.command.failed", NULL, { { "input", FIELD_COMMAND } }, NULL,
      "the device has no {command}" },
    { SESSION_DOWNLOAD, "cowrie.session.file_download", kept,
      { { "url", FIELD_URL }, { "outfile", FIELD_SHA256 }, { "shasum", FIELD_SHA256 } }, NULL, "fetched and kept: {url}" },
    { SESSION_DOWNLOAD, "cowrie.session.file_download.failed", not_kept, { { "url", FIELD_URL } }, NULL,
      "not fetched: {url}" },
    { SESSION_FILE, "cowrie.session.file_upload", NULL,
      { { "filename", FIELD_PATH }, { "outfile", FIELD_SHA256 }, { "shasum", FIELD_SHA256 } }, NULL,
      "written by the visitor: {path}" },
    { SESSION_CLOSE, "cowrie.log.closed", was_said, { { 0 } }, tty_log, "end of the transcript" },
    { SESSION_CLOSE, "cowrie.session.closed", NULL, { { 0 } }, duration, "end of the session: {reason}" },
};
/* clang-format on */

/* ---- The message ---- */

static void put_value(struct buf *b, const struct session_event *e, enum session_field f)
{
    char text[ADDR_TEXT];
    struct addr a;
    if (!session_has(e, f))
        return;
    switch (session_field(f)->kind) {
    case SESSION_TEXT:
        text_escape(b, (const char *)e->value[f].bytes.data, e->value[f].bytes.n, TEXT_PLAIN);
        break;
    case SESSION_ADDRESS:
        a = session_address(e, f);
        buf_text(b, addr_text(&a, text));
        break;
    default:
        buf_print(b, "%llu", (unsigned long long)e->value[f].number);
    }
}

static void put_named(struct buf *b, const struct session_event *e, const char *name, size_t n)
{
    for (enum session_field f = 0; f < SESSION_FIELDS; f++) {
        const char *known = session_field(f)->name;
        if (strncmp(known, name, n) == 0 && known[n] == '\0')
            put_value(b, e, f);
    }
}

static void put_message(struct json *j, const char *message, const struct session_event *e)
{
    struct buf b;
    buf_init(&b, VALUE_MOST);
    while (*message) {
        size_t plain = strcspn(message, "{");
        buf_put(&b, message, plain);
        message += plain;
        if (*message == '{') {
            size_t n = strcspn(++message, "}");
            put_named(&b, e, message, n);
            message += n + 1;
        }
    }
    json_text_n(j, "message", b.data, b.len);
    buf_release(&b);
}

/* ---- A line ---- */

static void put_attribute(struct json *j, const struct attribute *a, const struct session_event *e)
{
    /* Readers of a log expect a text to be there, though it be empty. */
    if (session_has(e, a->field))
        session_json_field(j, a->key, e, a->field);
    else if (session_field(a->field)->kind == SESSION_TEXT)
        json_text(j, a->key, "");
}

static void put_address(struct json *j, const char *key, const struct addr *a)
{
    char text[ADDR_TEXT];
    if (a->family)
        json_text(j, key, addr_text(a, text));
}

static void put_port(struct json *j, const char *key, uint16_t port)
{
    if (port)
        json_count(j, key, port);
}

static void put_shared(struct json *j, const struct cowrie *c, const char *sensor,
                       const struct session_event *e)
{
    char name[SESSION_NAME];
    json_time_us(j, "timestamp", e->time);
    json_text(j, "session", session_name(e->session, name));
    put_address(j, "src_ip", &c->source);
    put_port(j, "src_port", c->source_port);
    put_address(j, "dst_ip", &c->destination);
    put_port(j, "dst_port", c->destination_port);
    if (c->protocol[0])
        json_text(j, "protocol", c->protocol);
    json_text(j, "sensor", sensor);
}

static int put_line(const struct cowrie *c, struct buf *b, const char *sensor, const struct line *l,
                    const struct session_event *e)
{
    struct json j;
    json_begin_object(&j);
    json_text(&j, "eventid", l->id);
    put_shared(&j, c, sensor, e);
    for (const struct attribute *a = l->attribute; a->key; a++)
        put_attribute(&j, a, e);
    if (l->more)
        l->more(&j, c, e);
    put_message(&j, l->message, e);
    return json_end_line(&j, b);
}

/* ---- What is remembered ---- */

void cowrie_begin(struct cowrie *c)
{
    *c = (struct cowrie){ 0 };
    sha256_begin(&c->heard);
}

static void learn_ends(struct cowrie *c, const struct session_event *e)
{
    if (session_has(e, FIELD_SOURCE))
        c->source = session_address(e, FIELD_SOURCE);
    if (session_has(e, FIELD_DESTINATION))
        c->destination = session_address(e, FIELD_DESTINATION);
    if (session_has(e, FIELD_SOURCE_PORT))
        c->source_port = (uint16_t)session_number(e, FIELD_SOURCE_PORT);
    if (session_has(e, FIELD_DESTINATION_PORT))
        c->destination_port = (uint16_t)session_number(e, FIELD_DESTINATION_PORT);
}

/* Once its lines are written. */
static void learn_client(struct cowrie *c, const struct session_event *e)
{
    if (e->type != SESSION_CLIENT)
        return;
    if (new_size(c, e)) {
        c->columns = session_number(e, FIELD_COLUMNS);
        c->rows = session_number(e, FIELD_ROWS);
    }
    if (session_has(e, FIELD_TERMINAL))
        copy_text(e, FIELD_TERMINAL, c->terminal, sizeof c->terminal);
}

static void learn_said(struct cowrie *c, const struct session_event *e)
{
    if (e->type != SESSION_SPOKEN || !session_has(e, FIELD_DATA))
        return;
    c->said += e->value[FIELD_DATA].bytes.n;
    if (session_number(e, FIELD_DIRECTION) == 0)
        sha256_add(&c->heard, e->value[FIELD_DATA].bytes.data, e->value[FIELD_DATA].bytes.n);
}

int cowrie_put(struct cowrie *c, struct buf *b, const char *sensor, const struct session_event *e)
{
    size_t before = b->len;
    learn_ends(c, e);
    if (session_has(e, FIELD_SERVICE))
        copy_text(e, FIELD_SERVICE, c->protocol, sizeof c->protocol);
    learn_said(c, e);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const struct line *l = &lines[i];
        if (l->type != e->type || (l->when && !l->when(c, e)))
            continue;
        int error = put_line(c, b, sensor, l, e);
        if (error) {
            b->len = before;
            return error;
        }
    }
    learn_client(c, e);
    return 0;
}
