/* An event of a session in its binary form. What is let through keeps to the table and encodes to
 * the same again. */
#include "base/text.h"
#include "event/session-json.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_number(enum session_field f)
{
    return session_field(f)->kind == SESSION_NUMBER || session_field(f)->kind == SESSION_FLAG;
}

static void check_field(const struct session_event *e, const struct session_event *again,
                        enum session_field f)
{
    const union session_value *v = &e->value[f], *w = &again->value[f];
    if (is_number(f)) {
        assert(v->number == w->number &&
               (session_field(f)->kind != SESSION_FLAG || v->number <= 1));
        return;
    }
    assert(v->bytes.n == w->bytes.n && v->bytes.n <= session_field(f)->most && !v->bytes.cut);
    assert(v->bytes.n == 0 || memcmp(v->bytes.data, w->bytes.data, v->bytes.n) == 0);
    if (session_field(f)->kind == SESSION_ADDRESS)
        assert(session_address(e, f).family == 4 || session_address(e, f).family == 6);
}

static void check_line(const struct session_event *e)
{
    struct buf b;
    buf_init(&b, 8 << 20);
    if (session_json_line(&b, e))
        abort();
    assert(text_is_utf8((const char *)b.data, b.len));
    assert(memchr(b.data, '\n', b.len) == b.data + b.len - 1);
    buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct session_event e, again;
    struct buf b;
    if (session_get(rd_init(data, size), &e))
        return 0;
    buf_init(&b, 8 << 20);
    session_put(&b, &e);
    if (!buf_ok(&b) || session_get(rd_init(b.data, b.len), &again))
        abort();
    assert(b.len <= size && e.type == again.type && e.session == again.session &&
           e.time == again.time);
    assert(e.has == again.has);
    for (enum session_field f = 0; f < SESSION_FIELDS; f++)
        if (session_has(&e, f))
            check_field(&e, &again, f);
    check_line(&e);
    buf_release(&b);
    return 0;
}
