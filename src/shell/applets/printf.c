/* printf */
#include "shell/applet.h"
#include "shell/applets/escape.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* No conversion is made wider or more precise than that. */
enum { WIDTH_MOST = 1 << 20 };

struct printf {
    struct proc *p;
    char **args; /* that are still to be used */
    int status;
    bool stop; /* after \c */
};

struct spec {
    bool left, plus, space, other, zero;
    bool too_much;        /* nothing comes of it */
    int width, precision; /* precision -1: none is given */
};

static const char *next_argument(struct printf *f)
{
    return *f->args ? *f->args++ : "";
}

static void invalid(struct printf *f, const char *s)
{
    proc_error(f->p, "invalid number '%s'", s);
}

/* ---- Numbers ---- */

static bool is_quoted(const char *s)
{
    return *s == '\'' || *s == '"';
}

/* In its signed or unsigned form, as bits; what is none is 0. */
static uint64_t integer(struct printf *f, bool is_signed)
{
    const char *s = next_argument(f);
    char *end;
    uint64_t v;
    if (is_quoted(s))
        return (unsigned char)s[1];
    errno = 0;
    if (is_signed || *s == '-')
        v = (uint64_t)strtoll(s, &end, 0);
    else
        v = strtoull(s, &end, 0);
    if (end == s || *end || errno) {
        invalid(f, s);
        f->status = 1;
        return 0;
    }
    return v;
}

static double real(struct printf *f)
{
    const char *s = next_argument(f);
    char *end;
    if (is_quoted(s))
        return (unsigned char)s[1];
    errno = 0;
    double v = strtod(s, &end);
    if (!*end && !errno)
        return v;
    invalid(f, s);
    f->status = 1;
    return *end ? 0 : v;
}

/* Of a star. As in ash, what is wrong here does not count in the status. */
static int star(struct printf *f)
{
    if (!*f->args)
        return 0;
    const char *s = *f->args++;
    char *end;
    errno = 0;
    long v = strtol(s, &end, 10);
    if (end == s || *end || errno || s[strspn(s, "-0123456789")] || v > INT_MAX || v < -INT_MAX) {
        invalid(f, s);
        return 0;
    }
    return (int)v;
}

/* ---- Conversions ---- */

static void pad(struct printf *f, const struct spec *spec, size_t n)
{
    for (size_t i = n; i < (size_t)spec->width; i++)
        out_char(f->p, ' ');
}

static void put_padded(struct printf *f, const struct spec *spec, const char *s, size_t n)
{
    if (!spec->left)
        pad(f, spec, n);
    out_put(f->p, s, n);
    if (spec->left)
        pad(f, spec, n);
}

/* The conversion as the C library takes it: %FLAGS*.*MODIFIER and the letter. */
static void format_of(const struct spec *spec, const char *modifier, char letter,
                      char to[static 16])
{
    size_t n = 0;
    to[n++] = '%';
    if (spec->left)
        to[n++] = '-';
    if (spec->plus)
        to[n++] = '+';
    if (spec->space)
        to[n++] = ' ';
    if (spec->other)
        to[n++] = '#';
    if (spec->zero)
        to[n++] = '0';
    memcpy(to + n, "*.*", 3);
    n += 3;
    for (; *modifier; modifier++)
        to[n++] = *modifier;
    to[n++] = letter;
    to[n] = '\0';
}

static void put_integer(struct printf *f, const struct spec *spec, char letter)
{
    char format[16];
    format_of(spec, "ll", letter, format);
    uint64_t v = integer(f, letter == 'd' || letter == 'i');
    if (!spec->too_much)
        out_print(f->p, format, spec->width, spec->precision, (long long)v);
}

static void put_real(struct printf *f, const struct spec *spec, char letter)
{
    char format[16];
    format_of(spec, "", letter, format);
    double v = real(f);
    if (!spec->too_much)
        out_print(f->p, format, spec->width, spec->precision, v);
}

static void put_string(struct printf *f, const struct spec *spec)
{
    const char *s = next_argument(f);
    size_t n = strlen(s);
    if (spec->precision >= 0 && n > (size_t)spec->precision)
        n = (size_t)spec->precision;
    if (!spec->too_much)
        put_padded(f, spec, s, n);
}

/* Up to a backslash's \c, which ends all. */
static void put_escaped(struct printf *f, const char *s)
{
    while (*s && !f->stop) {
        size_t n = strcspn(s, "\\");
        out_put(f->p, s, n);
        s += n;
        f->stop = s[0] && s[1] == 'c';
        if (*s && !f->stop) {
            char c;
            s = escape_read(s + 1, true, &c);
            out_char(f->p, c);
        }
    }
}

static void convert(struct printf *f, const struct spec *spec, char letter)
{
    if (spec->too_much)
        f->status = 1;
    if (strchr("diouxX", letter))
        put_integer(f, spec, letter);
    else if (strchr("feEgG", letter))
        put_real(f, spec, letter);
    else if (letter == 'c')
        put_padded(f, spec, next_argument(f), 1);
    else
        put_string(f, spec);
}

/* ---- The format ---- */

static const char *read_flags(const char *s, struct spec *spec)
{
    for (;; s++) {
        switch (*s) {
        case '-':
            spec->left = true;
            break;
        case '+':
            spec->plus = true;
            break;
        case ' ':
            spec->space = true;
            break;
        case '#':
            spec->other = true;
            break;
        case '0':
            spec->zero = true;
            break;
        default:
            return s;
        }
    }
}

static const char *read_size(struct printf *f, const char *s, int *ret)
{
    if (*s == '*') {
        *ret = star(f);
        return s + 1;
    }
    for (*ret = 0; *s >= '0' && *s <= '9'; s++) {
        if (*ret <= WIDTH_MOST)
            *ret = *ret * 10 + (*s - '0');
    }
    return s;
}

static const char *read_spec(struct printf *f, const char *s, struct spec *spec)
{
    *spec = (struct spec){ .precision = -1 };
    s = read_size(f, read_flags(s, spec), &spec->width);
    if (spec->width < 0) {
        spec->left = true;
        spec->width = -spec->width;
    }
    if (*s == '.')
        s = read_size(f, s + 1, &spec->precision);
    spec->too_much = spec->width > WIDTH_MOST || spec->precision > WIDTH_MOST;
    return s;
}

static _Noreturn void invalid_format(struct printf *f, const char *from, const char *modifiers,
                                     const char *rest)
{
    proc_error(f->p, "%.*s%s: invalid format", (int)(modifiers - from), from, rest);
    proc_exit(f->p, 1);
}

/* From the % on; where the format goes on. */
static const char *conversion(struct printf *f, const char *from)
{
    struct spec spec;
    if (from[1] == '%') {
        out_char(f->p, '%');
        return from + 2;
    }
    if (from[1] == 'b') {
        put_escaped(f, next_argument(f));
        return from + 2;
    }
    const char *s = read_spec(f, from + 1, &spec), *modifiers = s;
    s += strspn(s, "hlLz");
    if (!*s || !strchr("diouxXfeEgGcs", *s))
        invalid_format(f, from, modifiers, s);
    convert(f, &spec, *s);
    return s + 1;
}

/* The whole format once. Whether it has conversions is whether arguments were used, or might have
 * been. */
static void format_once(struct printf *f, const char *s)
{
    while (*s && !f->stop) {
        size_t n = strcspn(s, "%\\");
        out_put(f->p, s, n);
        s += n;
        if (*s == '%') {
            s = conversion(f, s);
        } else if (*s) {
            char c;
            f->stop = s[1] == 'c';
            s = escape_read(s + 1, false, &c);
            if (!f->stop)
                out_char(f->p, c);
        }
    }
}

static int printf_run(struct proc *p, int argc, char **argv)
{
    struct printf f = { .p = p };
    const char *name = argv[0];
    (void)argc;
    if (argv[1] && strcmp(argv[1], "--") == 0)
        argv++;
    const char *format = argv[1];
    if (!format && strcmp(name, proc_name(p)) == 0)
        proc_usage(p);
    if (!format) {
        proc_error(p, "usage: printf FORMAT [ARGUMENT...]");
        return 2;
    }
    f.args = argv + 2;
    struct vfs_stat st;
    if (proc_fstat(p, 1, &st) < 0)
        return 1; /* also of what puts nothing out */
    size_t n = strlen(format);
    for (char **had = NULL; !f.stop && f.args != had && (*f.args || !had);) {
        had = f.args;
        format_once(&f, format);
        proc_charge(p, n / 8 + 1);
    }
    return f.status;
}

const struct applet applet_printf = { .name = "printf",
                                      .once = printf_run,
                                      .unwritten = UNWRITTEN_BUILTIN };
