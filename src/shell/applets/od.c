#include "shell/applets/od.h"

#include "shell/applets/reader.h"
#include "shell/options.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>

enum { WIDTH = 16, WIDTH_WIDE = 32, WIDTH_MOST = 65536, SPECS_MOST = 64 };

struct od {
    struct od_spec specs[SPECS_MOST];
    size_t n_specs;
    uint32_t unit, width; /* bytes that all types divide; of a line */
    char radix;           /* d o x n */
    bool verbose, strings;
    uint64_t skip, left, address;
    size_t least; /* of strings */
    char **files;
    bool standard; /* input is read, no files */
    const char *name;
    bool reading, opened; /* a file; any file */
    struct reader from;
    struct text line; /* bytes of the line, or of the string */
    struct text before;
    bool starred;
    int status;
};

static void put_address(struct proc *p, const struct od *o, uint64_t address)
{
    unsigned long long a = address;
    if (o->radix == 'd')
        out_print(p, "%07llu", a);
    else if (o->radix == 'o')
        out_print(p, "%07llo", a);
    else if (o->radix == 'x')
        out_print(p, "%06llx", a);
}

/* ---- Types ---- */

static void add_spec(struct proc *p, struct od *o, struct od_spec spec)
{
    if (o->n_specs == SPECS_MOST)
        proc_die(p, "out of memory");
    o->specs[o->n_specs++] = spec;
}

/* The letter of a size, or a number that ends the word. */
static uint32_t read_size(char kind, const char **s)
{
    static const char integers[] = "CSIL", floats[] = "FDL";
    static const uint32_t of_integers[] = { 1, 2, 4, 8 }, of_floats[] = { 4, 8, 16 };
    const char *letters = kind == 'f' ? floats : integers;
    const char *at = **s ? strchr(letters, **s) : NULL;
    if (at) {
        (*s)++;
        return (kind == 'f' ? of_floats : of_integers)[at - letters];
    }
    if (!isdigit((unsigned char)**s))
        return kind == 'f' ? 8 : 4;
    uint64_t n = 0;
    for (; isdigit((unsigned char)**s); (*s)++)
        if (n <= UINT32_MAX)
            n = n * 10 + (uint64_t)(**s - '0');
    return isalnum((unsigned char)**s) || n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static void read_types(struct proc *p, struct od *o, const char *types)
{
    for (const char *s = types; *s;) {
        struct od_spec spec = { .kind = *s, .size = 1 };
        if (!strchr("acdfoux", *s))
            proc_die(p, "invalid character '%c' in type string '%s'", *s, types);
        s++;
        if (spec.kind != 'a' && spec.kind != 'c')
            spec.size = read_size(spec.kind, &s);
        if (!od_width(&spec))
            proc_die(p, "invalid type string '%s'; %u-byte %s type is not supported", types, spec.size,
                     spec.kind == 'f' ? "floating point" : "integral");
        spec.text = *s == 'z';
        s += spec.text;
        add_spec(p, o, spec);
    }
}

/* ---- Options ---- */

/* Those of a letter come in the reference's order, not in that of the words. */
enum { BEFORE_T = 9 };
static const struct {
    char letter;
    const char *types;
} letters[] = {
    { 'a', "a" },  { 'b', "oC" }, { 'c', "c" },  { 'd', "u2" }, { 'f', "fF" }, { 'h', "x2" },
    { 'i', "d2" }, { 'l', "d4" }, { 'o', "o2" }, { 'x', "x2" }, { 's', "d2" },
};

static const struct option_long longs[] = {
    { "skip-bytes", 1, 'j' }, { "address-radix", 1, 'A' },     { "read-bytes", 1, 'N' },  { "format", 1, 't' },
    { "strings", 1, 'S' },    { "output-duplicates", 0, 'v' }, { "traditional", 0, 256 }, { "width", 2, 'w' },
    { NULL, 0, 0 },
};

static void read_radix(struct proc *p, struct od *o, const char *s)
{
    if (*s && !strchr("doxn", *s))
        proc_die(p, "bad output address radix '%c' (must be [doxn])", *s);
    o->radix = *s ? *s : 'o';
}

struct asked {
    uint32_t letters;   /* bits of the table */
    const char **types; /* of -t, in order */
    size_t n;
    const char *width;
    bool has_width;
};

static void read_option(struct proc *p, struct od *o, struct asked *asked, int letter, const char *argument)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].letter == letter)
            asked->letters |= 1u << i;
    switch (letter) {
    case 't':
        asked->types = memory_array(proc_memory(p), asked->types, asked->n + 1, sizeof *asked->types);
        asked->types[asked->n++] = argument;
        break;
    case 'A':
        read_radix(p, o, argument);
        break;
    case 'N':
        o->left = options_number_any(p, argument, 0, UINT64_MAX, options_bkm);
        break;
    case 'j':
        o->skip = options_number_any(p, argument, 0, UINT64_MAX, options_bkm);
        break;
    case 'S':
        o->least = (size_t)options_number_any(p, argument, 0, UINT32_MAX, options_bkm);
        o->strings = true;
        break;
    case 'w':
        asked->has_width = true;
        asked->width = argument;
        break;
    case 'v':
        o->verbose = true;
        break;
    default:
        break;
    }
}

static void add_specs(struct proc *p, struct od *o, const struct asked *asked)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        for (size_t j = 0; i == BEFORE_T && j < asked->n; j++)
            read_types(p, o, asked->types[j]);
        if (asked->letters & 1u << i)
            read_types(p, o, letters[i].types);
    }
    if (!o->n_specs)
        read_types(p, o, "o2");
}

static void set_width(struct proc *p, struct od *o, const struct asked *asked)
{
    o->unit = 1;
    for (size_t i = 0; i < o->n_specs; i++)
        if (o->specs[i].size > o->unit)
            o->unit = o->specs[i].size; /* all are powers of two */
    o->width = o->unit < WIDTH ? WIDTH / o->unit * o->unit : o->unit;
    if (!asked->has_width)
        return;
    o->width = asked->width ? (uint32_t)options_number(p, asked->width, 0, UINT32_MAX, NULL) : WIDTH_WIDE;
    if (!o->width || o->width % o->unit) {
        proc_error(p, "warning: invalid width %u; using %u instead", o->width, o->unit);
        o->width = o->unit;
    }
    if (o->width > WIDTH_MOST)
        proc_die(p, "out of memory");
}

static void start(struct proc *p, int argc, char **argv)
{
    struct od *o = proc_state(p);
    struct asked asked = { 0 };
    struct options options;
    o->radix = 'o';
    o->left = UINT64_MAX;
    o->line = o->before = text_of(proc_memory(p));
    options_begin(&options, p, argc, argv, "N:abcdfhij:lot:vxsS:w::A:", longs);
    for (int letter; (letter = options_next(&options)) != -1;)
        read_option(p, o, &asked, letter, options.argument);
    add_specs(p, o, &asked);
    set_width(p, o, &asked);
    o->files = argv + options.index;
    o->standard = !*o->files;
}

/* ---- Lines ---- */

static void put_text(struct proc *p, const struct od *o, const struct od_spec *spec, size_t n)
{
    uint32_t missing = (uint32_t)((o->width - n) / spec->size) * od_width(spec);
    out_print(p, "%*s  >", (int)missing, "");
    for (size_t i = 0; i < n; i++)
        out_char(p, isprint((unsigned char)o->line.data[i]) ? o->line.data[i] : '.');
    out_char(p, '<');
}

static void put_line(struct proc *p, struct od *o, size_t n)
{
    for (size_t i = 0; i < o->n_specs; i++) {
        const struct od_spec *spec = &o->specs[i];
        if (i == 0)
            put_address(p, o, o->address);
        else
            out_print(p, "%*s", o->radix == 'n' ? 0 : o->radix == 'x' ? 6 : 7, "");
        for (size_t at = 0; at < n; at += spec->size)
            od_put_field(p, spec, (const uint8_t *)o->line.data + at);
        if (spec->text)
            put_text(p, o, spec, n);
        out_char(p, '\n');
    }
}

static void end_line(struct proc *p, struct od *o)
{
    bool same = !o->verbose && o->before.len == o->line.len && !memcmp(o->before.data, o->line.data, o->line.len);
    if (!same)
        put_line(p, o, o->line.len);
    else if (!o->starred)
        out_text(p, "*\n");
    o->starred = same;
    o->address += o->line.len;
    struct text line = o->before;
    o->before = o->line;
    o->line = line;
    o->line.len = 0;
}

static void take_bytes(struct proc *p, struct od *o, const char *data, size_t n)
{
    while (n) {
        size_t room = o->width - o->line.len, step = n < room ? n : room;
        text_add(&o->line, data, step);
        data += step;
        n -= step;
        if (o->line.len == o->width)
            end_line(p, o);
    }
}

static void end_lines(struct proc *p, struct od *o)
{
    size_t n = o->line.len;
    if (n) {
        while (o->line.len % o->unit)
            text_char_add(&o->line, '\0');
        put_line(p, o, o->line.len);
        o->address += n;
    }
    put_address(p, o, o->address);
    if (o->radix != 'n')
        out_char(p, '\n');
}

/* ---- Strings ---- */

static void put_string(struct proc *p, struct od *o, uint64_t address)
{
    put_address(p, o, address);
    if (o->radix != 'n')
        out_char(p, ' ');
    out_put(p, o->line.data, o->line.len);
    out_char(p, '\n');
}

/* Printable ones that a NUL ends. */
static void take_strings(struct proc *p, struct od *o, const char *data, size_t n)
{
    for (size_t i = 0; i < n; i++, o->address++) {
        if (isprint((unsigned char)data[i])) {
            text_char_add(&o->line, data[i]);
            continue;
        }
        if (!data[i] && o->line.len && o->line.len >= o->least)
            put_string(p, o, o->address - o->line.len);
        o->line.len = 0;
    }
}

/* One that -N cuts off is told, too, as standing a byte before where it does. */
static void end_strings(struct proc *p, struct od *o)
{
    if (!o->left && o->line.len > o->least)
        put_string(p, o, o->address - o->line.len - 1);
}

/* ---- Files ---- */

static bool open_next(struct proc *p, struct od *o)
{
    int fd = 0;
    if (!o->standard) {
        if (!*o->files)
            return false;
        o->name = *o->files++;
        fd = strcmp(o->name, "-") ? proc_open(p, o->name, O_RDONLY, 0) : 0;
    } else if (o->opened) {
        return false;
    }
    if (fd < 0) {
        proc_perror(p, fd, "%s", o->name);
        o->status = 1;
        return true;
    }
    o->opened = o->reading = true;
    reader_begin(&o->from, p, fd);
    return true;
}

static void close_file(struct proc *p, struct od *o)
{
    bool named = !o->standard && strcmp(o->name, "-") != 0;
    if (o->from.error) {
        proc_error(p, "%s: read error", named ? o->name : "standard input");
        o->status = 1;
    }
    bool took_input = named && o->from.fd == 0; /* which was closed */
    reader_end(&o->from, p);
    if (took_input)
        proc_close(p, 0);
    o->reading = false;
}

static enum applet_next finish(struct proc *p, struct od *o)
{
    if (o->reading)
        close_file(p, o);
    if (o->skip)
        proc_die(p, "can't skip past end of combined input");
    if (o->strings)
        end_strings(p, o);
    else if (o->opened)
        end_lines(p, o);
    proc_done(p, o->opened ? proc_close_input(p) | o->status : o->status);
    return NEXT_DONE;
}

static void take(struct proc *p, struct od *o)
{
    struct reader *r = &o->from;
    size_t n = r->n - r->at, passed = o->skip < n ? (size_t)o->skip : n;
    o->skip -= passed;
    o->address += passed;
    r->at += passed;
    n -= passed;
    size_t room = o->strings ? n : o->width - o->line.len;
    n = n < room ? n : room;
    n = n < o->left ? n : (size_t)o->left;
    o->left -= n;
    (o->strings ? take_strings : take_bytes)(p, o, r->data + r->at, n);
    r->at += n;
}

static enum applet_next step(struct proc *p)
{
    struct od *o = proc_state(p);
    if (out_full(p))
        return NEXT_AGAIN;
    if (!o->left && !o->skip && o->opened)
        return finish(p, o);
    if (!o->reading)
        return open_next(p, o) ? NEXT_AGAIN : finish(p, o);
    enum applet_next next = reader_fill(&o->from, p);
    if (next != NEXT_DONE)
        return next;
    while (o->from.at < o->from.n && (o->left || o->skip) && !out_full(p))
        take(p, o);
    if (o->from.ended)
        close_file(p, o);
    return NEXT_AGAIN;
}

const struct applet applet_od = { .name = "od", .start = start, .step = step, .state = sizeof(struct od) };
