/* Events, each a part: what of them is any is exported. Every line is whole, UTF-8 and without
 * control bytes. */
#include "base/text.h"
#include "export/asciicast.h"
#include "export/cowrie.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 64 << 20 };

typedef void (*use_fn)(void *context, const struct session_event *e);

static void each(struct rd r, use_fn use, void *context)
{
    while (rd_left(&r)) {
        struct session_event e;
        struct rd part = rd_part(&r);
        if (rd_ok(&part) && session_get(part, &e) == 0)
            use(context, &e);
    }
}

static void check_text(const struct buf *b)
{
    assert(buf_ok(b) && (b->len == 0 || b->data[b->len - 1] == '\n'));
    assert(text_is_utf8((const char *)b->data, b->len));
    for (size_t i = 0; i < b->len; i++)
        assert(b->data[i] >= 0x20 || b->data[i] == '\n');
}

struct both {
    struct cowrie cowrie;
    struct asciicast cast;
    struct buf lines, film;
};

static void first_time(void *context, const struct session_event *e)
{
    struct both *both = context;
    if (cowrie_put(&both->cowrie, &both->lines, "sensor", e))
        abort();
    asciicast_learn(&both->cast, e);
}

static void second_time(void *context, const struct session_event *e)
{
    struct both *both = context;
    if (asciicast_put(&both->cast, &both->film, e))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct both both;
    cowrie_begin(&both.cowrie);
    asciicast_begin(&both.cast);
    buf_init(&both.lines, MOST);
    buf_init(&both.film, MOST);
    each(rd_init(data, size), first_time, &both);
    if (asciicast_header(&both.cast, &both.film))
        abort();
    each(rd_init(data, size), second_time, &both);
    if (asciicast_end(&both.cast, &both.film))
        abort();
    check_text(&both.lines);
    check_text(&both.film);
    buf_release(&both.lines);
    buf_release(&both.film);
    return 0;
}
