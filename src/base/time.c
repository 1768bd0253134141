#include "base/time.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ZONE_FOLDER "/usr/share/zoneinfo/" /* Debian: package tzdata */

enum { ZONE_NAME = 64, MINUTE = 60, HOUR = 3600, DAY = 86400 };

/* Years 1 to 9998: what RFC 3339 can say, less a year at both ends to shift by a zone in. */
static const int64_t first_instant = INT64_C(-62135596800);
static const int64_t last_instant = INT64_C(253370764799);

static int64_t clamp(int64_t when)
{
    return when < first_instant ? first_instant : when > last_instant ? last_instant : when;
}

int64_t time_now(void)
{
    return (int64_t)time(NULL);
}

int64_t time_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * US_A_S + t.tv_nsec / 1000;
}

uint64_t time_mono(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/* The calendar of an instant in UTC; instants past the calendar's ends are taken for its ends. */
static struct tm utc(int64_t when)
{
    time_t t = (time_t)clamp(when);
    struct tm tm;
    gmtime_r(&t, &tm);
    return tm;
}

const char *time_text(int64_t when, char text[static TIME_TEXT])
{
    struct tm tm = utc(when);
    snprintf(text, TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02uZ",
             (unsigned)(tm.tm_year + 1900) % 10000u, (unsigned)(tm.tm_mon + 1) % 100u,
             (unsigned)tm.tm_mday % 100u, (unsigned)tm.tm_hour % 100u, (unsigned)tm.tm_min % 100u,
             (unsigned)tm.tm_sec % 100u);
    return text;
}

const char *time_text_us(int64_t when, char text[static TIME_TEXT])
{
    int64_t second = when / US_A_S, rest = when % US_A_S;
    if (rest < 0) {
        second--;
        rest += US_A_S;
    }
    size_t n = strlen(time_text(second, text)) - 1; /* without its Z */
    snprintf(text + n, TIME_TEXT - n, ".%06uZ", (unsigned)rest % 1000000u);
    return text;
}

/* --- zones ---------------------------------------------------------------------------------------
 */

static bool zone_spelt_well(const char *zone)
{
    size_t n = strlen(zone);
    if (n == 0 || n >= ZONE_NAME || zone[0] == '/' || strstr(zone, ".."))
        return false;
    for (; *zone; zone++)
        if (!isalnum((unsigned char)*zone) && !strchr("/_+-.", *zone))
            return false;
    return true;
}

bool time_zone_known(const char *zone)
{
    if (strcmp(zone, "UTC") == 0)
        return true;
    if (!zone_spelt_well(zone))
        return false;
    char path[sizeof ZONE_FOLDER + ZONE_NAME], magic[4] = "";
    snprintf(path, sizeof path, ZONE_FOLDER "%s", zone);
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    bool good = fread(magic, 1, sizeof magic, f) == sizeof magic && memcmp(magic, "TZif", 4) == 0;
    fclose(f);
    return good;
}

static bool zone_from_environment(char name[static ZONE_NAME])
{
    const char *tz = getenv("TZ");
    if (!tz)
        return false;
    tz += *tz == ':';
    if (strncmp(tz, ZONE_FOLDER, strlen(ZONE_FOLDER)) == 0)
        tz += strlen(ZONE_FOLDER);
    return snprintf(name, ZONE_NAME, "%s", tz) < ZONE_NAME && time_zone_known(name);
}

static bool zone_from_link(char name[static ZONE_NAME])
{
    char target[PATH_MAX];
    ssize_t n = readlink("/etc/localtime", target, sizeof target - 1);
    if (n < 0)
        return false;
    target[n] = '\0';
    const char *at = strstr(target, "/zoneinfo/");
    return at && snprintf(name, ZONE_NAME, "%s", at + strlen("/zoneinfo/")) < ZONE_NAME &&
           time_zone_known(name);
}

static bool zone_from_file(char name[static ZONE_NAME])
{
    FILE *f = fopen("/etc/timezone", "re");
    if (!f)
        return false;
    bool read = fgets(name, ZONE_NAME, f) != NULL;
    fclose(f);
    if (!read)
        return false;
    name[strcspn(name, " \t\r\n")] = '\0';
    return time_zone_known(name);
}

const char *time_zone_host(void)
{
    static char name[ZONE_NAME];
    if (!name[0] && !zone_from_environment(name) && !zone_from_link(name) && !zone_from_file(name))
        memcpy(name, "UTC", sizeof "UTC");
    return name;
}

/*
 * glibc knows one zone at a time, by the TZ variable. It is set for the length of one calculation
 * and put back, so that nothing else in the process notices. (Not for programs with several
 * threads.)
 */
static char *zone_enter(const char *zone)
{
    const char *tz = getenv("TZ");
    char *before = tz ? strdup(tz) : NULL;
    char file[ZONE_NAME + 1];
    snprintf(file, sizeof file, ":%s", zone);
    setenv("TZ", file, 1);
    tzset();
    return before;
}

static void zone_leave(char *before)
{
    if (before)
        setenv("TZ", before, 1);
    else
        unsetenv("TZ");
    tzset();
    free(before);
}

static struct tm local(int64_t when)
{
    time_t t = (time_t)clamp(when);
    struct tm tm;
    localtime_r(&t, &tm);
    return tm;
}

/* Days since 1970 of the date that the zone's calendar shows. */
static int64_t local_date(int64_t when)
{
    int64_t seconds = clamp(when) + local(when).tm_gmtoff;
    return seconds >= 0 ? seconds / DAY : -((-seconds + DAY - 1) / DAY);
}

/*
 * The first instant at which the zone's calendar shows this date or a later one. That is midnight,
 * but where clocks go forward at midnight it is one o'clock, where they go back over midnight it is
 * the first of two, and a date that a country skipped is as long as nothing. So it is looked for,
 * minute by minute, around where the offset from UTC would have it.
 */
static int64_t date_start(int64_t date)
{
    int64_t guess = date * DAY - local(date * DAY).tm_gmtoff;
    int64_t t = guess - 3 * HOUR;
    for (int64_t stop = guess + 2 * DAY; t < stop && local_date(t) < date; t += MINUTE)
        ;
    return t;
}

struct day {
    char zone[ZONE_NAME];
    int64_t date, start, next;
};

static void day_find(struct day *d, int64_t when)
{
    char *before = zone_enter(d->zone);
    d->date = local_date(when);
    d->start = date_start(d->date);
    d->next = date_start(d->date + 1);
    if (when >= d->next) { /* the clock went back over midnight: the day had begun already */
        d->date++;
        d->start = d->next;
        d->next = date_start(d->date + 1);
    }
    zone_leave(before);
}

/* The day that holds `when`. The last one is kept: most questions are about the same day. */
static const struct day *day_of(int64_t when, const char *zone)
{
    static struct day last;
    if (!zone)
        zone = time_zone_host();
    when = clamp(when);
    if (strcmp(last.zone, zone) == 0 && when >= last.start && when < last.next)
        return &last;
    snprintf(last.zone, sizeof last.zone, "%s", zone);
    day_find(&last, when);
    return &last;
}

int64_t time_day_start(int64_t when, const char *zone)
{
    return day_of(when, zone)->start;
}

int64_t time_day_next(int64_t day_start, const char *zone)
{
    return day_of(day_start, zone)->next;
}

const char *time_day_text(int64_t when, const char *zone, char text[static TIME_TEXT])
{
    time_text(day_of(when, zone)->date * DAY, text);
    text[strlen("2026-11-24")] = '\0';
    return text;
}

/* --- parsing -------------------------------------------------------------------------------------
 */

/* A clock reading as written; offset is seconds east of UTC where has_offset. */
struct reading {
    int year, month, day, hour, minute, second, offset;
    bool has_time, has_offset;
};

static bool digits(const char **at, int n, int least, int most, int *ret)
{
    int v = 0;
    for (int i = 0; i < n; i++, (*at)++) {
        if (!isdigit((unsigned char)**at))
            return false;
        v = v * 10 + (**at - '0');
    }
    *ret = v;
    return v >= least && v <= most;
}

static bool sign(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

static int month_days(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

static bool read_date(const char **at, struct reading *r)
{
    return digits(at, 4, 1, 9998, &r->year) && sign(at, '-') && digits(at, 2, 1, 12, &r->month) &&
           sign(at, '-') && digits(at, 2, 1, month_days(r->year, r->month), &r->day);
}

static bool read_offset(const char **at, struct reading *r)
{
    if (sign(at, 'Z') || sign(at, 'z')) {
        r->has_offset = true;
        return true;
    }
    if (**at != '+' && **at != '-')
        return true;
    int hours, minutes, way = *(*at)++ == '-' ? -1 : 1;
    if (!digits(at, 2, 0, 23, &hours) || !sign(at, ':') || !digits(at, 2, 0, 59, &minutes))
        return false;
    r->has_offset = true;
    r->offset = way * (hours * HOUR + minutes * MINUTE);
    return true;
}

static bool read_clock(const char **at, struct reading *r)
{
    if (!sign(at, 'T') && !sign(at, 't') && !sign(at, ' '))
        return true;
    r->has_time = true;
    if (!digits(at, 2, 0, 23, &r->hour) || !sign(at, ':') || !digits(at, 2, 0, 59, &r->minute))
        return false;
    if (sign(at, ':')) {
        if (!digits(at, 2, 0, 60, &r->second)) /* 60: a leap second, RFC 3339, 5.7 */
            return false;
        if (sign(at, '.')) {
            if (!isdigit((unsigned char)**at))
                return false;
            while (isdigit((unsigned char)**at))
                (*at)++;
        }
    }
    return read_offset(at, r);
}

/* The reading as though it had been taken in UTC. */
static int64_t reading_utc(const struct reading *r)
{
    struct tm tm = { .tm_year = r->year - 1900,
                     .tm_mon = r->month - 1,
                     .tm_mday = r->day,
                     .tm_hour = r->hour,
                     .tm_min = r->minute,
                     .tm_sec = r->second };
    return (int64_t)timegm(&tm);
}

/*
 * The first instant at which the zone's clocks show this reading; where they skip it, as if the
 * clocks had not been moved.
 */
static int64_t reading_local(const struct reading *r)
{
    int64_t shown = reading_utc(r);
    int64_t early = shown - local(shown - DAY).tm_gmtoff,
            late = shown - local(shown + DAY).tm_gmtoff;
    bool early_fits = early + local(early).tm_gmtoff == shown;
    bool late_fits = late + local(late).tm_gmtoff == shown;
    if (early_fits && late_fits)
        return early < late ? early : late;
    return late_fits ? late : early;
}

static int64_t reading_in_zone(const struct reading *r, const char *zone)
{
    char *before = zone_enter(zone);
    int64_t t = r->has_time ? reading_local(r) : date_start(reading_utc(r) / DAY);
    zone_leave(before);
    return t;
}

/* "90m", "24h", "7d": how long before now. */
static bool read_age(const char *text, int64_t now, int64_t *ret)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = { { 's', 1 }, { 'm', MINUTE }, { 'h', HOUR }, { 'd', DAY }, { 'w', 7 * DAY } };
    int64_t n = 0;
    const char *at = text;
    for (; isdigit((unsigned char)*at) && at - text < 9; at++)
        n = n * 10 + (*at - '0');
    if (at == text || !at[0] || at[1])
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (units[i].unit == *at) {
            *ret = now - n * units[i].seconds;
            return true;
        }
    return false;
}

int time_parse(const char *text, int64_t now, const char *zone, int64_t *ret)
{
    if (strcmp(text, "now") == 0) {
        *ret = now;
        return 0;
    }
    if (read_age(text, now, ret))
        return 0;
    struct reading r = { 0 };
    const char *at = text;
    if (!read_date(&at, &r) || !read_clock(&at, &r) || *at)
        return 1;
    if (r.has_offset)
        *ret = reading_utc(&r) - r.offset;
    else
        *ret = reading_in_zone(&r, zone ? zone : time_zone_host());
    return 0;
}
