#include "shell/awk/value.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CLASS_LEAST = 32, CLASS_KEPT = 64 };

/* Which list a text of n bytes belongs to: blocks of 32, 64, 128 and 256 bytes. */
static size_t class_of(size_t n)
{
    size_t whole = sizeof(struct awk_str) + n + 1, c = 0;
    for (size_t room = CLASS_LEAST; room < whole; room *= 2)
        c++;
    return c;
}

void awk_pool_init(struct awk_pool *p, struct memory *m)
{
    *p = (struct awk_pool){ .m = m };
    p->empty = awk_str_make(p, "", 0);
}

static struct awk_str *str_take(struct awk_pool *p, size_t n)
{
    if (n >= UINT32_MAX)
        return memory_take(p->m, SIZE_MAX / 2);
    size_t c = class_of(n);
    if (c >= AWK_CLASSES)
        return memory_take(p->m, sizeof(struct awk_str) + n + 1);
    struct awk_free *f = p->list[c];
    if (!f)
        return memory_take(p->m, (size_t)CLASS_LEAST << c);
    p->list[c] = f->next;
    p->count[c]--;
    return (struct awk_str *)f;
}

struct awk_str *awk_str_room(struct awk_pool *p, size_t n)
{
    struct awk_str *s = str_take(p, n);
    s->refs = 1;
    s->len = (uint32_t)n;
    s->data[n] = '\0';
    return s;
}

struct awk_str *awk_str_make(struct awk_pool *p, const void *data, size_t n)
{
    if (n == 0 && p->empty)
        return str_keep(p->empty);
    struct awk_str *s = awk_str_room(p, n);
    if (n)
        memcpy(s->data, data, n);
    return s;
}

void awk_str_free(struct awk_pool *p, struct awk_str *s)
{
    size_t c = class_of(s->len);
    if (c >= AWK_CLASSES || p->count[c] >= CLASS_KEPT) {
        memory_give(p->m, s);
        return;
    }
    struct awk_free *f = (struct awk_free *)s;
    f->next = p->list[c];
    p->list[c] = f;
    p->count[c]++;
}

/* Plain decimal digits that a double holds exactly: what nearly all numbers are. */
static const char *few_digits(const char *s, double *ret)
{
    uint32_t v = 0;
    const char *p = s;
    while (isdigit((unsigned char)*p) && p - s < 9)
        v = v * 10 + (uint32_t)(*p++ - '0');
    bool plain = p > s && (s[0] != '0' || p - s == 1) && !isalnum((unsigned char)*p) && *p != '.';
    *ret = v;
    return plain ? p : NULL;
}

/* Octal or hexadecimal, but not 08 and not 0.5: NULL. The reference looks for them only at the very
 * beginning of a text. */
static const char *other_base(const char *s, double *ret)
{
    if (s[0] != '0' || ((s[1] | 0x20) != 'x' && !isdigit((unsigned char)s[1])))
        return NULL;
    bool hex = (s[1] | 0x20) == 'x';
    char *end;
    *ret = (double)strtoull(s, &end, 0);
    if (isdigit((unsigned char)*end) || (*end == '.' && !hex))
        return NULL;
    return end;
}

double awk_strtod(const char *s, const char **ret_end)
{
    double d;
    const char *end = few_digits(s, &d);
    if (!end)
        end = other_base(s, &d);
    if (!end) {
        char *stop;
        d = strtod(s, &stop);
        end = stop;
    }
    if (ret_end)
        *ret_end = end;
    return d;
}

double awk_value_parse(struct awk_value *v)
{
    const char *s = v->str->data, *end;
    while (isspace((unsigned char)*s))
        s++;
    /* With blanks before it a text is read as C does, without octal. */
    v->num = s == v->str->data ? awk_strtod(s, &end) : strtod(s, (char **)&end);
    v->parsed = true;
    if (v->kind == AWK_USER) {
        bool any = end > s;
        while (*end == ' ' || *end == '\t')
            end++;
        v->numeric = any && *end == '\0';
    }
    return v->num;
}

bool awk_value_is_numeric(struct awk_value *v)
{
    if (v->kind == AWK_USER && !v->parsed)
        awk_value_parse(v);
    return v->kind == AWK_NUMBER || v->kind == AWK_UNSET || (v->kind == AWK_USER && v->numeric);
}

bool awk_value_true(struct awk_value *v)
{
    if (awk_value_is_numeric(v))
        return value_num(v) != 0;
    return v->str->len != 0;
}

bool awk_number_is_whole(double d)
{
    return d >= -9223372036854775808.0 && d < 9223372036854775808.0 && d == (double)(int64_t)d;
}

size_t awk_number_whole(double d, char to[static 24])
{
    int64_t v = (int64_t)d;
    uint64_t left = v < 0 ? -(uint64_t)v : (uint64_t)v;
    char digits[24];
    size_t n = 0, at = 0;
    do
        digits[n++] = (char)('0' + left % 10);
    while ((left /= 10) != 0);
    if (v < 0)
        to[at++] = '-';
    while (n)
        to[at++] = digits[--n];
    to[at] = '\0';
    return at;
}

int awk_number_int(double d)
{
    return d > -2147483649.0 && d < 2147483648.0 ? (int)d : INT32_MIN;
}

int64_t awk_number_int64(double d)
{
    return d >= -9223372036854775808.0 && d < 9223372036854775808.0 ? (int64_t)d : INT64_MIN;
}

uint64_t awk_number_uint64(double d)
{
    if (d < 0)
        return (uint64_t)awk_number_int64(d);
    if (d < 18446744073709551616.0)
        return (uint64_t)d;
    return d != d ? UINT64_C(1) << 63 : 0;
}
