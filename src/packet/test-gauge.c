#include "packet/gauge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { T = 1700000000, STEPS = 8 };

/* Packet times, and the periods that come of them; the last is still running. */
static const struct {
    const char *what;
    int64_t sec[STEPS];
    size_t n;
    struct {
        int64_t start, end;
        uint64_t packets;
    } period[STEPS];
    int64_t jump[STEPS];
} row[] = {
    { "one packet", { T }, 1, { { T, T + 1, 1 } }, { 0 } },
    { "one second", { T, T, T }, 3, { { T, T + 1, 3 } }, { 0 } },
    { "in order", { T, T + 1, T + 1, T + 50 }, 4, { { T, T + 51, 4 } }, { 0 } },
    { "a little disorder", { T, T - 60, T + 5 }, 3, { { T - 60, T + 6, 3 } }, { 0 } },
    { "an hour's silence", { T, T + 3601, T + 3602 }, 3, { { T, T + 3603, 3 } }, { 0 } },
    { "a longer one", { T, T + 3602, T + 3602 }, 3, { { T, T + 1, 1 }, { T + 3602, T + 3603, 2 } }, { 0 } },
    { "a day's silence", { T, T + 86400 }, 2, { { T, T + 1, 1 }, { T + 86400, T + 86401, 1 } }, { 0 } },
    { "a jump forward", { T, T + 86401 }, 2, { { T, T + 1, 1 }, { T + 86401, T + 86402, 1 } },
      { 0, 86401 } },
    { "a jump back", { T, T - 61 }, 2, { { T - 61, T + 1, 2 } }, { 0, -61 } },
    { "far back", { T, T - 3601, T }, 3, { { T, T + 1, 1 }, { T - 3601, T + 1, 2 } }, { 0, -3601, 0 } },
    { "a lonely stray", { T, T + 200000, T + 1 }, 3,
      { { T, T + 1, 1 }, { T + 200000, T + 200001, 1 }, { T + 1, T + 2, 1 } },
      { 0, 200000, -199999 } },
    { "from the start of time", { 0, 0, 1 }, 3, { { 0, 2, 3 } }, { 0 } },
    { "no time of any host", { INT64_MIN, -1, INT64_MAX, 0 }, 4, { { 0, 1, 4 } }, { 0 } },
    { "one of those among others", { T, INT64_MIN }, 2, { { T, T + 1, 1 }, { 0, 1, 1 } }, { 0, -T } },
    { "and the other way", { T, INT64_MAX }, 2, { { T, T + 1, 1 }, { 0, 1, 1 } }, { 0, -T } },
};

static void test_periods(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct gauge g = { 0 }, done;
        size_t period = 0;
        for (size_t k = 0; k < row[i].n; k++) {
            int64_t jump = 99;
            if (gauge_add(&g, row[i].sec[k], &done, &jump)) {
                assert_int_equal(done.start, row[i].period[period].start);
                assert_int_equal(done.end, row[i].period[period].end);
                assert_int_equal(done.packets, row[i].period[period].packets);
                period++;
            }
            assert_int_equal(jump, row[i].jump[k]);
        }
        assert_int_equal(g.start, row[i].period[period].start);
        assert_int_equal(g.end, row[i].period[period].end);
        assert_int_equal(g.packets, row[i].period[period].packets);
        assert_true(period + 1 == STEPS || row[i].period[period + 1].end == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_periods) };
    return cmocka_run_group_tests_name("packet/gauge", tests, NULL, NULL);
}
