#include "trap/telnet.h"

#include "trap/words.h"

#include <stdio.h>
#include <string.h>

enum { IN_DATA, IN_COMMAND, IN_OPTION, IN_SUB_OPTION, IN_SUB, IN_SUB_COMMAND, IN_SIZE, IN_NOTHING };
enum { OPTION_TTYPE = 24, OPTION_NAWS = 31 };
enum { US, THEM };

static uint64_t bit(uint8_t option)
{
    return option < 64 ? UINT64_C(1) << option : 0;
}

static void say(struct buf *out, uint8_t command, uint8_t option)
{
    const uint8_t bytes[3] = { TELNET_IAC, command, option };
    buf_put(out, bytes, sizeof bytes);
}

/* What a daemon says by itself is noted as offered. */
static void say_all(struct telnet *t, const uint8_t *bytes, size_t n, struct buf *out)
{
    buf_put(out, bytes, n);
    for (size_t i = 0; i + 2 < n; i += 3)
        t->offered[bytes[i + 1] == TELNET_WILL ? US : THEM] |= bit(bytes[i + 2]);
}

void telnet_open(struct telnet *t, const struct telnet_dialect *dialect, struct buf *out)
{
    *t = (struct telnet){ .dialect = dialect, .ready = !dialect->second };
    say_all(t, dialect->opening, dialect->n_opening, out);
}

static void note(struct telnet *t, uint8_t command, uint8_t option)
{
    if (t->n_spoken + 2 > TELNET_SPOKEN)
        return;
    t->spoken[t->n_spoken++] = command;
    t->spoken[t->n_spoken++] = option;
}

static const struct telnet_rule *rule_of(const struct telnet *t, uint8_t option)
{
    for (size_t i = 0; i < t->dialect->n_rules; i++) {
        if (t->dialect->rules[i].option == option)
            return &t->dialect->rules[i];
    }
    return NULL;
}

/* SB option SEND (RFC 1091), once. */
static void ask(struct buf *out, uint8_t option)
{
    const uint8_t bytes[] = { TELNET_IAC, TELNET_SB, option, 1, TELNET_IAC, TELNET_SE };
    buf_put(out, bytes, sizeof bytes);
}

/* WILL (side: them) or DO (us): an answer to what we said needs none (RFC 1143). */
static void wants(struct telnet *t, int side, uint8_t option, struct buf *out)
{
    const struct telnet_rule *rule = rule_of(t, option);
    bool known = rule && (side == US ? rule->will : rule->does);
    bool offered = t->offered[side] & bit(option);
    t->offered[side] &= ~bit(option);
    if (t->agreed[side] & bit(option))
        return;
    if (!known && !offered) {
        say(out, side == US ? TELNET_WONT : TELNET_DONT, option);
        return;
    }
    t->agreed[side] |= bit(option);
    if (!offered)
        say(out, side == US ? TELNET_WILL : TELNET_DO, option);
    if (side == THEM && rule && rule->asks) {
        t->asked |= bit(option);
        ask(out, option);
    }
}

/* WONT (side: them) or DONT (us). */
static void refuses(struct telnet *t, int side, uint8_t option, struct buf *out)
{
    const struct telnet_rule *rule = rule_of(t, option);
    bool had = t->agreed[side] & bit(option);
    bool taken = (t->offered[US] | t->agreed[US]) & bit(option);
    t->agreed[side] &= ~bit(option);
    t->offered[side] &= ~bit(option);
    if (had)
        say(out, side == US ? TELNET_WONT : TELNET_DONT, option);
    if (side == THEM && rule && rule->insists && !taken) {
        t->offered[US] |= bit(option);
        say(out, TELNET_WILL, option);
    }
}

/* The daemons that wait for answers go on when the last of them has come. */
static void go_on(struct telnet *t, struct buf *out)
{
    const struct telnet_dialect *d = t->dialect;
    if (t->ready || t->offered[US] || t->offered[THEM] || t->asked)
        return;
    t->ready = true;
    say_all(t, d->second, d->n_second, out);
}

static void negotiate(struct telnet *t, uint8_t option, struct buf *out)
{
    int side = t->command == TELNET_DO || t->command == TELNET_DONT ? US : THEM;
    note(t, t->command, option);
    if (t->dialect->unknown == TELNET_IGNORES && !rule_of(t, option))
        return;
    if (t->command == TELNET_DO || t->command == TELNET_WILL)
        wants(t, side, option, out);
    else
        refuses(t, side, option, out);
    go_on(t, out);
}

/* ---- Suboptions ---- */

static void take_size(struct telnet *t)
{
    t->columns = (uint16_t)(t->sub[0] << 8 | t->sub[1]);
    t->rows = (uint16_t)(t->sub[2] << 8 | t->sub[3]);
}

/* RFC 1091: IS, and a name that is shown to people one day. */
static void take_terminal(struct telnet *t)
{
    size_t n = 0;
    for (size_t i = 1; i < t->n_sub && n + 1 < TELNET_TERMINAL; i++) {
        if (t->sub[i] > ' ' && t->sub[i] < 127)
            t->terminal[n++] = (char)t->sub[i];
    }
    t->terminal[n] = '\0';
}

static void sub_end(struct telnet *t, struct buf *out)
{
    if (t->option == OPTION_NAWS && t->n_sub == 4)
        take_size(t);
    if (t->option == OPTION_TTYPE && t->n_sub && t->sub[0] == 0)
        take_terminal(t);
    t->asked &= ~bit(t->option);
    go_on(t, out);
}

static void sub_byte(struct telnet *t, uint8_t c)
{
    if (t->n_sub < TELNET_SUBOPTION)
        t->sub[t->n_sub++] = c;
}

static uint8_t sub_begin(struct telnet *t, uint8_t option)
{
    t->option = option;
    t->n_sub = 0;
    note(t, TELNET_SB, option);
    if (!t->dialect->leaks)
        return IN_SUB;
    return option == OPTION_NAWS ? IN_SIZE : IN_DATA;
}

static uint8_t size_byte(struct telnet *t, uint8_t c)
{
    sub_byte(t, c);
    if (t->n_sub < 4)
        return IN_SIZE;
    take_size(t);
    return IN_DATA;
}

/* ---- Commands ---- */

static void are_you_there(const struct telnet *t, struct buf *out)
{
    const struct telnet_dialect *d = t->dialect;
    if (d->ayt && !memchr(d->ayt, '%', d->n_ayt))
        buf_put(out, d->ayt, d->n_ayt);
    else if (d->ayt)
        words_say(out, d->ayt, t->hostname ? t->hostname : "");
}

static void key(char c, struct buf *data)
{
    if (c)
        buf_u8(data, (uint8_t)c);
}

static uint8_t command(struct telnet *t, uint8_t c, struct buf *data, struct buf *out)
{
    const struct telnet_keys *keys = &t->dialect->keys;
    t->command = c;
    switch (c) {
    case TELNET_WILL:
    case TELNET_WONT:
    case TELNET_DO:
    case TELNET_DONT:
        return IN_OPTION;
    case TELNET_SB:
        return IN_SUB_OPTION;
    case TELNET_IAC:
        buf_u8(data, TELNET_IAC);
        break;
    case TELNET_AYT:
        are_you_there(t, out);
        break;
    case TELNET_IP:
    case TELNET_BRK:
        t->interrupted = true;
        key(c == TELNET_IP ? keys->interrupt : keys->brk, data);
        break;
    case TELNET_EC:
    case TELNET_EL:
        key(c == TELNET_EC ? keys->erase : keys->kill, data);
        break;
    default: /* BusyBox takes what is no command of RFC 854's for one with an option */
        return t->dialect->leaks && c < TELNET_SE ? IN_NOTHING : IN_DATA;
    }
    return IN_DATA;
}

static uint8_t next(struct telnet *t, uint8_t c, struct buf *data, struct buf *out)
{
    switch (t->state) {
    case IN_COMMAND:
        return command(t, c, data, out);
    case IN_OPTION:
        negotiate(t, c, out);
        return IN_DATA;
    case IN_NOTHING:
        return IN_DATA;
    case IN_SUB_OPTION:
        return sub_begin(t, c);
    case IN_SUB:
        if (c == TELNET_IAC)
            return IN_SUB_COMMAND;
        sub_byte(t, c);
        return IN_SUB;
    case IN_SUB_COMMAND:
        if (c == TELNET_IAC) {
            sub_byte(t, c);
            return IN_SUB;
        }
        sub_end(t, out);
        return c == TELNET_SE ? IN_DATA : command(t, c, data, out);
    default:
        return size_byte(t, c);
    }
}

/* Characters up to the next IAC, for the terminal; how many. RFC 854: a CR comes with an LF or a
 * NUL. */
static size_t plain(struct telnet *t, const uint8_t *from, size_t n, struct buf *data)
{
    const uint8_t *iac = memchr(from, TELNET_IAC, n), *at = from, *end = iac ? iac : from + n;
    while (at < end) {
        if (t->carriage && (*at == '\n' || *at == '\0'))
            at++;
        const uint8_t *cr = at < end ? memchr(at, '\r', (size_t)(end - at)) : NULL;
        const uint8_t *stop = cr ? cr + 1 : end;
        buf_put(data, at, (size_t)(stop - at));
        t->carriage = cr;
        at = stop;
    }
    return (size_t)(end - from);
}

void telnet_input(struct telnet *t, const uint8_t *from, size_t n, struct buf *data,
                  struct buf *out)
{
    for (size_t i = 0; i < n;) {
        if (t->state != IN_DATA) {
            t->state = next(t, from[i++], data, out);
        } else if (from[i] == TELNET_IAC) {
            t->carriage = false;
            t->state = IN_COMMAND;
            i++;
        } else {
            i += plain(t, from + i, n - i, data);
        }
    }
}

/* How many of the bytes need nothing put behind them: up to and with the first that does. */
static size_t until_odd(const struct telnet_dialect *d, const uint8_t *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((d->doubles_iac && at[i] == TELNET_IAC) || (d->cr_nul && at[i] == '\r'))
            return i + 1;
    }
    return n;
}

void telnet_output(const struct telnet *t, const void *from, size_t n, struct buf *out)
{
    const struct telnet_dialect *d = t->dialect;
    const uint8_t *at = from, *end = at + n;
    while (at < end) {
        size_t some = until_odd(d, at, (size_t)(end - at));
        buf_put(out, at, some);
        at += some;
        if (d->doubles_iac && at[-1] == TELNET_IAC)
            buf_u8(out, TELNET_IAC);
        else if (d->cr_nul && at[-1] == '\r' && (at == end || *at != '\n'))
            buf_u8(out, '\0');
    }
}

/* ---- For people ---- */

static const char *const commands[] = { "SB", "WILL", "WONT", "DO", "DONT" };
static const struct {
    uint8_t option;
    const char *name;
} options[] = {
    { 0, "BINARY" },       { 1, "ECHO" },
    { 3, "SGA" },          { 5, "STATUS" },
    { 6, "TM" },           { 24, "TTYPE" },
    { 25, "EOR" },         { 31, "NAWS" },
    { 32, "TSPEED" },      { 33, "LFLOW" },
    { 34, "LINEMODE" },    { 35, "XDISPLOC" },
    { 36, "OLD-ENVIRON" }, { 37, "AUTHENTICATION" },
    { 38, "ENCRYPT" },     { 39, "NEW-ENVIRON" },
};

static const char *option_name(uint8_t option, char text[static 4])
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (options[i].option == option)
            return options[i].name;
    }
    snprintf(text, 4, "%u", option);
    return text;
}

void telnet_spoken_text(const struct telnet *t, char *to, size_t n)
{
    size_t at = 0;
    char number[4];
    if (n)
        to[0] = '\0';
    for (size_t i = 0; i + 1 < t->n_spoken && at + 1 < n; i += 2) {
        int some =
            snprintf(to + at, n - at, "%s%s %s", i ? ", " : "", commands[t->spoken[i] - TELNET_SB],
                     option_name(t->spoken[i + 1], number));
        at += some > 0 ? (size_t)some : 0;
    }
}
