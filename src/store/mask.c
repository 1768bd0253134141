#include "store/mask.h"

#include <ctype.h>
#include <string.h>

/* Four numbers at data[0], parted by dots: their length, or 0. */
static size_t quad_at(const uint8_t *data, size_t n, struct addr *ret)
{
    size_t at = 0;
    *ret = (struct addr){ .family = 4 };
    for (int i = 0; i < 4; i++) {
        unsigned v = 0;
        if (i && (at == n || data[at++] != '.'))
            return 0;
        size_t from = at;
        for (; at < n && at < from + 3 && isdigit(data[at]); at++)
            v = v * 10 + (data[at] - '0');
        if (at == from || v > 255)
            return 0;
        ret->bytes[i] = (uint8_t)v;
    }
    return at < n && isdigit(data[at]) ? 0 : at;
}

static bool is_six(uint8_t c)
{
    return isxdigit(c) || c == ':';
}

/* An IPv6 address at data[0], as long as it goes: its length, or 0. */
static size_t six_at(const uint8_t *data, size_t n, struct addr *ret)
{
    char text[48];
    size_t len = 0, colons = 0;
    for (; len < n && len < sizeof text - 1 && (is_six(data[len]) || data[len] == '.'); len++) {
        text[len] = (char)data[len];
        colons += data[len] == ':';
    }
    for (unsigned tries = 0; colons >= 2 && len >= 2 && tries < 3; tries++, len--) {
        text[len] = '\0';
        if (addr_parse(text, ret) == 0 && ret->family == 6)
            return len;
        if (text[len - 1] != '.' && text[len - 1] != ':')
            break;
    }
    return 0;
}

int mask_text(int (*name)(void *context, const struct addr *a), void *context, uint8_t *data, size_t n)
{
    bool met = false;
    for (size_t at = 0; at < n; at++) {
        struct addr a;
        size_t len = 0;
        if (isdigit(data[at]) && (at == 0 || !isdigit(data[at - 1])))
            len = quad_at(data + at, n - at, &a);
        if (!len && is_six(data[at]) && (at == 0 || !is_six(data[at - 1])))
            len = six_at(data + at, n - at, &a);
        int out = len ? name(context, &a) : 0;
        TRY(out);
        if (out)
            memset(data + at, 'x', len);
        met |= out != 0;
    }
    return met;
}
