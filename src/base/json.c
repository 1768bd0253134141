#include "base/json.h"

#include "base/text.h"
#include "base/time.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include <jansson.h>

enum { TEXT_MOST = 1 << 20 };

static void begin(struct json *j, json_t *root)
{
    *j = (struct json){ .level = { root }, .depth = 1, .bad = !root };
}

void json_begin_object(struct json *j)
{
    begin(j, json_object());
}

void json_begin_list(struct json *j)
{
    begin(j, json_array());
}

void json_release(struct json *j)
{
    json_decref(j->level[0]);
    *j = (struct json){ 0 };
}

/* Takes value. */
static void put(struct json *j, const char *key, json_t *value)
{
    if (j->bad) {
        json_decref(value);
        return;
    }
    json_t *into = j->level[j->depth - 1];
    assert(json_is_object(into) == (key != NULL));
    int failed = key ? json_object_set_new(into, key, value) : json_array_append_new(into, value);
    if (failed)
        j->bad = true;
}

static void open_level(struct json *j, const char *key, json_t *value)
{
    put(j, key, value);
    if (j->bad || j->depth == JSON_DEEPEST) {
        j->bad = true;
        return;
    }
    j->level[j->depth++] = value;
}

void json_open_object(struct json *j, const char *key)
{
    open_level(j, key, json_object());
}

void json_open_list(struct json *j, const char *key)
{
    open_level(j, key, json_array());
}

void json_close(struct json *j)
{
    if (j->bad)
        return;
    assert(j->depth > 1);
    j->depth--;
}

static json_t *escaped(const char *value, size_t n)
{
    struct buf b;
    buf_init(&b, TEXT_MOST);
    text_escape(&b, value, n, TEXT_PLAIN);
    json_t *v = buf_ok(&b) ? json_stringn((const char *)b.data, b.len) : NULL;
    buf_release(&b);
    return v;
}

void json_text(struct json *j, const char *key, const char *value)
{
    if (value)
        json_text_n(j, key, value, strlen(value));
    else
        json_nothing(j, key);
}

void json_text_n(struct json *j, const char *key, const void *value, size_t n)
{
    const char *s = n ? value : "";
    put(j, key, text_is_utf8(s, n) ? json_stringn(s, n) : escaped(s, n));
}

void json_hex(struct json *j, const char *key, const void *value, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *in = value;
    struct buf b;
    buf_init(&b, TEXT_MOST);
    uint8_t *at = n <= TEXT_MOST / 2 ? buf_add(&b, 2 * n) : NULL;
    for (size_t i = 0; at && i < n; i++) {
        at[2 * i] = (uint8_t)digits[in[i] >> 4];
        at[2 * i + 1] = (uint8_t)digits[in[i] & 15];
    }
    put(j, key, at || n == 0 ? json_stringn(at ? (const char *)at : "", b.len) : NULL);
    buf_release(&b);
}

void json_int(struct json *j, const char *key, int64_t value)
{
    put(j, key, json_integer(value));
}

void json_count(struct json *j, const char *key, uint64_t value)
{
    json_int(j, key, value > INT64_MAX ? INT64_MAX : (int64_t)value);
}

void json_number(struct json *j, const char *key, double value, int decimals)
{
    double unit = pow(10, decimals);
    double rounded = round(value * unit) / unit;
    put(j, key, isfinite(rounded) ? json_real(rounded) : json_null());
}

void json_bool(struct json *j, const char *key, bool value)
{
    put(j, key, json_boolean(value));
}

void json_time(struct json *j, const char *key, int64_t when)
{
    char text[TIME_TEXT];
    put(j, key, json_string(time_text(when, text)));
}

void json_time_us(struct json *j, const char *key, int64_t when)
{
    char text[TIME_TEXT];
    put(j, key, json_string(time_text_us(when, text)));
}

void json_nothing(struct json *j, const char *key)
{
    put(j, key, json_null());
}

/* Fifteen digits print a decimal as it was written. */
#define DIGITS JSON_REAL_PRECISION(15)

static int write_flags(const struct json *j, FILE *f, size_t flags)
{
    if (j->bad)
        return -ENOMEM;
    return json_dumpf(j->level[0], f, flags | DIGITS) == 0 ? 0 : -EIO;
}

int json_write(const struct json *j, FILE *f)
{
    return write_flags(j, f, JSON_COMPACT);
}

static int put_piece(const char *piece, size_t n, void *into)
{
    buf_put(into, piece, n);
    return buf_ok(into) ? 0 : -1;
}

int json_put(const struct json *j, struct buf *b)
{
    size_t before = b->len;
    if (j->bad)
        return -ENOMEM;
    if (json_dump_callback(j->level[0], put_piece, b, JSON_COMPACT | DIGITS) == 0)
        return buf_status(b);
    b->len = before;
    return -ENOMEM;
}

int json_write_pretty(const struct json *j, FILE *f)
{
    TRY(write_flags(j, f, JSON_INDENT(2)));
    return putc('\n', f) == EOF ? -EIO : 0;
}

int json_end_line(struct json *j, struct buf *b)
{
    size_t before = b->len;
    int err = json_put(j, b);
    json_release(j);
    if (err)
        return err;
    buf_u8(b, '\n');
    if (!buf_ok(b))
        b->len = before;
    return buf_status(b);
}
