#include "shell/pattern.h"

#include <stdint.h>
#include <string.h>

/* The pattern from where it is being read. */
struct reader {
    const char *p, *end;
    unsigned flags;
};

static uint8_t fold(unsigned flags, uint8_t c)
{
    return (flags & PATTERN_ICASE) && c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool escapes(unsigned flags, char c)
{
    return c == '\\' && !(flags & PATTERN_NOESCAPE);
}

/* ---- Brackets ---- */

enum bracket {
    BRACKET_YES,
    BRACKET_NO,
    BRACKET_NONE,   /* it has no end: the [ is a character */
    BRACKET_BROKEN, /* what is in it makes no sense: nothing matches */
};

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

static enum bracket in_class(const char *name, size_t n, uint8_t c)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (strlen(classes[i].name) != n || memcmp(classes[i].name, name, n) != 0)
            continue;
        for (const char *s = classes[i].spans; *s; s += 2)
            if (c >= (uint8_t)s[0] && c <= (uint8_t)s[1])
                return BRACKET_YES;
        return BRACKET_NO;
    }
    return BRACKET_BROKEN;
}

static bool next_is(const struct reader *r, char a)
{
    return r->p < r->end && *r->p == a;
}

static bool closes(const struct reader *r, char c)
{
    return r->end - r->p >= 2 && r->p[0] == c && r->p[1] == ']';
}

/* Behind "[:". A name of others than a to y is none (false): the [ is a character then. */
static bool class_name(struct reader *r, const char **ret_name, size_t *ret_n)
{
    struct reader at = { r->p + 1, r->end, r->flags };
    while (at.p < at.end && !closes(&at, ':'))
        if (*at.p++ < 'a' || at.p[-1] >= 'z')
            return false;
    if (at.p == at.end)
        return false;
    *ret_name = r->p + 1;
    *ret_n = (size_t)(at.p - *ret_name);
    r->p = at.p + 2;
    return true;
}

/* Behind "[=": one character. */
static bool equivalent(struct reader *r, uint8_t *ret)
{
    if (r->end - r->p < 4 || r->p[2] != '=' || r->p[3] != ']')
        return false;
    *ret = (uint8_t)r->p[1];
    r->p += 4;
    return true;
}

/* Behind "[.": the names of all but single characters are unknown. */
static bool collating(struct reader *r, uint8_t *ret)
{
    struct reader at = { r->p + 1, r->end, r->flags };
    while (at.p < at.end && !closes(&at, '.'))
        at.p++;
    if (at.p == at.end)
        return false;
    bool known = at.p == r->p + 2;
    *ret = (uint8_t)r->p[1];
    r->p = at.p + 2;
    return known;
}

/* The end of a range, or of the escape that the reader stands behind; false: nothing is there. */
static bool literal(struct reader *r, uint8_t c, uint8_t *ret)
{
    if (escapes(r->flags, (char)c)) {
        if (r->p == r->end)
            return false;
        c = (uint8_t)*r->p++;
    }
    *ret = fold(r->flags, c);
    return true;
}

static bool range_end(struct reader *r, uint8_t *ret)
{
    if (r->p == r->end)
        return false;
    uint8_t c = (uint8_t)*r->p++;
    if (c == '[' && next_is(r, '.'))
        return collating(r, ret);
    return literal(r, c, ret);
}

/* An element that is no class: a character, or a range that it begins. c was read. */
static enum bracket character(struct reader *r, uint8_t c, uint8_t folded)
{
    uint8_t low, high;
    if (c == '[' && next_is(r, '.') ? !collating(r, &low) : !literal(r, c, &low))
        return BRACKET_BROKEN;
    high = low;
    if (r->end - r->p >= 1 && r->p[0] == '-' && !(r->end - r->p >= 2 && r->p[1] == ']')) {
        r->p++;
        if (!range_end(r, &high))
            return BRACKET_BROKEN;
    }
    return low <= folded && folded <= high ? BRACKET_YES : BRACKET_NO;
}

static enum bracket element(struct reader *r, uint8_t c, uint8_t byte, uint8_t folded)
{
    const char *name;
    size_t n;
    uint8_t same;
    if (c == '[' && next_is(r, ':') && class_name(r, &name, &n))
        return in_class(name, n, byte);
    if (c == '[' && next_is(r, '=') && equivalent(r, &same))
        return byte == same ? BRACKET_YES : BRACKET_NO;
    return character(r, c, folded);
}

/* What follows an element that matched is read over: names are not looked at any more. */
static enum bracket read_over(struct reader *r)
{
    const char *name;
    size_t n;
    uint8_t c;
    while (r->p < r->end) {
        char at = *r->p++;
        if (at == ']')
            return BRACKET_YES;
        if (escapes(r->flags, at)) {
            if (r->p++ == r->end)
                return BRACKET_BROKEN;
        } else if (at == '[' && next_is(r, ':')) {
            class_name(r, &name, &n);
        } else if (at == '[' && next_is(r, '=')) {
            if (!equivalent(r, &c))
                return BRACKET_BROKEN;
        } else if (at == '[' && next_is(r, '.')) {
            const char *had = r->p;
            if (!collating(r, &c) && r->p == had)
                return BRACKET_BROKEN;
        }
    }
    return BRACKET_NONE;
}

/* Whether byte is in what stands behind the [; then r stands behind the ]. */
static enum bracket bracket(struct reader *r, uint8_t byte)
{
    bool negated = next_is(r, '!') || next_is(r, '^'), first = true;
    uint8_t folded = fold(r->flags, byte);
    enum bracket is = BRACKET_NO;
    r->p += negated;
    for (; is == BRACKET_NO; first = false) {
        if (r->p == r->end)
            return BRACKET_NONE;
        uint8_t c = (uint8_t)*r->p++;
        if (c == ']' && !first)
            return negated ? BRACKET_YES : BRACKET_NO;
        is = element(r, c, byte, folded);
    }
    if (is == BRACKET_YES)
        is = read_over(r);
    return is == BRACKET_YES && negated ? BRACKET_NO : is;
}

/* ---- Patterns ---- */

/* The text, and where it is. */
struct subject {
    const char *s, *p, *end;
    unsigned flags;
};

/* A dot that only a dot matches. */
static bool leading_period(const struct subject *t)
{
    if (!(t->flags & PATTERN_PERIOD) || t->p == t->end || *t->p != '.')
        return false;
    return t->p == t->s || ((t->flags & PATTERN_PATHNAME) && t->p[-1] == '/');
}

static bool wild(const struct subject *t)
{
    return t->p < t->end && !(*t->p == '/' && (t->flags & PATTERN_PATHNAME)) && !leading_period(t);
}

static bool same(struct reader *r, struct subject *t, char c)
{
    return t->p < t->end && fold(r->flags, (uint8_t)c) == fold(r->flags, (uint8_t)*t->p++);
}

/* One element of the pattern, other than *, against the character that stands there. */
static bool one(struct reader *r, struct subject *t)
{
    char c = *r->p++;
    if (c == '?')
        return wild(t) && t->p++;
    if (c == '[') {
        struct reader inside = *r;
        enum bracket is = wild(t) ? bracket(&inside, (uint8_t)*t->p) : BRACKET_BROKEN;
        if (is == BRACKET_NONE)
            return same(r, t, c);
        r->p = inside.p;
        t->p += is == BRACKET_YES;
        return is == BRACKET_YES;
    }
    if (!escapes(r->flags, c))
        return same(r, t, c);
    return r->p < r->end && same(r, t, *r->p++);
}

/* Stars take as little as they can; where it goes wrong behind one, the last takes one more. */
bool pattern_match(const char *pattern, size_t n_pattern, const char *s, size_t n, unsigned flags)
{
    struct reader r = { pattern, pattern + n_pattern, flags }, star_r = { 0 };
    struct subject t = { s, s, s + n, flags }, star_t = { 0 };
    while (r.p < r.end || t.p < t.end) {
        if (r.p < r.end && *r.p == '*' && !leading_period(&t)) {
            r.p++;
            star_r = r;
            star_t = t;
            continue;
        }
        if (r.p < r.end && *r.p != '*' && one(&r, &t))
            continue;
        if (!star_r.p || !wild(&star_t))
            return false;
        star_t.p++;
        r = star_r;
        t = star_t;
    }
    return true;
}

size_t pattern_one(const char *pattern, size_t n, unsigned char c, bool *ret_matches)
{
    struct reader r = { pattern + 1, pattern + n, 0 };
    enum bracket is = *pattern == '[' ? bracket(&r, c) : BRACKET_NONE;
    if (is == BRACKET_NONE) {
        bool escaped = *pattern == '\\' && n > 1;
        *ret_matches = *pattern == '?' || (uint8_t)pattern[escaped] == c;
        return 1 + escaped;
    }
    *ret_matches = is == BRACKET_YES;
    return is == BRACKET_BROKEN ? n : (size_t)(r.p - pattern);
}

bool pattern_is(const char *pattern, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (pattern[i] == '\\')
            i++;
        else if (strchr("*?[", pattern[i]) && pattern[i])
            return true;
    }
    return false;
}
