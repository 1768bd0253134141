#pragma once
/*
 * Calendar and clock: what date, awk, cal and others make of an instant. Zones are POSIX's TZ
 * ("EST5EDT,M3.2.0,M11.1.0"; Base Definitions, 8.3); there are no zone files, so that what is none
 * of these is UTC by another name, as on a device without them.
 */
#include "shell/memory.h"

#include <stdbool.h>
#include <stdint.h>

/* When summer time begins or ends. */
struct date_rule {
    enum { DATE_JULIAN, DATE_DAY, DATE_MONTH } kind; /* Jn, n, Mm.w.d */
    int month, week, day;
    int32_t at; /* seconds of the local day */
};

enum { DATE_ZONE_NAME = 16 };

struct date_zone {
    char name[DATE_ZONE_NAME], summer[DATE_ZONE_NAME];
    int32_t offset, summer_offset; /* seconds east of UTC */
    bool has_summer;
    struct date_rule begins, ends;
};

struct date_time {
    int64_t when; /* seconds since 1970 */
    int64_t year;
    int month, day; /* 0 to 11; from 1 on */
    int hour, minute, second;
    int weekday, yearday; /* 0 is Sunday; from 0 on */
    bool is_summer;
    int32_t offset;
    char zone[DATE_ZONE_NAME];
};

/* NULL and "" are UTC. */
void date_zone_read(struct date_zone *z, const char *tz);
/* False: the year does not fit into an int, as C has it. */
bool date_break(const struct date_zone *z, int64_t when, struct date_time *ret);
/* An instant from year, month (1 to 12), day, hour, minute, second, any of them out of its range,
 * as mktime() has it; summer is 1, 0 or -1: not known. False: it does not fit. */
bool date_make(const struct date_zone *z, const int64_t parts[static 6], int summer, int64_t *ret);
int64_t date_days(int64_t year, int month, int day); /* since 1970; month from 0 on */
bool date_is_leap(int64_t year);
int date_month_days(int64_t year, int month);
extern const char *const date_months[12],
    *const date_weekdays[7]; /* whole; the first three letters are the short ones */

/* strftime() of the C locale with glibc's flags (- _ 0 ^ #) and widths. */
void date_format(struct text *to, const char *format, const struct date_time *t);
/* strptime(): fills in what the format names. Where it stopped in s, or NULL. */
const char *date_scan(const char *s, const char *format, struct date_time *t);
/* A number as scanf() reads it, with blanks and a sign before it; moves *s behind it. */
bool date_number(const char **s, int64_t *ret);
