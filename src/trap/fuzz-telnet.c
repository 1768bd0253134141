/*
 * The first byte names the dialect, the second how the rest is cut. However it is cut, the same
 * comes of it, and what is said is bounded by what was sent.
 */
#include "trap/telnet.h"

#include <assert.h>
#include <string.h>

struct outcome {
    struct telnet t;
    struct buf data, out;
};

static void run(struct outcome *o, const struct telnet_dialect *d, const uint8_t *from, size_t n,
                size_t piece)
{
    buf_init(&o->data, 1 << 20);
    buf_init(&o->out, 1 << 20);
    telnet_open(&o->t, d, &o->out);
    o->t.hostname = "dvr";
    for (size_t at = 0; at < n; at += piece)
        telnet_input(&o->t, from + at, piece < n - at ? piece : n - at, &o->data, &o->out);
}

static void same(const struct buf *a, const struct buf *b)
{
    assert(a->len == b->len && (!a->len || memcmp(a->data, b->data, a->len) == 0));
}

static void check(const struct outcome *whole, const struct outcome *cut, size_t n)
{
    char text[64];
    same(&whole->data, &cut->data);
    same(&whole->out, &cut->out);
    assert(memcmp(&whole->t, &cut->t, sizeof whole->t) == 0);
    assert(whole->data.len <= n);
    assert(whole->out.len <= 64 + 16 * n);
    assert(whole->t.n_sub <= TELNET_SUBOPTION && whole->t.n_spoken <= TELNET_SPOKEN);
    assert(memchr(whole->t.terminal, '\0', sizeof whole->t.terminal));
    telnet_spoken_text(&whole->t, text, sizeof text);
    assert(memchr(text, '\0', sizeof text));
}

/* What the device says comes back as it was, where it is escaped. */
static void back(const struct telnet_dialect *d, const uint8_t *from, size_t n)
{
    struct telnet t = { .dialect = d };
    struct buf out;
    buf_init(&out, 1 << 20);
    telnet_output(&t, from, n, &out);
    assert(buf_ok(&out) && out.len >= n && out.len <= 2 * n);
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole, cut;
    size_t n = 0;
    if (size < 2 || size > 1 << 14)
        return 0;
    while (telnet_dialect_at(n))
        n++;
    const struct telnet_dialect *d = telnet_dialect_at(data[0] % n);
    run(&whole, d, data + 2, size - 2, size);
    run(&cut, d, data + 2, size - 2, data[1] % 16 + 1u);
    check(&whole, &cut, size - 2);
    back(d, data + 2, size - 2);
    buf_release(&whole.data);
    buf_release(&whole.out);
    buf_release(&cut.data);
    buf_release(&cut.out);
    return 0;
}
