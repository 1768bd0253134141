#include "event/session-json.h"

#include <stdio.h>
#include <string.h>

const char *session_name(uint64_t session, char ret[static SESSION_NAME])
{
    snprintf(ret, SESSION_NAME, "%016llx", (unsigned long long)session);
    return ret;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int session_name_parse(const char *text, uint64_t *ret)
{
    uint64_t v = 0;
    if (strlen(text) != SESSION_NAME - 1)
        return 1;
    for (; *text; text++) {
        if (digit(*text) < 0)
            return 1;
        v = v << 4 | (unsigned)digit(*text);
    }
    *ret = v;
    return 0;
}

/* ---- A field ---- */

static void put_number(struct json *j, const char *key, const struct session_event *e,
                       enum session_field f)
{
    json_count(j, key, e->value[f].number);
}

static void put_flag(struct json *j, const char *key, const struct session_event *e,
                     enum session_field f)
{
    json_bool(j, key, e->value[f].number != 0);
}

static void put_text(struct json *j, const char *key, const struct session_event *e,
                     enum session_field f)
{
    json_text_n(j, key, e->value[f].bytes.data, e->value[f].bytes.n);
}

static void put_bytes(struct json *j, const char *key, const struct session_event *e,
                      enum session_field f)
{
    json_hex(j, key, e->value[f].bytes.data, e->value[f].bytes.n);
}

static void put_address(struct json *j, const char *key, const struct session_event *e,
                        enum session_field f)
{
    struct addr a = session_address(e, f);
    char text[ADDR_TEXT];
    json_text(j, key, addr_text(&a, text));
}

static void put_words(struct json *j, const char *key, const struct session_event *e,
                      enum session_field f)
{
    const uint8_t *at = e->value[f].bytes.data;
    size_t left = e->value[f].bytes.n;
    json_open_list(j, key);
    while (left > 0) {
        const uint8_t *nul = memchr(at, 0, left);
        size_t n = nul ? (size_t)(nul - at) : left;
        json_text_n(j, NULL, at, n);
        at += n;
        left -= n;
        if (left == 1) /* a NUL with nothing behind it: the last word is empty */
            json_text(j, NULL, "");
        at += left > 0;
        left -= left > 0;
    }
    json_close(j);
}

typedef void (*put_fn)(struct json *j, const char *key, const struct session_event *e,
                       enum session_field f);

static const put_fn put_kind[] = {
    [SESSION_NUMBER] = put_number, [SESSION_TEXT] = put_text, [SESSION_ADDRESS] = put_address,
    [SESSION_BYTES] = put_bytes,   [SESSION_FLAG] = put_flag, [SESSION_WORDS] = put_words,
};

void session_json_field(struct json *j, const char *key, const struct session_event *e,
                        enum session_field f)
{
    if (session_has(e, f))
        put_kind[session_field(f)->kind](j, key, e, f);
}

/* ---- An event ---- */

void session_json(struct json *j, const struct session_event *e)
{
    char name[SESSION_NAME];
    json_time_us(j, "time", e->time);
    json_text(j, "type", session_type_name(e->type));
    json_text(j, "session", session_name(e->session, name));
    for (enum session_field f = 0; f < SESSION_FIELDS; f++)
        session_json_field(j, session_field(f)->name, e, f);
}

int session_json_line(struct buf *b, const struct session_event *e)
{
    struct json j;
    json_begin_object(&j);
    session_json(&j, e);
    return json_end_line(&j, b);
}
