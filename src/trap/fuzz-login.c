/*
 * The first two bytes are the style's and the owner's mind, the rest what is typed; a byte 0xfe
 * lets some time pass, as the byte behind it says.
 */
#include "trap/login.h"

#include <assert.h>
#include <string.h>

static struct login_style style_of(uint8_t bits)
{
    return (struct login_style){
        .banner = "\r\r\nBanner %h\r\n\r",
        .user_prompt = bits & 1 ? "" : "%h login: ",
        .password_prompt = "Password: ",
        .failed = "Login incorrect\r\n",
        .welcome = "\r\nWelcome\r\n",
        .locked = "Bye\r\n",
        .tries = bits & 2 ? 3 : 0,
        .fail_delay = bits & 4 ? 3 : 0,
        .timeout = bits & 8 ? 60 : 0,
        .timed_out = "late\r\n",
        .name_most = bits & 16 ? 61 : 0,
        .asks_password_always = bits & 32,
        .echoes_password = bits & 64,
        .user_only_once = !(bits & 1) && bits & 128,
        .flushes = bits & 32,
    };
}

static size_t owner(struct login *l, uint8_t mind, int64_t now, const uint8_t *rest, size_t n, struct buf *out)
{
    size_t taken = l->state == LOGIN_NAME ? login_named(l, mind & 1, rest, n, out) : 0;
    assert(taken <= n);
    if (l->state == LOGIN_JUDGE)
        login_judged(l, mind & 2 && l->n_password == mind >> 2, now, out);
    return taken;
}

static void check(const struct login *l)
{
    assert(l->n_user <= LOGIN_WORD && l->n_password <= LOGIN_WORD);
    assert(l->line.n <= LINE_MOST && l->line.handed <= l->line.n);
    assert(l->state <= LOGIN_OUT);
}

/* All of the bytes, unless it waits for time. */
static void type(struct login *l, const uint8_t *data, size_t n, uint8_t mind, int64_t now,
                 struct buf *out)
{
    size_t done = 0;
    while (done < n) {
        uint8_t state = l->state;
        size_t taken = login_input(l, data + done, n - done, out);
        assert(taken <= n - done);
        done += taken;
        done += owner(l, mind, now, data + done, n - done, out);
        check(l);
        if (!taken && l->state == state)
            break;
    }
    assert(done == n || l->state == LOGIN_DELAY || l->state == LOGIN_IN);
}

static void session(const struct login_style *style, uint8_t mind, const uint8_t *data, size_t n,
                    struct buf *out)
{
    struct login l;
    int64_t now = 0;
    login_begin(&l, style, "dvr", now, out);
    for (size_t at = 0; at < n;) {
        const uint8_t *stop = memchr(data + at, 0xfe, n - at);
        size_t some = stop ? (size_t)(stop - data) - at : n - at;
        type(&l, data + at, some, mind, now, out);
        at += some + 2;
        now += stop && at <= n ? data[at - 1] : 0;
        login_wake(&l, now, out);
        (void)owner(&l, mind, now, NULL, 0, out);
        check(&l);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out;
    if (size < 2 || size > 1 << 12)
        return 0;
    struct login_style style = style_of(data[0]);
    buf_init(&out, 64 << 20);
    session(&style, data[1], data + 2, size - 2, &out);
    assert(buf_ok(&out) && out.len <= 256 + size * 16 * LOGIN_WORD);
    buf_release(&out);
    return 0;
}
