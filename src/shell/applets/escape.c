#include "shell/applets/escape.h"

#include <string.h>

/* Digits as long as they make a byte; 3 of base 8, 2 of base 16. */
static const char *digits(const char *s, unsigned base, char *ret)
{
    unsigned value = 0;
    for (int most = base == 8 ? 3 : 2; most; most--, s++) {
        unsigned digit = base;
        if (*s >= '0' && *s <= '9')
            digit = (unsigned)(*s - '0');
        else if ((*s | 0x20) >= 'a' && (*s | 0x20) <= 'f')
            digit = (unsigned)((*s | 0x20) - 'a') + 10;
        if (digit >= base || value * base + digit > 255)
            break;
        value = value * base + digit;
    }
    *ret = (char)value;
    return s;
}

const char *escape_read(const char *s, bool zero, char *ret)
{
    static const char from[] = "abefnrtv\\", to[] = "\a\b\033\f\n\r\t\v\\";
    const char *known = *s ? strchr(from, *s) : NULL;
    if (known) {
        *ret = to[known - from];
        return s + 1;
    }
    if (zero && *s == '0')
        return digits(s + 1, 8, ret);
    if (*s >= '0' && *s <= '7')
        return digits(s, 8, ret);
    if (*s == 'x') {
        const char *end = digits(s + 1, 16, ret);
        if (end > s + 1)
            return end;
    }
    *ret = '\\';
    return s;
}
