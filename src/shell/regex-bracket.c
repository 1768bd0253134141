#include "shell/regex-inside.h"

#include <string.h>

/* What stands between brackets is elements; those that name one character may end a range. */
struct element {
    bool range;           /* may end one */
    uint8_t c;            /* then this */
    struct regex_set set; /* else these */
    bool unknown; /* a [.name.] that is none: said when it is clear that the bracket goes on */
};

struct bracket {
    const uint8_t *s;
    size_t n, at;
    unsigned flags;
};

enum token { TOKEN_END, TOKEN_BYTE, TOKEN_DASH, TOKEN_CLOSE, TOKEN_NAMED };

enum { NAME_MOST = 32 };

static uint8_t byte_at(const struct bracket *b, size_t at)
{
    return at < b->n ? regex_fold(b->flags, b->s[at]) : 0;
}

static enum token token_at(const struct bracket *b, size_t at)
{
    if (at >= b->n)
        return TOKEN_END;
    switch (b->s[at]) {
    case '-':
        return TOKEN_DASH;
    case ']':
        return TOKEN_CLOSE;
    case '[':
        return at + 1 < b->n && strchr(".=:", b->s[at + 1]) && b->s[at + 1] ? TOKEN_NAMED
                                                                            : TOKEN_BYTE;
    default:
        return TOKEN_BYTE;
    }
}

/* Classes of the C locale: spans of bytes. */
/* clang-format off */
static const struct {
    const char *name, *spans;
} classes[] = {
    { "alnum", "09AZaz" }, { "alpha", "AZaz" }, { "blank", "\t\t  " }, { "cntrl", "\x01\x1f\x7f\x7f" },
    { "digit", "09" }, { "graph", "!~" }, { "lower", "az" }, { "print", " ~" }, { "punct", "!/:@[`{~" },
    { "space", "\t\r  " }, { "upper", "AZ" }, { "xdigit", "09AFaf" },
};
/* clang-format on */

static void add_span(struct regex_set *set, uint8_t low, uint8_t high)
{
    for (unsigned c = low; c <= high; c++)
        set_add(set, (uint8_t)c);
}

static enum regex_fault class_of(const struct bracket *b, const char *name, struct regex_set *set)
{
    if ((b->flags & REGEX_ICASE) && (strcmp(name, "upper") == 0 || strcmp(name, "lower") == 0))
        name = "alpha";
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (strcmp(classes[i].name, name) != 0)
            continue;
        for (const char *s = classes[i].spans; *s; s += 2)
            add_span(set, (uint8_t)s[0], (uint8_t)s[1]);
        if (strcmp(name, "cntrl") == 0)
            set_add(set, 0);
        return FAULT_NONE;
    }
    return FAULT_CLASS;
}

/* [:name:], [.x.] or [=x=], of which the last two name one byte here. */
static enum regex_fault named(struct bracket *b, struct element *e)
{
    uint8_t kind = b->s[b->at + 1];
    char name[NAME_MOST + 1];
    size_t n = 0;
    for (b->at += 2;; b->at++) {
        if (n >= NAME_MOST || b->at + 1 >= b->n)
            return FAULT_BRACKET;
        if (b->s[b->at] == kind && b->s[b->at + 1] == ']')
            break;
        name[n++] = (char)(kind == ':' ? b->s[b->at] : byte_at(b, b->at));
    }
    b->at += 2;
    name[n] = '\0';
    if (kind == ':')
        return class_of(b, name, &e->set);
    e->range = kind == '.';
    e->unknown = n != 1;
    if (e->unknown)
        return e->range ? FAULT_NONE : FAULT_COLLATION;
    e->c = (uint8_t)name[0];
    set_add(&e->set, e->c);
    return FAULT_NONE;
}

/* POSIX leaves a - in the middle undefined; it is an error unless the ] follows. */
static enum regex_fault element(struct bracket *b, bool dash_is_byte, struct element *e)
{
    *e = (struct element){ 0 };
    enum token token = token_at(b, b->at);
    if (token == TOKEN_NAMED)
        return named(b, e);
    if (token == TOKEN_DASH && !dash_is_byte && token_at(b, b->at + 1) != TOKEN_CLOSE)
        return FAULT_RANGE;
    e->c = byte_at(b, b->at++);
    e->range = true;
    set_add(&e->set, e->c);
    return FAULT_NONE;
}

static void join(struct regex_set *to, const struct regex_set *more)
{
    for (size_t i = 0; i < 4; i++)
        to->bits[i] |= more->bits[i];
}

static enum regex_fault range_end(struct bracket *b, const struct element *low,
                                  struct regex_set *set)
{
    struct element high;
    enum regex_fault fault = element(b, true, &high);
    if (fault)
        return fault;
    if (!high.range)
        return FAULT_RANGE;
    if (low->unknown || high.unknown)
        return FAULT_COLLATION;
    if (low->c > high.c)
        return FAULT_RANGE;
    add_span(set, low->c, high.c);
    return FAULT_NONE;
}

/* One element, or a range of two. */
static enum regex_fault item(struct bracket *b, bool first, struct regex_set *set)
{
    struct element e;
    enum regex_fault fault = element(b, first, &e);
    if (fault)
        return fault;
    bool dash = token_at(b, b->at) == TOKEN_DASH;
    if (e.range && token_at(b, b->at + dash) == TOKEN_END)
        return FAULT_BRACKET;
    if (e.range && dash && token_at(b, b->at + 1) != TOKEN_CLOSE) {
        b->at++;
        return range_end(b, &e, set);
    }
    join(set, &e.set);
    return e.unknown ? FAULT_COLLATION : FAULT_NONE;
}

/* The bytes are of the folded text; the set is of the text as it is. */
static void unfold(const struct bracket *b, bool negated, const struct regex_set *folded,
                   struct regex_set *ret)
{
    *ret = (struct regex_set){ 0 };
    for (unsigned c = 0; c < 256; c++)
        if (set_has(folded, regex_fold(b->flags, (uint8_t)c)) != negated)
            set_add(ret, (uint8_t)c);
}

enum regex_fault regex_bracket(const uint8_t *s, size_t n, size_t *at, unsigned flags,
                               struct regex_set *ret)
{
    struct bracket b = { s, n, *at, flags };
    struct regex_set set = { 0 };
    bool negated = b.at < n && s[b.at] == '^';
    b.at += negated;
    if (b.at >= n)
        return FAULT_PATTERN;
    if (negated && (flags & REGEX_NEWLINE))
        set_add(&set, '\n');
    for (bool first = true; first || token_at(&b, b.at) != TOKEN_CLOSE; first = false) {
        if (b.at >= n)
            return FAULT_BRACKET;
        enum regex_fault fault = item(&b, first, &set);
        if (fault)
            return fault;
    }
    *at = b.at + 1;
    unfold(&b, negated, &set, ret);
    return FAULT_NONE;
}
