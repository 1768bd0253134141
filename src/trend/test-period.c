#include "trend/period.h"

#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static int64_t at(const char *text)
{
    int64_t t;
    if (!text)
        return PERIOD_OPEN;
    assert_int_equal(time_parse(text, 0, "UTC", &t), 0);
    return t;
}

static void must_be(const char *about, int64_t when, const char *wanted)
{
    char text[TIME_TEXT];
    time_text(when, text);
    if (strcmp(text, wanted) != 0)
        fail_msg("%s: %s, not %s", about, text, wanted);
}

enum { CHOOSE = -1 };
#define NOW "2026-11-24T05:59:40Z"

static const struct made {
    const char *about, *from, *to;
    int step;
    const char *zone, *first, *last;
    const char *wanted_from, *wanted_to;
    int wanted_step;
    bool rounded;
} makes[] = {
    { "nothing stored", NULL, NULL, CHOOSE, "UTC", NULL, NULL, "2026-11-23T06:00:00Z",
      "2026-11-24T06:00:00Z", STEP_HOUR, false },
    { "a sensor that runs", NULL, NULL, CHOOSE, "UTC", "2026-01-01", "2026-11-24T05:10:00Z",
      "2026-11-23T06:00:00Z", "2026-11-24T06:00:00Z", STEP_HOUR, false },
    { "an old capture", NULL, NULL, CHOOSE, "UTC", "2026-01-01", "2026-01-01T23:59:59Z",
      "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", STEP_HOUR, false },
    { "a capture that ends with an hour", NULL, NULL, CHOOSE, "UTC", "2026-01-01", "2026-01-02",
      "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", STEP_HOUR, false },
    { "a capture from days to come", NULL, NULL, CHOOSE, "UTC", "2027-01-01", "2027-01-02",
      "2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z", STEP_HOUR, false },
    { "minutes", NULL, NULL, STEP_MINUTE, "UTC", "2026-01-01", "2026-01-02", "2026-01-01T00:00:00Z",
      "2026-01-02T00:00:00Z", STEP_MINUTE, false },
    { "days, as far as stored", NULL, NULL, STEP_DAY, "UTC", "2026-01-01T07:00:00Z",
      "2026-01-04T10:00:00Z", "2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z", STEP_DAY, false },
    { "days, at most 30", NULL, NULL, STEP_DAY, "UTC", "2025-01-01", "2026-03-01",
      "2026-01-30T00:00:00Z", "2026-03-01T00:00:00Z", STEP_DAY, false },
    { "rounded outwards", "2026-01-01T10:20:30Z", "2026-01-01T11:00:01Z", CHOOSE, "UTC", NULL, NULL,
      "2026-01-01T10:00:00Z", "2026-01-01T12:00:00Z", STEP_HOUR, true },
    { "whole hours stay", "2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z", CHOOSE, "UTC", NULL, NULL,
      "2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z", STEP_HOUR, false },
    { "whole minutes", "2026-01-01T10:20:30Z", "2026-01-01T10:21:00Z", STEP_MINUTE, "UTC", NULL, NULL,
      "2026-01-01T10:20:00Z", "2026-01-01T10:21:00Z", STEP_MINUTE, true },
    { "only a beginning", "2026-01-01T03:00:00Z", NULL, CHOOSE, "UTC", "2026-01-01", "2026-01-02",
      "2026-01-01T03:00:00Z", "2026-01-02T00:00:00Z", STEP_HOUR, false },
    { "a beginning past what is stored", "2026-11-24T01:00:00Z", NULL, CHOOSE, "UTC", "2026-01-01",
      "2026-01-02", "2026-11-24T01:00:00Z", "2026-11-24T06:00:00Z", STEP_HOUR, false },
    { "only an end", NULL, "2026-01-02", CHOOSE, "UTC", NULL, NULL, "2026-01-01T00:00:00Z",
      "2026-01-02T00:00:00Z", STEP_HOUR, false },
    { "a long period is cut in days", "2026-01-01", "2026-02-01", CHOOSE, "UTC", NULL, NULL,
      "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", STEP_DAY, false },
    { "days of Tokyo", "2026-01-01T12:00:00Z", "2026-01-02T12:00:00Z", STEP_DAY, "Asia/Tokyo", NULL,
      NULL, "2025-12-31T15:00:00Z", "2026-01-02T15:00:00Z", STEP_DAY, true },
    { "days of Kolkata are whole hours", "2026-01-01T12:00:00Z", "2026-01-02T19:00:00Z", STEP_DAY,
      "Asia/Kolkata", NULL, NULL, "2025-12-31T19:00:00Z", "2026-01-02T19:00:00Z", STEP_DAY, true },
    { "before 1970", "1969-12-31T23:59:59Z", "1970-01-01T00:00:01Z", STEP_HOUR, "UTC", NULL, NULL,
      "1969-12-31T23:00:00Z", "1970-01-01T01:00:00Z", STEP_HOUR, true },
};

static void test_made(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(makes); i++) {
        const struct made *m = &makes[i];
        struct period_wish w = { at(m->from), at(m->to), m->step, m->zone, at(NOW), 0, 0 };
        struct period p;
        w.first = m->first ? at(m->first) : 0;
        w.last = m->last ? at(m->last) : 0;
        if (period_make(&p, &w) != PERIOD_FINE)
            fail_msg("%s: no period", m->about);
        must_be(m->about, p.from, m->wanted_from);
        must_be(m->about, p.to, m->wanted_to);
        if ((int)p.step != m->wanted_step || p.rounded != m->rounded)
            fail_msg("%s: step %d, rounded %d", m->about, (int)p.step, p.rounded);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        int step, wanted;
    } cases[] = {
        { "2026-01-02", "2026-01-01", CHOOSE, PERIOD_BACKWARD },
        { "2026-01-01", "2026-01-01", CHOOSE, PERIOD_BACKWARD },
        { "2027-01-01", NULL, CHOOSE, PERIOD_BACKWARD },
        { "2026-01-01", "2027-01-01", STEP_MINUTE, PERIOD_TOO_LONG },
        { "0001-01-01", "9998-01-01", STEP_HOUR, PERIOD_TOO_LONG },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct period_wish w = { at(cases[i].from), at(cases[i].to), cases[i].step, "UTC", at(NOW), 0, 0 };
        struct period p;
        assert_int_equal(period_make(&p, &w), cases[i].wanted);
    }
}

static void test_previous(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *zone, *wanted;
    } cases[] = {
        { "2026-01-02T05:00:00Z", "2026-01-02T08:00:00Z", "UTC", "2026-01-02T02:00:00Z" },
        { "2026-01-02", "2026-01-03", "UTC", "2026-01-01T00:00:00Z" },
        { "2026-01-08", "2026-01-15", "UTC", "2026-01-01T00:00:00Z" },
        /* clocks went forward on 29 March: that day has 23 hours, and yet it is one day */
        { "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z", "Europe/Paris", "2026-03-28T23:00:00Z" },
        /* the hours of no whole day */
        { "2026-03-29T22:00:00Z", "2026-03-30T10:00:00Z", "Europe/Paris", "2026-03-29T10:00:00Z" },
        { "2026-01-02T19:00:00Z", "2026-01-04T19:00:00Z", "Asia/Kolkata", "2025-12-31T19:00:00Z" },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct period p = { .from = at(cases[i].from), .to = at(cases[i].to), .step = STEP_HOUR };
        struct period before = period_previous(&p, cases[i].zone);
        must_be(cases[i].from, before.from, cases[i].wanted);
        assert_int_equal(before.to, p.from);
        assert_int_equal(before.step, p.step);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_made),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_previous),
    };
    return cmocka_run_group_tests_name("trend/period", tests, NULL, NULL);
}
