#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/timex.h>

#include <cmocka.h>

/* The same as the C library's other reading of it; a look changes nothing. */
static void test_look(void **state)
{
    (void)state;
    struct ntptimeval t;
    int kernel = ntp_gettime(&t);
    struct clock_state c = clock_look();
    assert_int_equal(c.known, kernel >= 0);
    if (!c.known)
        return;
    assert_int_equal(c.synchronised, kernel != TIME_ERROR);
    assert_true(c.error_us >= 0 && c.max_error_us >= 0);
    assert_int_equal(clock_look().synchronised, c.synchronised);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_look) };
    return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
