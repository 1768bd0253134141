#include "shell/applets/hexdump.h"

#include <ctype.h>
#include <string.h>

static uint64_t unsigned_at(const uint8_t *data, uint32_t n)
{
    uint64_t v = 0;
    for (uint32_t i = n; i > 0; i--)
        v = v << 8 | data[i - 1];
    return v;
}

static int64_t signed_at(const uint8_t *data, uint32_t n)
{
    uint64_t v = unsigned_at(data, n);
    return n == 1 ? (int64_t)v : n == 2 ? (int16_t)v : (int32_t)v; /* one byte has no sign */
}

static void put_double(struct proc *p, const struct dump_piece *piece, const uint8_t *data)
{
    double wide;
    float narrow;
    if (piece->bytes == sizeof narrow) {
        memcpy(&narrow, data, sizeof narrow);
        wide = (double)narrow;
    } else {
        memcpy(&wide, data, sizeof wide);
    }
    out_print(p, piece->spec, wide);
}

static void put_octal_or_char(struct proc *p, const struct dump_piece *piece, uint8_t c)
{
    static const char escaped[] = "\a\b\f\n\r\t\v", letters[] = "abfnrtv";
    char text[4] = { (char)c };
    const char *at = c ? strchr(escaped, c) : NULL;
    if (!c || at) {
        text[0] = '\\';
        text[1] = c ? letters[at - escaped] : '0';
    } else if (!isprint(c)) {
        text[0] = (char)('0' + (c >> 6));
        text[1] = (char)('0' + (c >> 3 & 7));
        text[2] = (char)('0' + (c & 7));
    }
    out_print(p, piece->value, text);
}

static void put_name(struct proc *p, const struct dump_piece *piece, uint8_t c)
{
    static const char names[][4] = {
        "nul", "soh", "stx", "etx", "eot", "enq", "ack", "bel", "bs",  "ht",  "lf",
        "vt",  "ff",  "cr",  "so",  "si",  "dle", "dcl", "dc2", "dc3", "dc4", "nak",
        "syn", "etb", "can", "em",  "sub", "esc", "fs",  "gs",  "rs",  "us",
    };
    static const char digits[] = "0123456789abcdef";
    char text[3] = { (char)c };
    if (c < sizeof names / sizeof *names) {
        out_print(p, piece->value, names[c]);
        return;
    }
    if (c == 0x7f) {
        out_print(p, piece->value, "del");
        return;
    }
    if (!isprint(c)) {
        text[0] = digits[c >> 4];
        text[1] = digits[c & 15];
    }
    out_print(p, piece->value, text);
}

static void put_value(struct proc *p, const struct dump_piece *piece, const uint8_t *data, uint64_t address)
{
    char one[2] = { (char)*data };
    switch (piece->kind) {
    case DUMP_TEXT:
        break;
    case DUMP_SIGNED:
        out_print(p, piece->spec, (long long)signed_at(data, piece->bytes));
        break;
    case DUMP_UNSIGNED:
        out_print(p, piece->spec, (unsigned long long)unsigned_at(data, piece->bytes));
        break;
    case DUMP_DOUBLE:
        put_double(p, piece, data);
        break;
    case DUMP_CHARACTER:
        out_print(p, piece->spec, *data);
        break;
    case DUMP_STRING:
        out_print(p, piece->value, memory_bytes(proc_memory(p), data, piece->bytes));
        break;
    case DUMP_ADDRESS:
    case DUMP_END:
        out_print(p, piece->spec, (unsigned long long)address);
        break;
    case DUMP_ESCAPED:
        put_octal_or_char(p, piece, *data);
        break;
    case DUMP_PRINTABLE:
        one[0] = isprint(*data) ? (char)*data : '.';
        out_print(p, piece->value, one);
        break;
    case DUMP_NAMED:
        put_name(p, piece, *data);
        break;
    }
}

/* The text behind a value; of several repeats the last leaves its last blank away. */
static void put_after(struct proc *p, const char *text, bool cut)
{
    size_t n = strlen(text);
    if (cut && n && isspace((unsigned char)text[n - 1]))
        n--;
    out_put(p, text, n);
}

struct place {
    const uint8_t *data;
    uint64_t address, end;
};

static void put_repeat(struct proc *p, const struct dump_unit *u, struct place *at, bool cut)
{
    bool over = false;
    for (const struct dump_piece *piece = u->pieces; piece; piece = piece->next) {
        bool text = piece->kind == DUMP_TEXT;
        if (!over)
            put_after(p, piece->before, text && cut);
        over |= piece->last;
        if (!over && !text && at->address >= at->end)
            out_print(p, piece->blank, "");
        else if (!over && !text)
            put_value(p, piece, at->data, at->address);
        if (!over)
            put_after(p, piece->after, cut);
        at->data += piece->bytes;
        at->address += piece->bytes;
    }
}

void dump_block(const struct dump *d, struct proc *p, const uint8_t *data, uint64_t address, uint64_t end)
{
    for (const struct dump_format *f = d->formats; f; f = f->next) {
        struct place at = { data, address, end };
        for (const struct dump_unit *u = f->units; u && !u->at_end; u = u->next)
            for (uint32_t i = 1; i <= u->repeats; i++)
                put_repeat(p, u, &at, u->repeats > 1 && i == u->repeats);
    }
}

void dump_end(const struct dump *d, struct proc *p, uint64_t address)
{
    struct place at = { (const uint8_t *)"", address, UINT64_MAX };
    if (d->end)
        put_repeat(p, d->end, &at, false);
}
