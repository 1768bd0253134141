/*
 * What was decided of pairs: kept while it holds, bounded, told again.
 */
#include "store/test-vouched.h"

#define US INT64_C(1000000)
#define START (DAY * US)

struct facts {
    struct trap_fact row[8]; /* the first ones */
    size_t n;
};

static int take_fact(void *context, const struct trap_fact *f)
{
    struct facts *x = context;
    if (x->n < 8)
        x->row[x->n] = *f;
    x->n++;
    return 0;
}

static struct facts facts_at(struct store *s, int64_t now)
{
    struct facts x = { .n = 0 };
    assert_int_equal(store_trap_facts(s, now, take_fact, &x), 0);
    return x;
}

static int put_fact(struct store *s, uint64_t hash, bool accepted, int64_t until)
{
    const struct trap_fact f = { hash, accepted, until };
    return store_trap_fact(s, &f);
}

static void test_facts(void **state)
{
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    assert_int_equal(put_fact(s, 7, false, START + 50 * US), 0);
    assert_int_equal(put_fact(s, UINT64_MAX, true, START + 90 * US), 0);
    assert_int_equal(put_fact(s, UINT64_MAX, false, START + 99 * US), 0); /* who was let in stays so */
    assert_int_equal(put_fact(s, 8, false, START + 70 * US), 0);
    assert_int_equal(put_fact(s, 8, true, START + 60 * US), 0);
    assert_int_equal(put_fact(s, 9, true, START + 365 * 86400 * US), 0);
    assert_int_equal(put_fact(s, 0, true, START + 90 * US), STORE_STRAY);
    assert_int_equal(put_fact(s, 10, true, 0), STORE_STRAY);
    assert_int_equal(put_fact(s, 11, true, START - 10 * US), 0);                  /* it came late */
    assert_int_equal(put_fact(s, 11, false, START + 7 * 86400 * US - 10 * US), 0); /* decided when that was over */
    assert_int_equal(store_commit(s), 0);
    struct facts x = facts_at(s, START + 55 * US);
    assert_int_equal(x.n, 4);
    assert_true(x.row[2].fact == 11 && !x.row[2].accepted);
    assert_true(x.row[0].fact == 8 && x.row[0].accepted && x.row[0].until == START + 60 * US);
    assert_true(x.row[1].fact == UINT64_MAX && x.row[1].accepted && x.row[1].until == START + 90 * US);
    assert_true(x.row[3].fact == 9 && x.row[3].until == START + 55 * US + 7 * 86400 * US); /* as the rules say */
    assert_int_equal(facts_at(s, START).n, 5);
    store_session_rules(s, &(struct session_rules){ .remember = 10 }); /* shorter from now on */
    assert_true(facts_at(s, START + 55 * US).row[2].until == START + 65 * US);
    store_session_rules(s, &(struct session_rules){ .remember = 0 });
    assert_int_equal(facts_at(s, START).n, 0);
    assert_int_equal(put_fact(s, 12, true, START + 90 * US), STORE_STRAY);
    store_close(s);
    s = open_store(STORE_WRITE);
    keep_up(s, DAY + 55); /* by one that was not told the rules */
    assert_int_equal(number_in(s, "SELECT count(*) FROM fact WHERE until > 1000000 * (480000 * 3600 + 300 * 86400)"), 1);
    store_session_rules(s, &(struct session_rules){ .remember = 60 });
    keep_up(s, DAY + 80); /* what was to hold for a year, and for a week, holds for a minute */
    assert_int_equal(number_in(s, "SELECT count(*) FROM fact"), 3);
    keep_up(s, DAY + 80 + 59);
    assert_int_equal(number_in(s, "SELECT count(*) FROM fact"), 2);
    keep_up(s, DAY + 80 + 60);
    assert_int_equal(number_in(s, "SELECT count(*) FROM fact"), 0);
    store_close(s);
}

/* Each kind has room of its own; what is due first gives way, and a transaction that fails counts for nothing. */
static void test_facts_are_bounded(void **state)
{
    enum { MOST = 1 << 16, MORE = 100 };
    (void)state;
    struct store *s = open_store(STORE_WRITE);
    for (uint64_t i = 1; i <= MOST + MORE; i++)
        assert_int_equal(put_fact(s, i, false, START + 60 * US + (int64_t)i), 0);
    assert_int_equal(put_fact(s, UINT64_MAX, true, START + 60 * US), 0);
    assert_int_equal(store_commit(s), 0);
    assert_true(store_trap_facts_dropped(s) == MORE);
    struct facts x = facts_at(s, START);
    assert_int_equal(x.n, MOST + 1);
    assert_true(x.row[0].fact == UINT64_MAX && x.row[1].fact == MORE + 1);
    assert_int_equal(put_fact(s, 1, false, START + 99 * US), 0);
    store_rollback(s);
    assert_true(facts_at(s, START).row[1].fact == MORE + 1);
    assert_int_equal(put_fact(s, 1, false, START + 99 * US), 0);
    assert_int_equal(store_commit(s), 0);
    assert_true(facts_at(s, START).row[1].fact == MORE + 2 && store_trap_facts_dropped(s) == MORE + 1);
    store_close(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(test_facts), TEST(test_facts_are_bounded) };
    return cmocka_run_group_tests_name("store/facts", tests, NULL, NULL);
}
