#include "shell/applets/escape.h"
#include "shell/applets/hexdump.h"

#include <ctype.h>
#include <string.h>

/* A unit's output is bounded, so is a block's. */
enum { WIDTH_MOST = 4096, OUTPUT_MOST = 1 << 20, BLOCK_MOST = 1 << 16, VALUE_MOST = 400 };

void dump_begin(struct dump *d)
{
    *d = (struct dump){ 0 };
    d->last = &d->formats;
}

static void bad_format(struct proc *p, const char *format) __attribute__((noreturn));
static void bad_format(struct proc *p, const char *format)
{
    proc_die(p, "bad format {%s}", format);
}

static const char *skip_blanks(const char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    return s;
}

/* Digits and what separates them from the rest. */
static const char *read_number(struct proc *p, const char *s, const char *whole, bool slash, uint32_t *ret)
{
    uint64_t n = 0;
    for (; isdigit((unsigned char)*s); s++)
        if (n <= UINT32_MAX)
            n = n * 10 + (uint64_t)(*s - '0');
    if (n > INT32_MAX || (!isspace((unsigned char)*s) && !(slash && *s == '/')))
        bad_format(p, whole);
    *ret = (uint32_t)n;
    return isspace((unsigned char)*s) ? skip_blanks(s) : s;
}

static const char *read_text(struct proc *p, const char *s, const char *whole, const char **ret)
{
    struct text t = text_of(proc_memory(p));
    const char *end = *s == '"' ? strchr(s + 1, '"') : NULL;
    if (!end)
        bad_format(p, whole);
    text_add(&t, "", 0);
    for (s++; s < end;) {
        char c = *s++;
        if (c == '\\')
            s = escape_read(s, false, &c);
        if (c)
            text_char_add(&t, c);
    }
    *ret = t.data;
    return end + 1;
}

void dump_add(struct dump *d, struct proc *p, const char *format)
{
    struct dump_format *f = memory_take(proc_memory(p), sizeof *f);
    struct dump_unit **last = &f->units;
    const char *s = skip_blanks(format);
    while (*s) {
        struct dump_unit *u = memory_take(proc_memory(p), sizeof *u);
        u->repeats = 1;
        u->fixed = isdigit((unsigned char)*s);
        if (u->fixed)
            s = read_number(p, s, format, true, &u->repeats);
        if (*s == '/')
            s = skip_blanks(s + 1);
        if (isdigit((unsigned char)*s))
            s = read_number(p, s, format, false, &u->wanted);
        s = skip_blanks(read_text(p, s, format, &u->text));
        *last = u;
        last = &u->next;
    }
    *d->last = f;
    d->last = &f->next;
}

/* ---- Conversions ---- */

static bool is_flag(char c)
{
    return c && strchr("#-+ 0", c);
}

struct spec {
    const char *flags, *digits, *conversion; /* where they begin */
    uint32_t width, precision;
    bool has_precision;
};

static uint32_t read_width(struct proc *p, const char **s)
{
    uint32_t n = 0;
    for (; isdigit((unsigned char)**s); (*s)++) {
        n = n * 10 + (uint32_t)(**s - '0');
        if (n > WIDTH_MOST)
            proc_die(p, "out of memory");
    }
    return n;
}

static struct spec read_spec(struct proc *p, const char *s)
{
    struct spec spec = { .flags = s };
    while (is_flag(*s))
        s++;
    spec.digits = s;
    spec.width = read_width(p, &s);
    if (*s == '.') {
        s++;
        spec.has_precision = isdigit((unsigned char)*s);
        spec.precision = read_width(p, &s);
    }
    spec.conversion = s;
    return spec;
}

static void bad_conversion(struct proc *p, const char *percent) __attribute__((noreturn));
static void bad_conversion(struct proc *p, const char *percent)
{
    proc_die(p, "bad conversion character %s", percent);
}

static const struct conversion {
    const char *letters; /* the last of them is what printf is given */
    enum dump_kind kind;
    uint32_t bytes;
    const char *allowed; /* bytes, a digit each */
    const char *length;  /* for printf */
} conversions[] = {
    { "d", DUMP_SIGNED, 4, "\1\2\4", "ll" },     { "i", DUMP_SIGNED, 4, "\1\2\4", "ll" },
    { "o", DUMP_UNSIGNED, 4, "\1\2\4", "ll" },   { "u", DUMP_UNSIGNED, 4, "\1\2\4", "ll" },
    { "x", DUMP_UNSIGNED, 4, "\1\2\4", "ll" },   { "X", DUMP_UNSIGNED, 4, "\1\2\4", "ll" },
    { "e", DUMP_DOUBLE, 8, "\4\10", "" },        { "E", DUMP_DOUBLE, 8, "\4\10", "" },
    { "f", DUMP_DOUBLE, 8, "\4\10", "" },        { "g", DUMP_DOUBLE, 8, "\4\10", "" },
    { "G", DUMP_DOUBLE, 8, "\4\10", "" },        { "c", DUMP_CHARACTER, 1, "\1", "" },
    { "_c", DUMP_ESCAPED, 1, "\1", "" },         { "_p", DUMP_PRINTABLE, 1, "\1", "" },
    { "_u", DUMP_NAMED, 1, "\1", "" },           { "_ad", DUMP_ADDRESS, 0, "", "ll" },
    { "_ao", DUMP_ADDRESS, 0, "", "ll" },        { "_ax", DUMP_ADDRESS, 0, "", "ll" },
    { "_Ad", DUMP_END, 0, "", "ll" },            { "_Ao", DUMP_END, 0, "", "ll" },
    { "_Ax", DUMP_END, 0, "", "ll" },
};

static const struct conversion *find_conversion(const char *s)
{
    for (size_t i = 0; i < sizeof conversions / sizeof *conversions; i++)
        if (!strncmp(s, conversions[i].letters, strlen(conversions[i].letters)))
            return &conversions[i];
    return NULL;
}

static uint32_t bytes_of(struct proc *p, const struct conversion *c, const struct dump_unit *u, const struct spec *spec)
{
    if (!u->wanted || !*c->allowed)
        return c->bytes;
    for (const char *n = c->allowed; *n; n++)
        if ((uint32_t)*n == u->wanted)
            return u->wanted;
    proc_die(p, "bad byte count for conversion character %s", spec->conversion);
}

static void read_conversion(struct proc *p, struct dump_unit *u, struct dump_piece *piece, const char *percent,
                            const char **after)
{
    struct spec spec = read_spec(p, percent + 1);
    const int flags = (int)(spec.digits - spec.flags), digits = (int)(spec.conversion - spec.digits);
    const char *letters = "s", *length = "";
    if (*spec.conversion == 's') {
        if (!spec.has_precision && !u->wanted)
            proc_die(p, "%%s needs precision or byte count");
        piece->kind = DUMP_STRING;
        piece->bytes = u->wanted ? u->wanted : spec.precision;
        *after = spec.conversion + 1;
    } else {
        const struct conversion *c = find_conversion(spec.conversion);
        if (!c)
            bad_conversion(p, percent);
        piece->kind = c->kind;
        piece->bytes = bytes_of(p, c, u, &spec);
        letters = c->letters + strlen(c->letters) - 1;
        length = c->length;
        *after = spec.conversion + strlen(c->letters);
    }
    struct memory *m = proc_memory(p);
    piece->spec = memory_print(m, "%%%.*s%.*s%s%s", flags, spec.flags, digits, spec.digits, length, letters);
    piece->value = memory_print(m, "%%%.*s%.*ss", flags, spec.flags, digits, spec.digits);
    piece->blank = memory_print(m, "%%%.*ss", digits, spec.digits);
    u->at_end |= piece->kind == DUMP_END;
}

/* Pieces of a unit's text; from the second conversion on they only take bytes. */
static void read_pieces(struct proc *p, struct dump_unit *u)
{
    struct dump_piece **last = &u->pieces;
    const char *s = u->text;
    size_t n = 0;
    while (*s || !n) {
        struct dump_piece *piece = memory_take(proc_memory(p), sizeof *piece);
        const char *percent = strchr(s, '%');
        piece->after = "";
        if (!percent && n)
            break;
        piece->before = memory_bytes(proc_memory(p), s, percent ? (size_t)(percent - s) : strlen(s));
        if (percent) {
            read_conversion(p, u, piece, percent, &s);
            if (u->bytes && u->wanted && piece->bytes)
                proc_die(p, "byte count with multiple conversion characters");
            if (!strchr(s, '%'))
                piece->after = s;
        } else {
            s += strlen(s);
        }
        piece->last = n > 0;
        u->bytes += piece->bytes;
        *last = piece;
        last = &piece->next;
        n++;
    }
    if (!u->bytes)
        u->bytes = u->wanted;
}

static size_t format_bytes(const struct dump_format *f)
{
    size_t bytes = 0;
    for (const struct dump_unit *u = f->units; u; u = u->next)
        if (!__builtin_add_overflow(bytes, (size_t)u->bytes * u->repeats, &bytes) && bytes > BLOCK_MOST)
            return bytes;
    return bytes;
}

/* The last unit of a format that takes less than the others is repeated as long as there are bytes. */
static void stretch(const struct dump *d, struct dump_format *f)
{
    struct dump_unit *u = f->units;
    while (u && u->next)
        u = u->next;
    if (!u || u->fixed || !u->bytes)
        return;
    u->repeats += (uint32_t)((d->block - format_bytes(f)) / u->bytes);
}

static size_t output_of(const struct dump_unit *u)
{
    size_t n = 0;
    for (const struct dump_piece *piece = u->pieces; piece; piece = piece->next)
        n += strlen(piece->before) + strlen(piece->after) + (piece->kind == DUMP_TEXT ? 0 : VALUE_MOST);
    return n * u->repeats;
}

void dump_ready(struct dump *d, struct proc *p)
{
    size_t output = 0;
    for (struct dump_format *f = d->formats; f; f = f->next) {
        for (struct dump_unit *u = f->units; u; u = u->next) {
            read_pieces(p, u);
            if (u->at_end)
                d->end = u;
        }
        size_t bytes = format_bytes(f);
        d->block = bytes > d->block ? bytes : d->block;
    }
    if (d->block > BLOCK_MOST)
        proc_die(p, "out of memory");
    for (struct dump_format *f = d->formats; f; f = f->next) {
        stretch(d, f);
        for (struct dump_unit *u = f->units; u; u = u->next) {
            output += output_of(u);
            if (output > OUTPUT_MOST)
                proc_die(p, "out of memory");
        }
    }
}
