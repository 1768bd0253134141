#include "shell/applets/date-time.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

enum { DAY = 86400, HOUR = 3600 };

bool date_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int date_month_days(int64_t year, int month)
{
    static const int days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return month == 1 && date_is_leap(year) ? 29 : days[month];
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Leap days before a year. */
static int64_t leaps_before(int64_t year)
{
    return floor_div(year - 1, 4) - floor_div(year - 1, 100) + floor_div(year - 1, 400);
}

static int64_t year_start(int64_t year)
{
    return 365 * (year - 1970) + leaps_before(year) - leaps_before(1970);
}

int64_t date_days(int64_t year, int month, int day)
{
    int64_t days = year_start(year);
    for (int m = 0; m < month; m++)
        days += date_month_days(year, m);
    return days + day - 1;
}

static int weekday_of(int64_t days)
{
    int64_t w = (days + 4) % 7;
    return (int)(w < 0 ? w + 7 : w);
}

/* ---- Zones ---- */

static const char *read_name(const char *s, char to[static DATE_ZONE_NAME])
{
    bool quoted = *s == '<';
    const char *from = s + quoted;
    size_t n = 0;
    while (quoted ? from[n] && from[n] != '>' : isalpha((unsigned char)from[n]))
        n++;
    if (n < 3 || n >= DATE_ZONE_NAME || (quoted && from[n] != '>'))
        return NULL;
    memcpy(to, from, n);
    to[n] = '\0';
    return from + n + quoted;
}

static const char *read_part(const char *s, int most, int32_t unit, int32_t *ret)
{
    if (!isdigit((unsigned char)*s))
        return NULL;
    int v = 0;
    for (; isdigit((unsigned char)*s); s++)
        v = v < 1000 ? v * 10 + (*s - '0') : v;
    *ret += (v > most ? most : v) * unit;
    return s;
}

/* [+-]hh[:mm[:ss]] */
static const char *read_clock(const char *s, int most, int32_t *ret)
{
    bool negative = *s == '-';
    *ret = 0;
    if (*s == '+' || *s == '-')
        s++;
    s = read_part(s, most, HOUR, ret);
    for (int32_t unit = 60; s && *s == ':' && isdigit((unsigned char)s[1]) && unit; unit /= 60)
        s = read_part(s + 1, 59, unit, ret);
    if (negative)
        *ret = -*ret;
    return s;
}

static const char *read_int(const char *s, int least, int most, int *ret)
{
    int v = 0;
    if (!s || !isdigit((unsigned char)*s))
        return NULL;
    for (; isdigit((unsigned char)*s) && v < 10000; s++)
        v = v * 10 + (*s - '0');
    *ret = v;
    return v >= least && v <= most ? s : NULL;
}

static const char *dot(const char *s)
{
    return s && *s == '.' ? s + 1 : NULL;
}

/* ,Mm.w.d or ,Jn or ,n and then /time */
static const char *read_rule(const char *s, struct date_rule *r)
{
    r->at = 2 * HOUR;
    if (*s++ != ',')
        return NULL;
    if (*s == 'M') {
        r->kind = DATE_MONTH;
        s = read_int(dot(read_int(dot(read_int(s + 1, 1, 12, &r->month)), 1, 5, &r->week)), 0, 6,
                     &r->day);
    } else if (*s == 'J') {
        r->kind = DATE_JULIAN;
        s = read_int(s + 1, 1, 365, &r->day);
    } else {
        r->kind = DATE_DAY;
        s = read_int(s, 0, 365, &r->day);
    }
    return s && *s == '/' ? read_clock(s + 1, 167, &r->at) : s;
}

/* Without rules it is the United States'. */
static bool read_summer(struct date_zone *z, const char *s)
{
    static const struct date_rule march = { DATE_MONTH, 3, 2, 0, 2 * HOUR },
                                  november = { DATE_MONTH, 11, 1, 0, 2 * HOUR };
    s = read_name(s, z->summer);
    if (!s)
        return false;
    int32_t west = -z->offset - HOUR;
    if (*s && *s != ',')
        s = read_clock(s, 24, &west);
    if (!s)
        return false;
    z->summer_offset = -west;
    z->has_summer = true;
    z->begins = march;
    z->ends = november;
    if (*s == '\0')
        return true;
    s = read_rule(s, &z->begins);
    s = s ? read_rule(s, &z->ends) : NULL;
    return s && *s == '\0';
}

void date_zone_read(struct date_zone *z, const char *tz)
{
    *z = (struct date_zone){ .name = "UTC" };
    if (!tz || !*tz)
        return;
    tz += *tz == ':';
    const char *s = read_name(tz, z->name);
    int32_t west;
    if (!s) {
        z->name[0] = '\0';
        return;
    }
    s = read_clock(s, 24, &west);
    if (!s)
        return;
    z->offset = -west;
    if (*s && !read_summer(z, s))
        z->has_summer = false;
}

/* The day of a year on which a rule falls, from 0 on. */
static int rule_day(const struct date_rule *r, int64_t year)
{
    if (r->kind == DATE_DAY)
        return r->day;
    if (r->kind == DATE_JULIAN)
        return r->day - 1 + (r->day >= 60 && date_is_leap(year));
    int64_t first = date_days(year, r->month - 1, 1);
    int day = (r->day - weekday_of(first) + 7) % 7 + (r->week - 1) * 7;
    if (day >= date_month_days(year, r->month - 1))
        day -= 7;
    return (int)(first - year_start(year)) + day;
}

static bool summer_at(const struct date_zone *z, int64_t when)
{
    if (!z->has_summer)
        return false;
    int64_t days = floor_div(when + z->offset, DAY);
    int64_t year = 1970 + floor_div(days * 400, 146097);
    while (year_start(year + 1) <= days)
        year++;
    while (year_start(year) > days)
        year--;
    int64_t start = year_start(year);
    int64_t begins = (start + rule_day(&z->begins, year)) * DAY + z->begins.at - z->offset;
    int64_t ends = (start + rule_day(&z->ends, year)) * DAY + z->ends.at - z->summer_offset;
    return begins <= ends ? when >= begins && when < ends : when >= begins || when < ends;
}

/* ---- Instants ---- */

bool date_break(const struct date_zone *z, int64_t when, struct date_time *ret)
{
    static const int64_t far = 67768036191676799 / DAY;
    if (when / DAY >= far || when / DAY <= -far)
        return false;
    bool summer = summer_at(z, when);
    struct date_time t = { .when = when,
                           .is_summer = summer,
                           .offset = summer ? z->summer_offset : z->offset };
    memcpy(t.zone, summer ? z->summer : z->name, sizeof t.zone);
    int64_t days = floor_div(when + t.offset, DAY);
    int left = (int)(when + t.offset - days * DAY);
    t.hour = left / HOUR;
    t.minute = left / 60 % 60;
    t.second = left % 60;
    t.weekday = weekday_of(days);
    t.year = 1970 + floor_div(days * 400, 146097);
    while (year_start(t.year + 1) <= days)
        t.year++;
    while (year_start(t.year) > days)
        t.year--;
    t.yearday = (int)(days - year_start(t.year));
    int day = t.yearday;
    while (day >= date_month_days(t.year, t.month))
        day -= date_month_days(t.year, t.month++);
    t.day = day + 1;
    *ret = t;
    return true;
}

/* Parts that no calendar comes near are refused, so that nothing here can overflow. */
static bool is_sane(const int64_t parts[static 6])
{
    for (int i = 0; i < 6; i++) {
        if (parts[i] > INT_MAX || parts[i] < INT_MIN)
            return false;
    }
    return true;
}

bool date_make(const struct date_zone *z, const int64_t parts[static 6], int summer, int64_t *ret)
{
    if (!is_sane(parts))
        return false;
    int64_t months = parts[1] - 1;
    int64_t year = parts[0] + floor_div(months, 12);
    int month = (int)(months - floor_div(months, 12) * 12);
    int64_t local = (date_days(year, month, 1) + parts[2] - 1) * DAY + parts[3] * HOUR +
                    parts[4] * 60 + parts[5];
    int64_t standard = local - z->offset,
            in_summer = local - (z->has_summer ? z->summer_offset : z->offset + HOUR);
    if (summer < 0)
        summer = z->has_summer && summer_at(z, in_summer) && !(summer_at(z, standard) == false);
    *ret = summer > 0 ? in_summer : standard;
    return true;
}

bool date_number(const char **s, int64_t *ret)
{
    const char *p = *s;
    while (isspace((unsigned char)*p))
        p++;
    bool negative = *p == '-';
    p += *p == '-' || *p == '+';
    if (!isdigit((unsigned char)*p))
        return false;
    int64_t v = 0;
    for (; isdigit((unsigned char)*p); p++)
        v = v < INT64_MAX / 100 ? v * 10 + (*p - '0') : v;
    *ret = negative ? -v : v;
    *s = p;
    return true;
}
