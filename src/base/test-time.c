#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static int64_t at(const char *text)
{
    int64_t t = 0;
    if (time_parse(text, 0, "UTC", &t) != 0)
        fail_msg("%s is no time", text);
    return t;
}

static void zones_are_installed(void **state)
{
    (void)state;
    const char *zones[] = { "Asia/Tokyo",   "Europe/Berlin", "America/St_Johns",
                            "Africa/Cairo", "Pacific/Apia",  "UTC" };
    for (size_t i = 0; i < LENGTH(zones); i++)
        if (!time_zone_known(zones[i]))
            fail_msg("the zone %s is missing: install the package tzdata", zones[i]);
}

static void zone_names(void **state)
{
    (void)state;
    const char *bad[] = {
        "",         "Asia/Edo", "/etc/localtime", "../../../etc/passwd", "Asia",
        "zone.tab", "JST-9",    "Asia/Tokyo\n",   "Asia/Tokyo ",         "Europe/../Asia/Tokyo"
    };
    for (size_t i = 0; i < LENGTH(bad); i++)
        if (time_zone_known(bad[i]))
            fail_msg("'%s' was taken for a zone", bad[i]);
    assert_true(time_zone_known(time_zone_host()));
}

/* start and end of the day that holds an instant, and how long it is */
/* clang-format off */
static const struct {
    const char *zone, *when, *start, *name;
    int hours, minutes;
} days[] = {
    { "UTC", "2026-11-24T05:59:40Z", "2026-11-24T00:00:00Z", "2026-11-24", 24, 0 },
    { "UTC", "1969-12-31T23:59:59Z", "1969-12-31T00:00:00Z", "1969-12-31", 24, 0 },
    { "UTC", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01", 24, 0 },
    { "Asia/Tokyo", "2026-11-24T14:59:59Z", "2026-11-23T15:00:00Z", "2026-11-24", 24, 0 },
    { "Asia/Tokyo", "2026-11-24T15:00:00Z", "2026-11-24T15:00:00Z", "2026-11-25", 24, 0 },
    { "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29", 23, 0 },
    { "Europe/Berlin", "2026-03-28T22:59:59Z", "2026-03-27T23:00:00Z", "2026-03-28", 24, 0 },
    { "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-24T22:00:00Z", "2026-10-25", 25, 0 },
    { "Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-24T22:00:00Z", "2026-10-25", 25, 0 },
    { "Europe/Berlin", "2026-10-25T22:59:59Z", "2026-10-24T22:00:00Z", "2026-10-25", 25, 0 },
    { "Europe/Berlin", "2026-10-25T23:00:00Z", "2026-10-25T23:00:00Z", "2026-10-26", 24, 0 },
    { "America/St_Johns", "2026-07-01T12:00:00Z", "2026-07-01T02:30:00Z", "2026-07-01", 24, 0 },
    { "America/St_Johns", "2026-03-08T12:00:00Z", "2026-03-08T03:30:00Z", "2026-03-08", 23, 0 },
    { "America/St_Johns", "2026-11-01T12:00:00Z", "2026-11-01T02:30:00Z", "2026-11-01", 25, 0 },
    /* clocks went back at 00:01 to 23:01 of the day before: that hour belongs to the day begun */
    { "America/St_Johns", "2010-11-07T02:30:30Z", "2010-11-07T02:30:00Z", "2010-11-07", 25, 0 },
    { "America/St_Johns", "2010-11-07T02:45:00Z", "2010-11-07T02:30:00Z", "2010-11-07", 25, 0 },
    { "America/St_Johns", "2010-11-07T02:29:59Z", "2010-11-06T02:30:00Z", "2010-11-06", 24, 0 },
    /* clocks go forward at midnight: the day begins at one o'clock */
    { "Africa/Cairo", "2026-04-24T12:00:00Z", "2026-04-23T22:00:00Z", "2026-04-24", 23, 0 },
    /* half an hour */
    { "Australia/Lord_Howe", "2026-10-04T00:00:00Z", "2026-10-03T13:30:00Z", "2026-10-04", 23, 30 },
    /* Samoa had no 30 December 2011 */
    { "Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-29", 24, 0 },
    { "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31", 24, 0 },
};
/* clang-format on */

static void days_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(days); i++) {
        char text[TIME_TEXT];
        int64_t start = time_day_start(at(days[i].when), days[i].zone);
        assert_string_equal(time_text(start, text), days[i].start);
        int64_t length = time_day_next(start, days[i].zone) - start;
        assert_int_equal(length, days[i].hours * 3600 + days[i].minutes * 60);
        assert_string_equal(time_day_text(at(days[i].when), days[i].zone, text), days[i].name);
    }
}

/* Whatever the zone does, days lie side by side and each instant is in its own. */
static void days_are_contiguous(void **state)
{
    (void)state;
    const char *zones[] = { "Asia/Tokyo",   "Europe/Berlin", "America/St_Johns",
                            "Africa/Cairo", "Pacific/Apia",  "America/Havana" };
    for (size_t i = 0; i < LENGTH(zones); i++) {
        int64_t day = time_day_start(at("2010-10-01"), zones[i]);
        while (day < at("2012-04-01")) {
            int64_t next = time_day_next(day, zones[i]);
            assert_true(next > day);
            assert_int_equal(time_day_start(next, zones[i]), next);
            assert_int_equal(time_day_start(next - 1, zones[i]), day);
            assert_int_equal(time_day_start(day + (next - day) / 2, zones[i]), day);
            day = next;
        }
    }
}

static void nothing_leaks(void **state)
{
    (void)state;
    setenv("TZ", "America/St_Johns", 1);
    tzset();
    long before = timezone;
    time_day_start(at("2026-11-24T00:00:00Z"), "Asia/Tokyo");
    assert_string_equal(getenv("TZ"), "America/St_Johns");
    assert_int_equal(timezone, before);
    unsetenv("TZ");
    tzset();
    time_day_start(at("2026-11-28T00:00:00Z"), "Asia/Tokyo");
    assert_null(getenv("TZ"));
}

/* clang-format off */
static const struct {
    const char *text, *zone, *want;
} good[] = {
    { "2026-11-24T05:59:40Z", "Asia/Tokyo", "2026-11-24T05:59:40Z" },
    { "2026-11-24t05:59:40z", "Asia/Tokyo", "2026-11-24T05:59:40Z" },
    { "2026-11-24T05:59:40.999+09:00", "UTC", "2026-11-23T20:59:40Z" },
    { "2026-11-24T05:59:40-03:30", "UTC", "2026-11-24T09:29:40Z" },
    { "2026-11-24 05:59", "Asia/Tokyo", "2026-11-23T20:59:00Z" },
    { "2026-11-24 05:59:07", "Asia/Tokyo", "2026-11-23T20:59:07Z" },
    { "2026-11-24", "Asia/Tokyo", "2026-11-23T15:00:00Z" },
    { "2026-11-24", "UTC", "2026-11-24T00:00:00Z" },
    { "2024-02-29", "UTC", "2024-02-29T00:00:00Z" },
    { "2026-07-01 12:00", "Europe/Berlin", "2026-07-01T10:00:00Z" },
    { "2026-10-25 02:30", "Europe/Berlin", "2026-10-25T00:30:00Z" }, /* twice: the first */
    { "2026-03-29 02:30", "Europe/Berlin", "2026-03-29T01:30:00Z" }, /* never: as if not moved */
    { "2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00Z" },
    { "2016-12-31T23:59:60Z", "UTC", "2017-01-01T00:00:00Z" },
    { "now", "UTC", "2026-11-24T05:59:40Z" },
    { "40s", "UTC", "2026-11-24T05:59:00Z" },
    { "90m", "UTC", "2026-11-24T04:29:40Z" },
    { "24h", "Asia/Tokyo", "2026-11-23T05:59:40Z" },
    { "7d", "UTC", "2026-11-17T05:59:40Z" },
    { "2w", "UTC", "2026-11-10T05:59:40Z" },
};
/* clang-format on */

static void times_are_read(void **state)
{
    (void)state;
    int64_t now = at("2026-11-24T05:59:40Z");
    for (size_t i = 0; i < LENGTH(good); i++) {
        int64_t t = 0;
        char text[TIME_TEXT];
        if (time_parse(good[i].text, now, good[i].zone, &t) != 0)
            fail_msg("%s was refused", good[i].text);
        assert_string_equal(time_text(t, text), good[i].want);
    }
}

static void other_words_are_refused(void **state)
{
    (void)state;
    const char *bad[] = {
        "",
        "yesterday",
        "24",
        "h",
        "-7d",
        "7 d",
        "7dd",
        "1000000000d",
        "2026",
        "2026-11",
        "2026-13-01",
        "2026-00-01",
        "2026-02-29",
        "2026-11-31",
        "2026-11-24T",
        "2026-11-24T05",
        "2026-11-24 24:00",
        "2026-11-24 05:60",
        "2026-11-24 05:59:61",
        "2026-11-24T05:59:40.Z",
        "2026-11-24T05:59:40+9",
        "2026-11-24T05:59:40+09:60",
        "2026-11-24Z",
        "2026-11-24 05:59 ",
        "0000-01-01",
        "9999-01-01",
        "2026-1-1",
        "+026-11-24",
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        int64_t t;
        if (time_parse(bad[i], 0, "UTC", &t) != 1)
            fail_msg("'%s' was taken for a time", bad[i]);
    }
}

/* A capture may say any time; nothing may come of that but a far date. */
static void far_times(void **state)
{
    (void)state;
    char text[TIME_TEXT];
    assert_string_equal(time_text(INT64_MIN, text), "0001-01-01T00:00:00Z");
    assert_string_equal(time_text(INT64_MAX, text), "9998-12-31T23:59:59Z");
    assert_string_equal(time_text(0, text), "1970-01-01T00:00:00Z");
    assert_string_equal(time_text(-1, text), "1969-12-31T23:59:59Z");
    assert_string_equal(time_text_us(0, text), "1970-01-01T00:00:00.000000Z");
    assert_string_equal(time_text_us(1764482400000123, text), "2025-11-30T06:00:00.000123Z");
    assert_string_equal(time_text_us(-1, text), "1969-12-31T23:59:59.999999Z");
    assert_string_equal(time_text_us(-1000000, text), "1969-12-31T23:59:59.000000Z");
    assert_string_equal(time_text_us(INT64_MIN, text), "0001-01-01T00:00:00.224192Z");
    assert_string_equal(time_text_us(INT64_MAX, text), "9998-12-31T23:59:59.775807Z");
    const int64_t far[] = { INT64_MIN, INT64_MAX };
    for (size_t i = 0; i < LENGTH(far); i++) {
        int64_t start = time_day_start(far[i], "Asia/Tokyo");
        assert_true(time_day_next(start, "Asia/Tokyo") >= start);
        time_day_text(far[i], "America/St_Johns", text);
    }
}

static void clocks_run(void **state)
{
    (void)state;
    assert_true(time_now() > at("2024-01-01"));
    uint64_t before = time_mono();
    assert_true(before > 0 && time_mono() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_are_installed),
        cmocka_unit_test(zone_names),
        cmocka_unit_test(days_are_cut),
        cmocka_unit_test(days_are_contiguous),
        cmocka_unit_test(nothing_leaks),
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(other_words_are_refused),
        cmocka_unit_test(far_times),
        cmocka_unit_test(clocks_run),
    };
    return cmocka_run_group_tests_name("base/time", tests, NULL, NULL);
}
