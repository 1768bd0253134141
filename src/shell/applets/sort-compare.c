#include "shell/applets/sort.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct part {
    const char *s;
    size_t n;
};

static bool blank(char c)
{
    return isspace((unsigned char)c);
}

static const char *skip_blanks(const char *s, const char *end)
{
    while (s < end && blank(*s))
        s++;
    return s;
}

/* Where the field ends that begins at s. */
static const char *field_end(const struct sort_order *o, const char *s, const char *end)
{
    if (o->separator) {
        const char *separator = memchr(s, o->separator, (size_t)(end - s));
        return separator ? separator : end;
    }
    s = skip_blanks(s, end);
    while (s < end && !blank(*s))
        s++;
    return s;
}

static const char *field_start(const struct sort_order *o, uint32_t field, const char *s, const char *end)
{
    while (--field && s < end) {
        s = field_end(o, s, end);
        if (o->separator && s < end)
            s++;
    }
    return s;
}

static const char *forward(const char *s, uint32_t n, const char *end)
{
    return n < (size_t)(end - s) ? s + n : end;
}

static struct part key_part(const struct sort_order *o, const struct sort_key *k, unsigned flags, const char *line)
{
    const char *end = line + strlen(line), *from = line, *to = end;
    if (k->field)
        from = field_start(o, k->field, line, end);
    if (flags & SORT_BLANKS)
        from = skip_blanks(from, end);
    if (k->character)
        from = forward(from, k->character - 1, end);
    /* The reference counts the characters of an end from the line's beginning. */
    if (k->end_character)
        to = forward(line, k->end_character, end);
    else if (k->end_field)
        to = field_end(o, field_start(o, k->end_field, line, end), end);
    return (struct part){ from, to > from ? (size_t)(to - from) : 0 };
}

/* A copy of what of the part counts, ended by a NUL. */
static const char *copy(struct text *to, struct part part, unsigned flags)
{
    to->len = 0;
    for (size_t i = 0; i < part.n; i++) {
        unsigned char c = (unsigned char)part.s[i];
        if ((flags & SORT_DICTIONARY && !isalnum(c) && !isspace(c)) || (flags & SORT_PRINTABLE && !isprint(c)))
            continue;
        text_char_add(to, (char)(flags & SORT_FOLD ? toupper(c) : c));
    }
    text_add(to, "", 0);
    return to->data;
}

static int by_bytes(struct part a, struct part b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.s, b.s, n) : 0;
    return order ? order : a.n < b.n ? -1 : a.n > b.n;
}

static int by_value(double a, double b)
{
    return a > b ? 1 : a < b ? -1 : 0;
}

/* No number, then NaN, then numbers. */
static int by_general(const char *a, const char *b)
{
    char *end_a, *end_b;
    double x = strtod(a, &end_a), y = strtod(b, &end_b);
    if (end_a == a || end_b == b)
        return (end_a != a) - (end_b != b);
    if (isnan(x) || isnan(y))
        return !isnan(x) - !isnan(y);
    return by_value(x, y);
}

static int month(const char *s)
{
    static const char names[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    for (int i = 0; i < 12; i++)
        if (!strncasecmp(s, names[i], 3))
            return i;
    return -1;
}

static int compare(struct sort_order *o, struct part a, struct part b, unsigned flags)
{
    const unsigned kinds = SORT_NUMBER | SORT_GENERAL | SORT_MONTH | SORT_VERSION, kind = flags & kinds;
    o->unknown |= (kind & (kind - 1)) != 0;
    if (!(flags & (kinds | SORT_FOLD | SORT_DICTIONARY | SORT_PRINTABLE)))
        return by_bytes(a, b);
    const char *left = copy(&o->left, a, flags), *right = copy(&o->right, b, flags);
    if (flags & SORT_GENERAL)
        return by_general(left, right);
    if (flags & SORT_MONTH)
        return month(left) - month(right);
    if (flags & SORT_NUMBER)
        return by_value(strtod(left, NULL), strtod(right, NULL));
    return flags & SORT_VERSION ? strverscmp(left, right) : strcmp(left, right);
}

int sort_by_keys(struct sort_order *o, const char *a, const char *b, unsigned *ret_reverse)
{
    const struct sort_key whole = { 0 };
    for (size_t i = 0; i < (o->n ? o->n : 1); i++) {
        const struct sort_key *k = o->n ? &o->keys[i] : &whole;
        unsigned flags = k->flags ? k->flags : o->flags;
        int order = compare(o, key_part(o, k, flags, a), key_part(o, k, flags, b), flags);
        *ret_reverse = flags & SORT_REVERSE;
        if (order)
            return flags & SORT_REVERSE ? (order < 0) - (order > 0) : order;
    }
    return 0;
}

int sort_lines(struct sort_order *o, const char *a, const char *b, unsigned *ret_reverse)
{
    int order = sort_by_keys(o, a, b, ret_reverse);
    if (order || o->stable)
        return order;
    order = strcmp(a, b);
    return o->flags & SORT_REVERSE ? (order < 0) - (order > 0) : order;
}
