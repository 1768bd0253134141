#include "event/session.h"

#include <string.h>

enum { WORD = 256, LINE = 4096, PIECE = 1024, CONTENT = 256 << 10, ADDRESS = 16 };

/* clang-format off */
static const struct session_field_row fields[SESSION_FIELDS] = {
    [FIELD_SOURCE]           = { "source", SESSION_ADDRESS, ADDRESS, "address of the visitor" },
    [FIELD_SOURCE_PORT]      = { "source_port", SESSION_NUMBER, 0, "port of the visitor" },
    [FIELD_DESTINATION]      = { "destination", SESSION_ADDRESS, ADDRESS, "address that was visited" },
    [FIELD_DESTINATION_PORT] = { "destination_port", SESSION_NUMBER, 0, "port that was visited" },
    [FIELD_SERVICE]          = { "service", SESSION_TEXT, WORD, "what answered: telnet, http, netis, other" },
    [FIELD_PERSONA]          = { "persona", SESSION_TEXT, WORD, "the device that was played" },
    [FIELD_HOSTNAME]         = { "hostname", SESSION_TEXT, WORD, "the device's name at this address" },
    [FIELD_NEGOTIATION]      = { "negotiation", SESSION_BYTES, WORD, "Telnet commands of the client and their options, two bytes each" },
    [FIELD_TERMINAL]         = { "terminal", SESSION_TEXT, WORD, "terminal type (RFC 1091)" },
    [FIELD_COLUMNS]          = { "columns", SESSION_NUMBER, 0, "columns of the terminal (RFC 1073)" },
    [FIELD_ROWS]             = { "rows", SESSION_NUMBER, 0, "rows of the terminal" },
    [FIELD_USER]             = { "user", SESSION_TEXT, WORD, "user name that was tried" },
    [FIELD_PASSWORD]         = { "password", SESSION_TEXT, WORD, "password that was tried" },
    [FIELD_ACCEPTED]         = { "accepted", SESSION_FLAG, 0, "the pair was accepted" },
    [FIELD_TRY]              = { "try", SESSION_NUMBER, 0, "how many pairs this session had tried, with this one" },
    [FIELD_REMEMBERED]       = { "remembered", SESSION_FLAG, 0, "accepted because it was accepted at this address before" },
    [FIELD_COMMAND]          = { "command", SESSION_TEXT, LINE, "what was typed, or the name that is unknown" },
    [FIELD_STATUS]           = { "status", SESSION_NUMBER, 0, "exit status" },
    [FIELD_APPLET]           = { "applet", SESSION_TEXT, WORD, "program that was to fetch" },
    [FIELD_URL]              = { "url", SESSION_TEXT, LINE, "what was to be fetched" },
    [FIELD_HOST]             = { "host", SESSION_TEXT, WORD, "host as the visitor wrote it" },
    [FIELD_PORT]             = { "port", SESSION_NUMBER, 0, "port of the host" },
    [FIELD_METHOD]           = { "method", SESSION_TEXT, WORD, "GET, PUT..." },
    [FIELD_SAVE]             = { "save", SESSION_TEXT, LINE, "path that it was to be written to" },
    [FIELD_OUTCOME]          = { "outcome", SESSION_TEXT, WORD, "what the visitor was told came of it" },
    [FIELD_PATH]             = { "path", SESSION_TEXT, LINE, "path of the file" },
    [FIELD_WORDS]            = { "words", SESSION_WORDS, LINE, "what it was run with; NUL between words" },
    [FIELD_SHA256]           = { "sha256", SESSION_BYTES, 32, "SHA-256 of the file" },
    [FIELD_SIZE]             = { "size", SESSION_NUMBER, 0, "bytes of the file, or of a request's body" },
    [FIELD_CONTENT]          = { "content", SESSION_BYTES, CONTENT, "bytes of the file, as far as they are kept" },
    [FIELD_MADE]             = { "made", SESSION_FLAG, 0, "made by writes of the session, not fetched" },
    [FIELD_FOREIGN]          = { "foreign", SESSION_FLAG, 0, "a program for another CPU, or none" },
    [FIELD_DIRECTION]        = { "direction", SESSION_NUMBER, 0, "0: the visitor spoke, 1: the device" },
    [FIELD_AT]               = { "at", SESSION_NUMBER, 0, "microseconds since the session began" },
    [FIELD_DATA]             = { "data", SESSION_TEXT, PIECE, "what was said" },
    [FIELD_REASON]           = { "reason", SESSION_TEXT, WORD, "why it ended" },
    [FIELD_DURATION]         = { "duration", SESSION_NUMBER, 0, "microseconds" },
    [FIELD_BYTES_IN]         = { "bytes_in", SESSION_NUMBER, 0, "bytes that the visitor sent" },
    [FIELD_BYTES_OUT]        = { "bytes_out", SESSION_NUMBER, 0, "bytes that the device sent" },
    [FIELD_COMMANDS]         = { "commands", SESSION_NUMBER, 0, "lines that were typed" },
    [FIELD_DOWNLOADS]        = { "downloads", SESSION_NUMBER, 0, "things that were to be fetched" },
    [FIELD_ANSWER]           = { "answer", SESSION_TEXT, LINE, "what the device says of an unknown command" },
    [FIELD_TARGET]           = { "target", SESSION_TEXT, LINE, "what was asked for by HTTP: path and query" },
    [FIELD_AGENT]            = { "agent", SESSION_TEXT, WORD, "User-Agent of an HTTP request" },
    [FIELD_ENTRY]            = { "entry", SESSION_TEXT, WORD, "known way in that a request names" },
    [FIELD_CLASS]            = { "class", SESSION_TEXT, WORD, "what a datagram is: probe, login, command..." },
    [FIELD_ANSWERED]         = { "answered", SESSION_NUMBER, 0, "bytes of IP that a datagram was answered with" },
    [FIELD_PROTOCOL]         = { "protocol", SESSION_TEXT, WORD, "protocol of a visitor's first bytes" },
};
/* clang-format on */

static const char *const types[SESSION_TYPES] = {
    [SESSION_OPEN] = "open",         [SESSION_CLIENT] = "client",     [SESSION_LOGIN] = "login",
    [SESSION_COMMAND] = "command",   [SESSION_STATUS] = "status",     [SESSION_UNKNOWN] = "unknown",
    [SESSION_DOWNLOAD] = "download", [SESSION_FILE] = "file",         [SESSION_RUN] = "run",
    [SESSION_SPOKEN] = "spoken",     [SESSION_CLOSE] = "close",       [SESSION_REQUEST] = "request",
    [SESSION_DATAGRAM] = "datagram", [SESSION_PROTOCOL] = "protocol",
};

const struct session_field_row *session_field(enum session_field f)
{
    return &fields[f];
}

const char *session_type_name(enum session_type t)
{
    return t > 0 && t < SESSION_TYPES ? types[t] : "";
}

static bool has_bytes(enum session_field f)
{
    return fields[f].kind != SESSION_NUMBER && fields[f].kind != SESSION_FLAG;
}

/* ---- Making one ---- */

void session_begin(struct session_event *e, enum session_type type, uint64_t session, int64_t time)
{
    e->type = type;
    e->session = session;
    e->time = time;
    e->has = 0;
}

void session_set(struct session_event *e, enum session_field f, uint64_t number)
{
    e->value[f].number = number;
    e->has |= UINT64_C(1) << f;
}

void session_set_bytes(struct session_event *e, enum session_field f, const void *data, size_t n)
{
    bool cut = n > fields[f].most;
    e->value[f].bytes.data = data;
    e->value[f].bytes.n = (uint32_t)(cut ? fields[f].most : n);
    e->value[f].bytes.cut = cut;
    e->has |= UINT64_C(1) << f;
}

void session_set_text(struct session_event *e, enum session_field f, const char *s)
{
    session_set_bytes(e, f, s, strlen(s));
}

void session_set_address(struct session_event *e, enum session_field f, const struct addr *a)
{
    session_set_bytes(e, f, a->bytes, a->family == 4 ? 4 : ADDRESS);
}

/* ---- Asking one ---- */

uint64_t session_number(const struct session_event *e, enum session_field f)
{
    return session_has(e, f) ? e->value[f].number : 0;
}

struct addr session_address(const struct session_event *e, enum session_field f)
{
    struct addr a = { 0 };
    if (!session_has(e, f))
        return a;
    a.family = e->value[f].bytes.n == 4 ? 4 : 6;
    memcpy(a.bytes, e->value[f].bytes.data, e->value[f].bytes.n);
    return a;
}

/* ---- The binary form ---- */

void session_put(struct buf *b, const struct session_event *e)
{
    buf_u8(b, (uint8_t)e->type);
    buf_le64(b, e->session);
    buf_le64(b, (uint64_t)e->time);
    for (uint64_t left = e->has; left; left &= left - 1) {
        enum session_field f = (enum session_field)__builtin_ctzll(left);
        buf_u8(b, (uint8_t)f);
        if (has_bytes(f))
            buf_part(b, e->value[f].bytes.data, e->value[f].bytes.n);
        else
            buf_varint(b, e->value[f].number);
    }
}

static bool right_size(enum session_field f, size_t n)
{
    if (fields[f].kind == SESSION_ADDRESS)
        return n == 4 || n == ADDRESS;
    return n <= fields[f].most && (f != FIELD_SHA256 || n == fields[f].most);
}

static bool get_value(struct rd *r, enum session_field f, struct session_event *e)
{
    if (!has_bytes(f)) {
        session_set(e, f, rd_varint(r));
        return fields[f].kind != SESSION_FLAG || e->value[f].number <= 1;
    }
    struct rd part = rd_part(r);
    if (!rd_ok(r) || !right_size(f, rd_left(&part)))
        return false;
    session_set_bytes(e, f, part.p, rd_left(&part));
    return true;
}

int session_get(struct rd r, struct session_event *ret)
{
    struct session_event e;
    unsigned type = rd_u8(&r);
    uint64_t session = rd_le64(&r);
    int64_t time = (int64_t)rd_le64(&r);
    if (!rd_ok(&r) || type == 0 || type >= SESSION_TYPES || time < 0)
        return 1;
    session_begin(&e, type, session, time);
    while (rd_left(&r)) {
        unsigned f = rd_u8(&r);
        if (f >= SESSION_FIELDS || e.has >> f || !get_value(&r, f, &e))
            return 1;
    }
    if (!rd_done(&r))
        return 1;
    *ret = e;
    return 0;
}
