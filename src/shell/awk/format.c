/* printf of awk. Nothing is longer than the account of the process can pay for. */
#include "shell/awk/run.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* More digits than any double has behind its point. */
enum { DIGITS_MOST = 1100, WIDTH_MOST = 1 << 30 };

struct spec {
    bool left, zero, plus, blank, alternate;
    int width, precision; /* -1: none */
    char letter;
};

static void pad(struct text *to, char c, int64_t n)
{
    char some[64];
    memset(some, c, sizeof some);
    for (; n > 0; n -= (int64_t)sizeof some)
        text_add(to, some, n < (int64_t)sizeof some ? (size_t)n : sizeof some);
}

/* Where zeros may be put in: behind a sign and 0x. */
static size_t prefix_of(const char *s, size_t n)
{
    size_t at = n > 0 && (s[0] == '-' || s[0] == '+' || s[0] == ' ');
    return n - at > 1 && s[at] == '0' && (s[at + 1] | 0x20) == 'x' ? at + 2 : at;
}

static void put_padded(struct text *to, const struct spec *f, bool zeros, const char *s, size_t n)
{
    int64_t fill = (int64_t)f->width - (int64_t)n;
    size_t front = zeros ? prefix_of(s, n) : 0;
    if (!f->left && !zeros)
        pad(to, ' ', fill);
    text_add(to, s, front);
    if (!f->left && zeros)
        pad(to, '0', fill);
    text_add(to, s + front, n - front);
    if (f->left)
        pad(to, ' ', fill);
}

static size_t digits_of(uint32_t v, const struct spec *f, char *to)
{
    unsigned base = strchr("xX", f->letter) ? 16 : f->letter == 'o' ? 8 : 10;
    const char *digits = f->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char turned[16];
    size_t n = 0, at = 0;
    for (; v; v /= base)
        turned[n++] = digits[v % base];
    while (n)
        to[at++] = turned[--n];
    return at;
}

static void put_integer(struct text *to, const struct spec *f, double d)
{
    int v = awk_number_int(d);
    bool is_signed = f->letter == 'd' || f->letter == 'i';
    uint32_t magnitude = is_signed && v < 0 ? 0 - (uint32_t)v : (uint32_t)v;
    char digits[16];
    size_t n = digits_of(magnitude, f, digits);
    int64_t zeros = (f->precision < 0 ? 1 : f->precision) - (int64_t)n;
    if (f->alternate && f->letter == 'o' && zeros < 1)
        zeros = 1;
    struct text whole = text_of(to->memory);
    if (is_signed && (v < 0 || f->plus || f->blank))
        text_char_add(&whole, v < 0 ? '-' : f->plus ? '+' : ' ');
    if (f->alternate && (f->letter | 0x20) == 'x' && v != 0)
        text_add(&whole, f->letter == 'x' ? "0x" : "0X", 2);
    pad(&whole, '0', zeros);
    text_add(&whole, digits, n);
    put_padded(to, f, f->zero && f->precision < 0, whole.data, whole.len);
    text_release(&whole);
}

/* A fraction has no more digits than DIGITS_MOST; what is asked for beyond them are zeros, before
 * the exponent where there is one. */
static void put_double(struct text *to, const struct spec *f, double d)
{
    int precision = f->precision < 0 ? 6 : f->precision > DIGITS_MOST ? DIGITS_MOST : f->precision;
    char format[16], digits[DIGITS_MOST + 400];
    snprintf(format, sizeof format, "%%%s%s%s.*%c", f->alternate ? "#" : "", f->plus ? "+" : "",
             f->blank ? " " : "", f->letter);
    int made = snprintf(digits, sizeof digits, format, precision, d);
    size_t n = made < 0 ? 0 : (size_t)made;
    struct text whole = text_of(to->memory);
    bool fixed = strchr("eEfF", f->letter) && isfinite(d);
    size_t front = fixed ? strcspn(digits, "eE") : n;
    text_add(&whole, digits, front);
    if (fixed)
        pad(&whole, '0', (int64_t)f->precision - precision);
    text_add(&whole, digits + front, n - front);
    put_padded(to, f, f->zero && isfinite(d), whole.data, whole.len);
    text_release(&whole);
}

static void put_str(struct text *to, const struct spec *f, const char *s, size_t n)
{
    if (f->precision >= 0 && (size_t)f->precision < n)
        n = (size_t)f->precision;
    put_padded(to, f, false, s, n);
}

/* %c is the first character of a text, or what a number stands for. */
static void put_char(struct awk *a, struct text *to, const struct spec *f, struct awk_value *v)
{
    struct spec one = *f;
    one.precision = -1;
    char c = '\0';
    if (awk_value_is_numeric(v)) {
        c = (char)awk_number_int(value_num(v));
    } else {
        struct awk_str *s = awk_str_of(a, v);
        c = s->data[0];
        str_drop(&a->pool, s);
    }
    put_str(to, &one, &c, 1);
}

static int read_int(const char **s)
{
    int v = 0;
    for (; isdigit((unsigned char)**s); (*s)++)
        v = v < WIDTH_MOST / 10 ? v * 10 + (**s - '0') : WIDTH_MOST;
    return v;
}

/* Flags, width and precision behind a %; what stands behind them. */
static const char *read_spec(const char *s, struct spec *f)
{
    *f = (struct spec){ .precision = -1 };
    for (;; s++) {
        if (*s == '-')
            f->left = true;
        else if (*s == '0')
            f->zero = true;
        else if (*s == '+')
            f->plus = true;
        else if (*s == ' ')
            f->blank = true;
        else if (*s == '#')
            f->alternate = true;
        else if (*s != '\'')
            break;
    }
    f->width = read_int(&s);
    if (*s == '.') {
        s++;
        f->precision = read_int(&s);
    }
    f->zero = f->zero && !f->left;
    return s;
}

static void put_value(struct awk *a, struct text *to, const struct spec *f, struct awk_value *v)
{
    switch (f->letter) {
    case 'c':
        put_char(a, to, f, v);
        break;
    case 's': {
        struct awk_str *s = awk_str_of(a, v);
        put_str(to, f, s->data, s->len);
        str_drop(&a->pool, s);
        break;
    }
    case 'd':
    case 'i':
    case 'o':
    case 'u':
    case 'x':
    case 'X':
        put_integer(to, f, value_num(v));
        break;
    default:
        put_double(to, f, value_num(v));
        break;
    }
}

/* From a % on: the next letter, which says what is to be made of a value. */
static const char *find_letter(struct awk *a, const char *s, const char *end)
{
    for (s++; s < end && !isalpha((unsigned char)*s); s++) {
        if (*s == '*')
            awk_fail(a, "%*x formats are not supported");
    }
    return s;
}

/* What stands from a % to a letter, as C's printf() takes it: what makes no sense stays as it is,
 * and the value is put where something does. */
static void put_part(struct awk *a, struct text *to, const char *s, const char *letter,
                     struct awk_value *v)
{
    while (s <= letter) {
        struct spec f;
        const char *end = *s == '%' ? read_spec(s + 1, &f) : s;
        if (*s == '%' && end <= letter && *end == '%') {
            text_char_add(to, '%');
        } else if (*s == '%' && end == letter) {
            f.letter = *letter;
            put_value(a, to, &f, v);
        } else {
            end = s;
            text_char_add(to, *s);
        }
        s = end + 1;
    }
}

void awk_format_values(struct awk *a, const struct awk_str *format, struct awk_value *args,
                       size_t n, struct text *to)
{
    const char *s = format->data, *end = s + format->len;
    struct awk_value none = { .kind = AWK_UNSET };
    size_t used = 0;
    while (s < end) {
        const char *percent = memchr(s, '%', (size_t)(end - s));
        text_add(to, s, (size_t)((percent ? percent : end) - s));
        if (!percent)
            return;
        if (percent[1] == '%') {
            text_char_add(to, '%');
            s = percent + 2;
            continue;
        }
        const char *letter = find_letter(a, percent, end);
        if (letter == end) {
            text_add(to, percent, (size_t)(end - percent));
            return;
        }
        if (!strchr("cdiouxXeEfFgGs", *letter))
            awk_fail(a, "Invalid format specifier");
        put_part(a, to, percent, letter, used < n ? &args[used] : &none);
        used++;
        s = letter + 1;
    }
}

/* To format a number as a text would ask for the same format, without an end. */
static bool asks_for_text(struct awk *a, const struct awk_str *format)
{
    const char *s = format->data, *end = s + format->len;
    while ((s = memchr(s, '%', (size_t)(end - s))) != NULL) {
        const char *letter = s[1] == '%' ? s + 1 : find_letter(a, s, end);
        if (letter == end || *letter == 's')
            return letter != end;
        s = letter + 1;
    }
    return false;
}

void awk_format_number(struct awk *a, const struct awk_str *format, double d, struct text *to)
{
    if (awk_number_is_whole(d)) {
        char digits[24];
        text_add(to, digits, awk_number_whole(d, digits));
        return;
    }
    char last = format->len ? format->data[format->len - 1] : '\0';
    if (!last || !strchr("diouxXeEfFgGaA", last) || asks_for_text(a, format))
        awk_fail(a, "Invalid format specifier");
    struct awk_value v = value_number(d);
    awk_format_values(a, format, &v, 1, to);
}
