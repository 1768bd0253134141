#include "shell/applets/touch-date.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The kinds of parts that a pattern below is made of: numbers by their letter, others as they are.
 */
struct reading {
    unsigned year, month, day, hour, minute, second;
    bool has[6];
};

static unsigned *part(struct reading *r, char letter)
{
    static const char letters[] = "YMDhms";
    const char *at = strchr(letters, letter);
    if (!at)
        return NULL;
    r->has[at - letters] = true;
    unsigned *parts[] = { &r->year, &r->month, &r->day, &r->hour, &r->minute, &r->second };
    return parts[at - letters];
}

static bool read_number(const char **s, unsigned digits, unsigned *ret)
{
    unsigned value = 0, n = 0;
    for (; n < digits && isdigit((unsigned char)**s); n++)
        value = value * 10 + (unsigned)(*(*s)++ - '0');
    *ret = value;
    return n > 0;
}

static bool read_month(const char **s, unsigned *ret)
{
    for (unsigned i = 0; i < 12; i++)
        if (strncasecmp(*s, date_months[i], 3) == 0) {
            *s += 3;
            *ret = i + 1;
            return true;
        }
    return false;
}

/* Reads by a pattern; what is left of s, or NULL. A blank stands for any, B for the name of a
 * month. */
static const char *read_by(const char *pattern, const char *s, struct reading *r)
{
    *r = (struct reading){ 0 };
    for (; *pattern; pattern++) {
        unsigned *to = part(r, *pattern == 'B' ? 'M' : *pattern);
        if (*pattern == ' ') {
            s += strspn(s, " ");
        } else if (*pattern == 'B') {
            if (!read_month(&s, to))
                return NULL;
        } else if (to) {
            s += strspn(s, " ");
            if (!read_number(&s, 9, to))
                return NULL;
        } else if (*s++ != *pattern) {
            return NULL;
        }
    }
    return s;
}

/* "Z", "+0100", "-05:30": seconds east; false: no zone. */
static bool read_zone(const char *s, int *ret)
{
    s += strspn(s, " ");
    *ret = 0;
    if (strcmp(s, "Z") == 0)
        return true;
    int sign = *s == '-' ? -1 : 1;
    unsigned hours, minutes;
    if (*s != '+' && *s != '-')
        return false;
    s++;
    if (strspn(s, "0123456789") < 2 || !read_number(&s, 2, &hours))
        return false;
    s += *s == ':';
    if (strspn(s, "0123456789") != 2 || !read_number(&s, 2, &minutes) || *s)
        return false;
    *ret = sign * (int)(hours * 3600 + minutes * 60);
    return true;
}

/* The parts from year to second, as date_make() takes them; those that were not read stay. */
static bool take(const struct reading *r, int64_t parts[static 6])
{
    if ((r->has[1] && (r->month < 1 || r->month > 12)) ||
        (r->has[2] && (r->day < 1 || r->day > 31)) || r->hour > 23 || r->minute > 59 ||
        r->second > 99)
        return false;
    const unsigned from[] = { r->year, r->month, r->day, r->hour, r->minute, r->second };
    for (int i = 0; i < 6; i++)
        if (r->has[i])
            parts[i] = from[i];
    return true;
}

/* [[[[[CC]YY]MM]DD]hh]mm[.ss]; a year of two digits is the one nearest to now. */
static bool read_digits(const char *s, int64_t parts[static 6])
{
    static const struct {
        size_t n;
        const char *parts;
    } shapes[] = { { 2, "m" },    { 4, "hm" },     { 6, "Dhm" },
                   { 8, "MDhm" }, { 10, "YMDhm" }, { 12, "CMDhm" } };
    struct reading r = { 0 };
    size_t n = strspn(s, "0123456789"), i = 0;
    while (i < 6 && shapes[i].n != n)
        i++;
    if (i == 6)
        return false;
    for (const char *letter = shapes[i].parts; *letter; letter++)
        read_number(&s, *letter == 'C' ? 4 : 2, part(&r, *letter == 'C' ? 'Y' : *letter));
    r.has[5] = true;
    if (*s == '.') {
        s++;
        if (!read_number(&s, 2, &r.second) || r.second > 60)
            return false;
    }
    if (shapes[i].parts[0] == 'Y') {
        int64_t now = parts[0], year = now - now % 100 + r.year;
        year += year - now > 50 ? -100 : now - year > 50 ? 100 : 0;
        r.year = (unsigned)year;
    }
    return !*s && take(&r, parts);
}

static bool read_seconds(const char *s, int64_t *ret)
{
    bool minus = *s == '-';
    s += minus;
    if (!isdigit((unsigned char)*s) || strspn(s, "0123456789") > 15)
        return false;
    int64_t value = 0;
    while (isdigit((unsigned char)*s))
        value = value * 10 + (*s++ - '0');
    *ret = minus ? -value : value;
    return !*s;
}

bool date_parse(const char *s, const char *tz, int64_t now, int64_t *ret)
{
    static const struct {
        const char *pattern;
        bool zone;
    } patterns[] = {
        { "h:m:s", false },      { "h:m", false },         { "Y.M.D-h:m:s", false },
        { "Y.M.D-h:m", false },  { "M.D-h:m:s", false },   { "M.D-h:m", false },
        { "Y-M-D h:m:s", true }, { "Y-M-D h:m", true },    { "Y-M-D h", false },
        { "Y-M-D", false },      { "B D h:m:s Y", false },
    };
    struct date_zone zone, utc;
    struct date_time t;
    date_zone_read(&zone, tz);
    date_zone_read(&utc, NULL);
    if (*s == '@')
        return read_seconds(s + 1, ret);
    if (!date_break(&zone, now, &t))
        return false;
    int64_t parts[6] = { t.year, t.month + 1, t.day, t.hour, t.minute, t.second };
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        struct reading r;
        const char *rest = read_by(patterns[i].pattern, s, &r);
        int east = 0;
        bool zoned = rest && *rest && patterns[i].zone && read_zone(rest, &east);
        if (!rest || (*rest && !zoned))
            continue;
        if (!take(&r, parts) || !date_make(zoned ? &utc : &zone, parts, -1, ret))
            return false;
        *ret -= east;
        return true;
    }
    return read_digits(s, parts) && date_make(&zone, parts, -1, ret);
}
