#include "shell/applets/duration.h"

#include <string.h>

enum { SECOND = 1000000, PLACES = 6 };
static const int64_t MOST = 1000000000LL * SECOND;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits before the point; beyond the most it stays there. */
static const char *whole(const char *s, int64_t *ret)
{
    for (; is_digit(*s); s++)
        *ret = *ret >= MOST / 10 ? MOST : *ret * 10 + (*s - '0') * SECOND;
    return s;
}

static const char *fraction(const char *s, int64_t *ret)
{
    int64_t unit = SECOND / 10;
    for (; is_digit(*s); s++, unit /= 10)
        *ret += (*s - '0') * unit;
    return s;
}

static int64_t factor_of(const char *s)
{
    if (!s[0] || s[1])
        return s[0] ? 0 : 1;
    return s[0] == 's' ? 1 : s[0] == 'm' ? 60 : s[0] == 'h' ? 3600 : s[0] == 'd' ? 86400 : 0;
}

int64_t duration_read(struct proc *p, const char *s, bool suffixes)
{
    int64_t n = 0;
    const char *end = whole(s, &n);
    bool digits = end != s;
    if (*end == '.') {
        const char *point = end;
        end = fraction(end + 1, &n);
        digits |= end > point + 1;
    }
    if (digits && *end == '.')
        proc_usage(p);
    int64_t factor = factor_of(end);
    if (!digits || !factor || (*end && !suffixes))
        proc_die(p, "invalid number '%s'", s);
    return n > MOST / factor ? MOST : n * factor;
}
