/* Who is let in, where, and for how long. */
#include "trap/pairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DAY (INT64_C(86400) * 1000000)

static const uint8_t key[16] = { 1 }, other_key[16] = { 2 };
static const struct persona_pair listed[] = { { "root", "xc3511" } };
static const struct persona any = { .policy = POLICY_ANY }, never = { .policy = POLICY_NEVER },
                            third = { .policy = POLICY_AFTER, .after = 3 },
                            lists = { .policy = POLICY_LISTED, .pairs = listed, .n_pairs = 1 };
static struct addr a, b, device, device_too;

static struct pair_verdict judge(struct pairs *p, const struct persona *persona, const struct addr *source, const struct addr *destination,
                                 const char *password, int64_t now)
{
    struct pair_try t = { .persona = persona, .source = source, .destination = destination, .user = "root", .n_user = 4,
                          .password = password, .n_password = strlen(password), .now = now };
    return pairs_judge(p, &t);
}

static int make(void **state)
{
    struct pairs *p;
    a = addr_v4(0xc0000201);
    b = addr_v4(0xc6336401);
    device = addr_v4(0xcb007107);
    device_too = addr_v4(0xcb007108);
    if (pairs_make(&p, key, 7 * DAY, 1000))
        return -1;
    *state = p;
    return 0;
}

static int drop(void **state)
{
    pairs_free(*state);
    return 0;
}

/* A finds the pair on its third try, B uses it on its first. */
static void two_steps(void **state)
{
    struct pairs *p = *state;
    assert_false(judge(p, &third, &a, &device, "one", 1).accepted);
    assert_false(judge(p, &third, &a, &device, "two", 2).accepted);
    struct pair_verdict v = judge(p, &third, &a, &device, "three", 3);
    assert_true(v.accepted && !v.remembered && v.fact);
    v = judge(p, &third, &b, &device, "three", DAY);
    assert_true(v.accepted && v.remembered);
    /* What was wrong stays wrong, for everybody, whoever has tried how often. */
    assert_false(judge(p, &third, &a, &device, "one", 4).accepted);
    assert_false(judge(p, &third, &b, &device, "two", 5).accepted);
    /* Another address is another device. */
    assert_false(judge(p, &third, &b, &device_too, "three", 6).accepted);
    /* It is forgotten a while after it was used last. */
    assert_true(judge(p, &never, &b, &device, "three", 7 * DAY).accepted);
    assert_true(judge(p, &never, &b, &device, "three", 13 * DAY).accepted);
    assert_false(judge(p, &never, &b, &device, "three", 21 * DAY).accepted);
}

static void by_policy(void **state)
{
    struct pairs *p = *state;
    assert_true(judge(p, &any, &a, &device, "x", 1).accepted);
    assert_false(judge(p, &never, &a, &device, "y", 1).accepted);
    assert_true(judge(p, &lists, &a, &device, "xc3511", 1).accepted);
    assert_false(judge(p, &lists, &a, &device, "xc351", 1).accepted);
    assert_false(judge(p, &lists, &a, &device, "", 1).accepted);
}

/* Who has no password is not asked for one, but where the policy lets in by other rules. */
static void without_password(void **state)
{
    static const struct persona_pair pairs[] = { { "root", "" }, { "admin", "admin" } };
    struct persona p = { .policy = POLICY_LISTED, .pairs = pairs, .n_pairs = 2 };
    assert_false(pairs_asks(&p, "root", 4));
    assert_true(pairs_asks(&p, "roo", 3) && pairs_asks(&p, "admin", 5));
    assert_true(judge(*state, &p, &a, &device, "", 1).accepted);
    p.policy = POLICY_ANY;
    assert_false(pairs_asks(&p, "root", 4));
    p.policy = POLICY_AFTER;
    assert_true(pairs_asks(&p, "root", 4));
    p.policy = POLICY_NEVER;
    assert_true(pairs_asks(&p, "root", 4));
}

/* The same facts in another worker, and after a restart. */
static void learnt(void **state)
{
    struct pairs *p = *state, *other;
    struct pair_verdict v = judge(p, &any, &a, &device, "x", 1);
    assert_int_equal(pairs_make(&other, key, 7 * DAY, 1000), 0);
    assert_int_equal(v.until, 7 * DAY + 1);
    pairs_learn(other, v.fact, v.accepted, v.until, 2);
    v = judge(other, &never, &b, &device, "x", 3);
    assert_true(v.accepted && v.remembered);
    /* Refused elsewhere at the same time: who was let in stays so. */
    pairs_learn(other, judge(p, &any, &a, &device, "z", 4).fact, true, 7 * DAY, 4);
    pairs_learn(other, judge(p, &any, &b, &device_too, "z", 4).fact, false, 7 * DAY, 4);
    assert_true(judge(other, &never, &b, &device, "z", 5).accepted);
    assert_false(judge(other, &any, &b, &device_too, "z", 5).accepted);
    pairs_free(other);
    assert_int_equal(pairs_make(&other, other_key, 7 * DAY, 1000), 0);
    pairs_learn(other, judge(p, &any, &a, &device, "w", 6).fact, true, 7 * DAY, 6);
    assert_false(judge(other, &never, &a, &device, "w", 6).accepted); /* facts say nothing without their key */
    pairs_free(other);
}

/* However many are tried, it stays as large as it is, and the newest are known. */
static void full(void **state)
{
    struct pairs *p = *state;
    char word[24];
    for (int i = 0; i < 20000; i++) {
        snprintf(word, sizeof word, "p%d", i);
        assert_true(judge(p, &any, &a, &device, word, 1 + i).accepted);
        assert_true(judge(p, &never, &b, &device, word, 1 + i).accepted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_steps, make, drop),
        cmocka_unit_test_setup_teardown(by_policy, make, drop),
        cmocka_unit_test_setup_teardown(without_password, make, drop),
        cmocka_unit_test_setup_teardown(learnt, make, drop),
        cmocka_unit_test_setup_teardown(full, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
