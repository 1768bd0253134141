/* Calendar, zones and formats of applets/date-time.h. */
#include "shell/applets/date-time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void __attribute__((noreturn)) exhausted(struct memory *m)
{
    (void)m;
    abort();
}

static struct memory_account account = { .most = 1 << 20 };
static struct memory memory = { .account = &account, .exhausted = exhausted };

/* Every field as the system's own gmtime() has it, over some thousand years, and back again. */
static void test_days(void **state)
{
    (void)state;
    struct date_zone utc;
    date_zone_read(&utc, NULL);
    for (int64_t when = INT64_C(-70000000000); when < INT64_C(100000000000);
         when += 86400 * 97 + 12345) {
        struct date_time t;
        struct tm tm;
        time_t wanted = (time_t)when;
        assert_true(date_break(&utc, when, &t));
        gmtime_r(&wanted, &tm);
        assert_int_equal(t.year, tm.tm_year + 1900);
        assert_int_equal(t.month * 100 + t.day, tm.tm_mon * 100 + tm.tm_mday);
        assert_int_equal(t.hour * 3600 + t.minute * 60 + t.second,
                         tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
        assert_int_equal(t.weekday * 1000 + t.yearday, tm.tm_wday * 1000 + tm.tm_yday);
        const int64_t parts[6] = { t.year, t.month + 1, t.day, t.hour, t.minute, t.second };
        int64_t back;
        assert_true(date_make(&utc, parts, -1, &back));
        assert_int_equal(back, when);
    }
    struct date_time t;
    assert_false(date_break(&utc, INT64_MAX, &t));
    assert_false(date_break(&utc, INT64_MIN, &t));
}

static void test_zones(void **state)
{
    (void)state;
    static const struct {
        const char *tz;
        int64_t when;
        const char *text;
    } rows[] = {
        { NULL, 0, "0101 00:00 UTC +0000" },
        { "EST5EDT", 1583020799, "0229 18:59 EST -0500" },
        { "EST5EDT", 1590969600, "0531 20:00 EDT -0400" },
        { "CET-1CEST,M3.5.0,M10.5.0/3", 1590969600, "0601 02:00 CEST +0200" },
        { "NZST-12NZDT,M9.5.0,M4.1.0/3", 0, "0101 13:00 NZDT +1300" },
        { "<-03>3", 0, "1231 21:00 -03 -0300" },
        { "EST5EDT4,J60/2,300/3", 1590969600, "0531 20:00 EDT -0400" },
        { "GMT+100", 0, "1231 00:00 GMT -2400" },
        { "Nowhere/At/all", 0, "0101 00:00 Nowhere +0000" },
        { "x", 0, "0101 00:00  +0000" },
        { ":UTC", 0, "0101 00:00 UTC +0000" },
        { "EST5EDT,M13.9.9", 0, "1231 19:00 EST -0500" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct date_zone z;
        struct date_time t;
        struct text to = text_of(&memory);
        date_zone_read(&z, rows[i].tz);
        assert_true(date_break(&z, rows[i].when, &t));
        date_format(&to, "%m%d %H:%M %Z %z", &t);
        assert_string_equal(to.data, rows[i].text);
        text_release(&to);
    }
}

static void test_formats(void **state)
{
    (void)state;
    static const struct {
        const char *format, *text;
    } rows[] = {
        { "%a %A %b %B %h", "Sun Sunday Sep September Sep" },
        { "%c|%D|%F|%r|%R|%T|%x|%X", "Sun Sep 13 12:26:40 2020|09/13/20|2020-09-13|12:26:40 "
                                     "PM|12:26|12:26:40|09/13/20|12:26:40" },
        { "%C%y %G-W%V %g %U %W %u%w %j", "2020 2020-W37 20 37 36 70 257" },
        { "%d %e %H %I %k %l %M %m %S %s", "13 13 12 12 12 12 26 09 40 1600000000" },
        { "%p %P %^a %#Z %-m %_m %5d %-5d %010Y", "PM pm SUN utc 9  9 00013    13 0000002020" },
        { "%n%t%%", "\n\t%" },
        { "%Q %E %", "%Q %E %" },
        { "", "" },
    };
    struct date_zone utc;
    struct date_time t;
    date_zone_read(&utc, "");
    assert_true(date_break(&utc, 1600000000, &t));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text to = text_of(&memory);
        text_add(&to, "", 0);
        date_format(&to, rows[i].format, &t);
        assert_string_equal(to.data, rows[i].text);
        text_release(&to);
    }
}

static void test_scan(void **state)
{
    (void)state;
    struct date_time t = { 0 };
    assert_string_equal(date_scan("2001-02-03 04:05x", "%Y-%m-%d %H:%M", &t), "x");
    assert_int_equal(t.year * 10000 + (t.month + 1) * 100 + t.day, 20010203);
    assert_int_equal(t.hour * 100 + t.minute, 405);
    assert_non_null(date_scan("monday march 5 70", "%a %b %d %y", &t));
    assert_int_equal(t.year, 1970);
    assert_int_equal(t.month, 2);
    assert_null(date_scan("13", "%m", &t));
    assert_null(date_scan("", "%Y", &t));
    assert_null(date_scan("x", "%", &t));
    const char *s = "  -12x";
    int64_t v;
    assert_true(date_number(&s, &v));
    assert_int_equal(v, -12);
    assert_false(date_number(&s, &v));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_zones),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_scan),
    };
    return cmocka_run_group_tests_name("shell/date", tests, NULL, NULL);
}
