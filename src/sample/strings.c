#include "sample/strings.h"

/* Tab counts, as in strings(1). */
static bool is_printable(uint8_t c)
{
    return (c >= 0x20 && c < 0x7f) || c == '\t';
}

int strings_each(const void *data, size_t n, size_t least, int (*take)(void *context, const struct found_string *s), void *context)
{
    const uint8_t *at = data, *end = at + n;
    while (at < end) {
        while (at < end && !is_printable(*at))
            at++;
        const uint8_t *from = at;
        while (at < end && is_printable(*at))
            at++;
        if ((size_t)(at - from) < least)
            continue;
        const struct found_string s = { .text = (const char *)from, .n = (size_t)(at - from),
                                        .at = (uint64_t)(from - (const uint8_t *)data),
                                        .alone = (from == data || from[-1] == 0) && (at == end || *at == 0) };
        int err = take(context, &s);
        if (err)
            return err;
    }
    return 0;
}

int strings_each_wide(const void *data, size_t n, size_t least, int (*take)(void *context, const struct found_string *s), void *context)
{
    char text[4096];
    const uint8_t *bytes = data;
    for (size_t i = 0; i + 1 < n;) {
        size_t from = i, length = 0;
        for (; i + 1 < n && is_printable(bytes[i]) && bytes[i + 1] == 0; i += 2)
            if (length < sizeof text)
                text[length++] = (char)bytes[i];
        if (length >= least) {
            const struct found_string s = { .text = text, .n = length, .at = from, .alone = true };
            int err = take(context, &s);
            if (err)
                return err;
        }
        i += i == from;
    }
    return 0;
}
