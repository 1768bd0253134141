#include "base/sha256.h"

#include <nettle/sha2.h>
#include <string.h>

_Static_assert(sizeof(struct sha256_ctx) <= sizeof(struct sha256), "room for the library's state");
_Static_assert(_Alignof(struct sha256_ctx) <= _Alignof(struct sha256), "and rightly aligned");

static struct sha256_ctx *state(struct sha256 *h)
{
    return (struct sha256_ctx *)(void *)h;
}

void sha256_begin(struct sha256 *h)
{
    sha256_init(state(h));
}

void sha256_add(struct sha256 *h, const void *data, size_t n)
{
    if (n)
        sha256_update(state(h), n, data);
}

void sha256_add_int(struct sha256 *h, int64_t v)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)v >> (8 * i));
    sha256_add(h, bytes, sizeof bytes);
}

void sha256_add_part(struct sha256 *h, const void *data, size_t n)
{
    sha256_add_int(h, (int64_t)n);
    sha256_add(h, data, n);
}

void sha256_end(struct sha256 *h, uint8_t ret[static SHA256_BYTES])
{
    sha256_digest(state(h), SHA256_BYTES, ret);
}

const char *sha256_hex(const uint8_t hash[static SHA256_BYTES], char ret[static SHA256_HEX])
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        ret[2 * i] = digit[hash[i] >> 4];
        ret[2 * i + 1] = digit[hash[i] & 15];
    }
    ret[SHA256_HEX - 1] = '\0';
    return ret;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool sha256_parse(const char *text, uint8_t ret[static SHA256_BYTES])
{
    if (strlen(text) != SHA256_HEX - 1)
        return false;
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        int high = digit_value(text[2 * i]), low = digit_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
