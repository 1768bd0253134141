#include "shell/applets/od.h"

#include <ctype.h>
#include <string.h>

static const struct {
    char kind;
    uint32_t size, width; /* width without the blank before it */
} widths[] = {
    { 'a', 1, 3 },  { 'c', 1, 3 },  { 'd', 1, 4 },  { 'd', 2, 6 },  { 'd', 4, 11 },
    { 'd', 8, 20 }, { 'u', 1, 3 },  { 'u', 2, 5 },  { 'u', 4, 10 }, { 'u', 8, 20 },
    { 'o', 1, 3 },  { 'o', 2, 6 },  { 'o', 4, 11 }, { 'o', 8, 22 }, { 'x', 1, 2 },
    { 'x', 2, 4 },  { 'x', 4, 8 },  { 'x', 8, 16 }, { 'f', 4, 15 }, { 'f', 8, 23 },
    { 'f', 16, 23 },
};

uint32_t od_width(const struct od_spec *s)
{
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        if (widths[i].kind == s->kind && widths[i].size == s->size)
            return widths[i].width + 1;
    return 0;
}

static uint64_t value_of(const uint8_t *data, uint32_t n)
{
    uint64_t v = 0;
    for (uint32_t i = n; i > 0; i--)
        v = v << 8 | data[i - 1];
    return v;
}

static int64_t signed_of(const uint8_t *data, uint32_t n)
{
    uint64_t v = value_of(data, n), sign = 1ULL << (8 * n - 1);
    return (int64_t)(n < 8 ? (v ^ sign) - sign : v);
}

static void put_name(struct proc *p, uint8_t c)
{
    static const char names[][4] = {
        "nul", "soh", "stx", "etx", "eot", "enq", "ack", "bel", "bs",  "ht", "nl",
        "vt",  "ff",  "cr",  "so",  "si",  "dle", "dc1", "dc2", "dc3", "dc4", "nak",
        "syn", "etb", "can", "em",  "sub", "esc", "fs",  "gs",  "rs",  "us", "sp",
    };
    c &= 127;
    if (c < sizeof names / sizeof *names)
        out_print(p, " %3s", names[c]);
    else if (c == 127)
        out_text(p, " del");
    else
        out_print(p, "   %c", c);
}

static void put_char(struct proc *p, uint8_t c)
{
    static const char escaped[] = "\a\b\f\n\r\t\v", letters[] = "abfnrtv";
    const char *at = c ? strchr(escaped, c) : NULL;
    if (!c)
        out_text(p, "  \\0");
    else if (at)
        out_print(p, "  \\%c", letters[at - escaped]);
    else if (isprint(c))
        out_print(p, "   %c", c);
    else
        out_print(p, " %03o", c);
}

/* The 80 bits of the x87: a number that its hardware would never make is none. */
static void put_long_double(struct proc *p, const uint8_t *data)
{
    bool odd = (data[8] || data[9] & 127) && !(data[7] & 128);
    long double v = 0;
    if (odd) {
        out_print(p, " %23s", data[9] & 128 ? "-nan" : "nan");
        return;
    }
    memcpy(&v, data, sizeof v < OD_SIZE_MOST ? sizeof v : OD_SIZE_MOST);
    out_print(p, " %23.15Le", v);
}

static void put_float(struct proc *p, const uint8_t *data, uint32_t size)
{
    if (size == sizeof(float)) {
        float v;
        memcpy(&v, data, sizeof v);
        out_print(p, " %15.7e", (double)v);
    } else if (size == sizeof(double)) {
        double v;
        memcpy(&v, data, sizeof v);
        out_print(p, " %23.15e", v);
    } else {
        put_long_double(p, data);
    }
}

void od_put_field(struct proc *p, const struct od_spec *s, const uint8_t *data)
{
    int width = (int)od_width(s) - 1;
    switch (s->kind) {
    case 'a':
        put_name(p, *data);
        break;
    case 'c':
        put_char(p, *data);
        break;
    case 'd':
        out_print(p, " %*lld", width, (long long)signed_of(data, s->size));
        break;
    case 'u':
        out_print(p, " %*llu", width, (unsigned long long)value_of(data, s->size));
        break;
    case 'o':
        out_print(p, " %0*llo", width, (unsigned long long)value_of(data, s->size));
        break;
    case 'x':
        out_print(p, " %0*llx", width, (unsigned long long)value_of(data, s->size));
        break;
    default:
        put_float(p, data, s->size);
    }
}
