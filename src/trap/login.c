#include "trap/login.h"

#include "trap/words.h"

#include <string.h>

static unsigned say(const struct login *l, const char *text, struct buf *out)
{
    return words_say(out, text, l->hostname);
}

/* A time that is not past the end of time. */
static int64_t later(int64_t now, int64_t by)
{
    int64_t at;
    return __builtin_add_overflow(now, by, &at) ? INT64_MAX : at;
}

static void set_state(struct login *l, enum login_state state)
{
    l->state = (uint8_t)state;
    l->wakes = state == LOGIN_IN || state == LOGIN_OUT ? INT64_MAX : l->ends;
}

static void ask_user(struct login *l, struct buf *out)
{
    set_state(l, LOGIN_USER);
    line_begin(&l->line, l->user, LOGIN_WORD, say(l, l->style->user_prompt, out), true);
}

static void ask_password(struct login *l, struct buf *out)
{
    set_state(l, LOGIN_PASSWORD);
    unsigned column = say(l, l->style->password_prompt, out);
    line_begin(&l->line, l->password, LOGIN_WORD, column, l->style->echoes_password);
}

static void ask_first(struct login *l, struct buf *out)
{
    l->cut = false;
    l->n_password = 0;
    if (*l->style->user_prompt)
        ask_user(l, out);
    else
        ask_password(l, out);
}

void login_begin(struct login *l, const struct login_style *style, const char *hostname,
                 int64_t now, struct buf *out)
{
    *l = (struct login){ .style = style, .hostname = hostname };
    l->ends = style->timeout ? later(now, style->timeout) : INT64_MAX;
    say(l, style->banner, out);
    ask_first(l, out);
}

/* ---- What was typed ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A name as BusyBox reads it ends at the first blank or control character behind it. */
static size_t name_length(const struct login *l, const char *name, size_t n)
{
    size_t end = 0;
    if (!l->style->name_most) {
        while (n && is_blank(name[n - 1]))
            n--;
        return n;
    }
    while (end < n && (end == 0 || (uint8_t)name[end] > ' '))
        end++;
    return end;
}

/* Takes the name without the blanks before it; false where BusyBox would have given up. */
static bool take_user(struct login *l)
{
    size_t n = line_kept(&l->line), blank = 0;
    uint32_t most = l->style->name_most;
    while (blank < n && is_blank(l->user[blank]))
        blank++;
    memmove(l->user, l->user + blank, n - blank);
    l->n_user = (uint16_t)name_length(l, l->user, n - blank);
    l->cut = l->cut || l->line.n > n;
    return !most || (l->line.n - blank <= most && !memchr(l->user, '\0', n - blank));
}

static bool is_name(const struct login *l)
{
    uint16_t n = line_kept(&l->line);
    for (uint16_t i = 0; i < n; i++) {
        if (!is_blank(l->user[i]))
            return true;
    }
    return false;
}

/* Asks again for each empty name of what came at once: the terminal has echoed all of it by then.
 */
static void settle(struct login *l, struct buf *out)
{
    for (; l->blanks; l->blanks--)
        l->line.column = (uint16_t)say(l, l->style->user_prompt, out);
}

static void name_done(struct login *l, struct buf *out)
{
    bool good = take_user(l);
    if (good && l->n_user && !l->style->asks_password_always) {
        set_state(l, LOGIN_NAME); /* what is flushed then is echoed before anything is said */
        return;
    }
    settle(l, out);
    if (!good)
        set_state(l, LOGIN_OUT);
    else if (!l->n_user)
        ask_user(l, out);
    else
        ask_password(l, out);
}

static void password_done(struct login *l, struct buf *out)
{
    l->n_password = line_kept(&l->line);
    l->cut = l->cut || l->line.n > l->n_password;
    if (!l->style->echoes_password)
        say(l, "\r\n", out);
    set_state(l, LOGIN_JUDGE);
}

/* What the line's end makes of it: DONE, END and the signals. */
static void user_event(struct login *l, enum line_event event, struct buf *out)
{
    if (event == LINE_DONE && l->style->flushes && !is_name(l)) {
        line_begin(&l->line, l->user, LOGIN_WORD, 0, true);
        if (l->blanks < UINT8_MAX)
            l->blanks++;
    } else if (event == LINE_DONE) {
        name_done(l, out);
    } else {
        if (event == LINE_END)
            settle(l, out);
        set_state(l, LOGIN_OUT);
    }
}

/* BusyBox takes a ^C for a wrong password. */
static void password_event(struct login *l, enum line_event event, struct buf *out)
{
    if (event == LINE_QUIT)
        set_state(l, LOGIN_OUT);
    else
        password_done(l, out);
}

/* What is typed while the wrong pair is being thought about is lost, or waits in the terminal. */
static void delay_event(struct login *l, enum line_event event)
{
    if (event == LINE_INTERRUPT || event == LINE_QUIT)
        set_state(l, LOGIN_OUT);
    else if (l->style->flushes)
        line_begin(&l->line, l->line.text, LOGIN_WORD, event == LINE_DONE ? 0 : l->line.column,
                   true);
    else if (event == LINE_DONE && !l->line.n && l->blanks < UINT8_MAX)
        l->blanks++;
    else
        l->ahead = true;
}

static void on_event(struct login *l, enum line_event event, struct buf *out)
{
    if (l->state == LOGIN_USER)
        user_event(l, event, out);
    else if (l->state == LOGIN_PASSWORD)
        password_event(l, event, out);
    else
        delay_event(l, event);
}

/* Bytes that are echoed as of lines that nobody will read. */
static size_t lose(struct login *l, const uint8_t *data, size_t n, size_t since, struct buf *out)
{
    struct line lost;
    line_begin(&lost, l->password, LOGIN_WORD, 0, true);
    for (size_t i = 0; i < n; i++) {
        lost.since = since;
        enum line_event event = line_byte(&lost, data[i], out);
        if (event == LINE_INTERRUPT || event == LINE_QUIT) {
            set_state(l, LOGIN_OUT);
            return n;
        }
        if (event != LINE_MORE)
            line_begin(&lost, l->password, LOGIN_WORD, 0, true);
    }
    return n;
}

static char *target(struct login *l)
{
    bool password =
        l->state == LOGIN_PASSWORD || (l->state == LOGIN_DELAY && l->style->user_only_once);
    return password ? l->password : l->user;
}

static bool reads(const struct login *l)
{
    return l->state == LOGIN_USER || l->state == LOGIN_PASSWORD ||
           (l->state == LOGIN_DELAY && !l->ahead);
}

/* Whether a name was typed whole, and a password will be asked for after a flush. */
static bool will_flush(const struct login *l)
{
    return l->style->flushes && l->style->asks_password_always && l->state == LOGIN_USER && is_name(l);
}

size_t login_input(struct login *l, const uint8_t *data, size_t n, struct buf *out)
{
    size_t i = 0, since = out->len;
    l->line.text = target(l);
    line_at_once(&l->line, out);
    while (i < n && reads(l)) {
        l->line.since = since;
        enum line_event event = line_byte(&l->line, data[i++], out);
        if (event == LINE_DONE && will_flush(l))
            i += lose(l, data + i, n - i, since, out);
        if (event != LINE_MORE && l->state != LOGIN_OUT)
            on_event(l, event, out);
    }
    if (l->state == LOGIN_USER)
        settle(l, out);
    return l->state == LOGIN_OUT ? n : i;
}

/* ---- What the owner says ---- */

size_t login_named(struct login *l, bool asks, const uint8_t *rest, size_t n, struct buf *out)
{
    size_t lost = asks && l->style->flushes ? lose(l, rest, n, l->line.since, out) : 0;
    if (l->state == LOGIN_OUT)
        return lost;
    settle(l, out);
    if (asks)
        ask_password(l, out);
    else
        set_state(l, LOGIN_JUDGE);
    return lost;
}

/* Asks again, and what was typed in the meantime is the answer. */
static void ask_again(struct login *l, struct buf *out)
{
    struct line typed = l->line;
    bool ahead = l->ahead;
    settle(l, out);
    if (l->style->user_only_once)
        ask_password(l, out);
    else
        ask_first(l, out);
    if (l->style->flushes)
        return;
    typed.echo = l->line.echo;
    typed.text = l->line.text;
    typed.column = l->line.column;
    l->line = typed;
    l->ahead = false;
    if (ahead)
        on_event(l, typed.n ? LINE_DONE : LINE_END, out);
}

static void fail(struct login *l, struct buf *out)
{
    if (l->tries < UINT8_MAX)
        l->tries++;
    say(l, l->style->failed, out);
    if (l->style->tries && l->tries >= l->style->tries) {
        say(l, l->style->locked, out);
        set_state(l, LOGIN_OUT);
        return;
    }
    ask_again(l, out);
}

void login_judged(struct login *l, bool accepted, int64_t now, struct buf *out)
{
    if (accepted) {
        say(l, l->style->welcome, out);
        set_state(l, LOGIN_IN);
        return;
    }
    set_state(l, LOGIN_DELAY);
    l->ahead = false;
    l->blanks = 0;
    l->cut = false;
    line_begin(&l->line, target(l), LOGIN_WORD, 0, true);
    int64_t answers = later(now, l->style->fail_delay);
    if (answers < l->wakes)
        l->wakes = answers;
    if (answers <= now)
        fail(l, out);
}

void login_wake(struct login *l, int64_t now, struct buf *out)
{
    if (l->state == LOGIN_IN || l->state == LOGIN_OUT || now < l->wakes)
        return;
    if (now >= l->ends) {
        say(l, l->style->timed_out, out);
        set_state(l, LOGIN_OUT);
    } else if (l->state == LOGIN_DELAY) {
        fail(l, out);
    }
}
