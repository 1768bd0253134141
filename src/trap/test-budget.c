/*
 * The table of what may be sent. Where many are at it at once they give way to each other before each word that they read or
 * write, so that also such turns come up as two cores would not meet in for days: so budget.c is a part of this file.
 */
#include "trap/budget.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static _Thread_local uint32_t random_state; /* 0: nobody gives way */

static uint32_t chance(uint32_t n)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % n;
}

static void give_way(void)
{
    if (random_state && chance(4) == 0)
        sched_yield();
}

static uint64_t load(_Atomic uint64_t *p)
{
    give_way();
    return atomic_load(p);
}

static bool exchange(_Atomic uint64_t *p, uint64_t *expected, uint64_t value)
{
    give_way();
    return atomic_compare_exchange_strong(p, expected, value);
}

static void store(_Atomic uint64_t *p, uint64_t value)
{
    give_way();
    atomic_store(p, value);
}

#undef atomic_load
#undef atomic_store
#undef atomic_compare_exchange_strong
#undef atomic_compare_exchange_weak
#define atomic_load load
#define atomic_store store
#define atomic_compare_exchange_strong exchange
#define atomic_compare_exchange_weak exchange
#include "trap/budget.c"

enum { SMALL = 64, WORKERS = 3 };

static struct budget make(uint32_t slots)
{
    struct budget_slot *slot = mmap(NULL, slots * sizeof *slot, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(slot, MAP_FAILED);
    return (struct budget){ .slot = slot, .slots = slots,
                            .key = { UINT64_C(0x243f6a8885a308d3), UINT64_C(0x13198a2e03707344), UINT64_C(0xa4093822299f31d0) } };
}

static void release(struct budget *b)
{
    munmap(b->slot, b->slots * sizeof *b->slot);
}

static uint64_t prefix_of(const char *text)
{
    struct addr a;
    assert_int_equal(addr_parse(text, &a), 0);
    return budget_prefix(&a);
}

static void prefixes(void **state)
{
    (void)state;
    assert_true(prefix_of("192.0.2.1") == UINT64_C(0xffffffffffc00002));
    assert_true(prefix_of("192.0.2.1") == prefix_of("192.0.2.255"));
    assert_true(prefix_of("192.0.2.1") != prefix_of("192.0.3.1"));
    assert_true(prefix_of("2001:db8:1:2::3") == UINT64_C(0x20010db800010002));
    assert_true(prefix_of("2001:db8:1:2::3") == prefix_of("2001:db8:1:2:ffff::"));
    struct budget b = make(SMALL);
    assert_true(budget_owner(&b, prefix_of("192.0.2.1")) != budget_owner(&b, prefix_of("192.0.3.1")));
    /* The one prefix whose hash would be 0. */
    b.key[0] = 5;
    assert_int_equal(budget_owner(&b, 5), 1);
    release(&b);
}

/* What one prefix asks for, one after the other. */
static void one_prefix(void **state)
{
    static const struct {
        uint32_t now, in, out;
        bool proves, allowed;
        const char *why;
    } rows[] = {
        { 100, 29, 46, false, true, "of the credit 47 are left" },
        { 101, 0, 48, false, false, "more than is left" },
        { 101, 0, 47, false, true, "what is left" },
        { 102, 40, 41, false, false, "what came is kept all the same" },
        { 103, 1, 41, false, true, "" },
        { 3699, 0, 1, false, false, "the hour is not over" },
        { 3700, 0, 64, false, true, "but now" },
        { 3700, 0, 1, false, false, "" },
        { 3650, 0, 1, false, false, "a clock behind the others is no new hour" },
        { 3800, 10, 1, true, true, "" },
        { 3800, 0, UINT32_MAX, false, true, "it is where it says it is" },
        { 7399, 0, 100000, false, true, "an hour long" },
        { 7400, 10, 75, false, false, "no longer" },
        { 7400, 0, 74, false, true, "" },
        { 20000, 0, 65, false, false, "nothing adds up over hours" },
        { 20000, 0, 64, false, true, "" },
    };
    (void)state;
    struct budget b = make(SMALL);
    uint64_t p = prefix_of("198.51.100.7");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].proves)
            budget_prove(&b, p, rows[i].now);
        if (budget_charge(&b, p, rows[i].in, rows[i].out, rows[i].now) != rows[i].allowed)
            fail_msg("row %zu: %s", i, rows[i].why);
    }
    release(&b);
}

/* Sums do not overflow into what they stand beside. */
static void saturation(void **state)
{
    (void)state;
    struct budget b = make(SMALL);
    uint64_t p = prefix_of("198.51.100.7");
    for (int i = 0; i < 10; i++)
        assert_true(budget_charge(&b, p, UINT32_MAX, 0, 1));
    assert_false(budget_charge(&b, p, 0, UINT32_MAX, 2)); /* and it is not proven */
    assert_true(budget_charge(&b, p, 0, BUDGET_MOST, 2));
    assert_false(budget_charge(&b, p, 0, 1, 2));
    release(&b);
}

/* Where all places are others' nothing is sent; after their hour it is. */
static void exhaustion(void **state)
{
    (void)state;
    struct budget b = make(BUDGET_PLACES);
    for (uint64_t p = 1; p <= BUDGET_PLACES; p++)
        assert_true(budget_charge(&b, p, 0, 10, (uint32_t)p));
    assert_false(budget_charge(&b, 99, 1000, 10, 5));
    budget_prove(&b, 99, 5);
    assert_false(budget_charge(&b, 99, 1000, 10, 3600));
    for (uint64_t p = 1; p <= BUDGET_PLACES; p++) /* nor has it taken anybody's */
        assert_true(budget_charge(&b, p, 0, 54, 3600) && !budget_charge(&b, p, 0, 1, 3600));
    assert_false(budget_charge(&b, 99, 0, 65, 3601));
    assert_true(budget_charge(&b, 99, 0, 64, 3601));
    release(&b);
}

static void mapped(void **state)
{
    (void)state;
    struct budget a = make(SMALL), b = a;
    int fd = memfd_create("budget", MFD_CLOEXEC);
    assert_true(fd >= 0 && ftruncate(fd, (off_t)BUDGET_BYTES) == 0);
    release(&a);
    a.slots = b.slots = BUDGET_SLOTS;
    assert_int_equal(budget_map(fd, &a.slot), 0);
    assert_int_equal(budget_map(fd, &b.slot), 0);
    assert_true(budget_charge(&a, 7, 0, 40, 1));
    assert_false(budget_charge(&b, 7, 0, 25, 1));
    assert_true(budget_charge(&b, 7, 0, 24, 1));
    release(&a);
    release(&b);
    close(fd);
    assert_true(budget_map(-1, &a.slot) < 0);
}

/* ---- many at once ---- */

/*
 * Places are taken from each other all the time. Odd prefixes send much and ask for nothing, even ones send nothing and ask
 * for all that they can get: what one of them is given beyond the credit came from a place that two believed to be theirs, or
 * is had twice. Either there are more prefixes than places, and hours stand apart; or fewer, and the workers see each hour's
 * edge a second apart.
 */
enum { PREFIXES = 24, PLACES = 8, HOURS = 200, ASKED = 500 };

struct tally {
    _Atomic uint64_t in[PREFIXES], out[PREFIXES], refused;
    _Atomic uint32_t waiting, hour, wrong;
    uint32_t prefixes, apart;
};

/* Nobody is at it: what an hour came to is judged. */
static void judge(struct tally *t, uint32_t hours)
{
    for (size_t p = 0; p < t->prefixes; p++) {
        uint64_t credit = (uint64_t)BUDGET_CREDIT * (t->apart > BUDGET_HOUR ? 1 : hours + 1);
        t->wrong += t->out[p] > t->in[p] + credit;
        if (t->apart > BUDGET_HOUR)
            t->in[p] = t->out[p] = 0;
    }
}

/* All begin an hour together. */
static void meet(struct tally *t, uint32_t hour)
{
    if (atomic_fetch_add(&t->waiting, 1) + 1 == WORKERS) {
        judge(t, hour);
        t->waiting = 0;
        t->hour = hour + 1;
    }
    while (t->hour <= hour)
        sched_yield();
}

static void hammer(const struct budget *b, struct tally *t, uint32_t seed)
{
    random_state = seed * 2654435761U;
    for (uint32_t hour = 0; hour < HOURS; hour++) {
        meet(t, hour);
        for (unsigned i = 0; i < ASKED; i++) {
            uint32_t now = 1 + hour * t->apart + chance(2), p = chance(t->prefixes);
            uint32_t in = p % 2 ? 1 + chance(1500) : 0, out = p % 2 ? 0 : 1 + chance(16);
            bool allowed = budget_charge(b, p, in, out, now);
            atomic_fetch_add(&t->in[p], in);
            atomic_fetch_add(allowed ? &t->out[p] : &t->refused, allowed ? out : 1);
        }
    }
}

static void check(const struct tally *t)
{
    assert_true(t->refused > HOURS);
    if (t->wrong)
        fail_msg("%u times a prefix was sent too much", t->wrong);
}

static struct tally *make_tally(uint32_t prefixes, uint32_t apart)
{
    struct tally *t = mmap(NULL, sizeof *t, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(t, MAP_FAILED);
    t->prefixes = prefixes;
    t->apart = apart;
    return t;
}

struct thread {
    const struct budget *b;
    struct tally *tally;
    uint32_t seed;
};

static void *run(void *context)
{
    struct thread *t = context;
    hammer(t->b, t->tally, t->seed);
    return NULL;
}

static void run_threads(uint32_t prefixes, uint32_t apart)
{
    struct budget b = make(PLACES);
    struct tally *t = make_tally(prefixes, apart);
    struct thread one[WORKERS];
    pthread_t id[WORKERS];
    for (uint32_t i = 0; i < WORKERS; i++) {
        one[i] = (struct thread){ &b, t, 1 + i };
        assert_int_equal(pthread_create(&id[i], NULL, run, &one[i]), 0);
    }
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_join(id[i], NULL), 0);
    check(t);
    munmap(t, sizeof *t);
    release(&b);
}

static void more_than_places(void **state)
{
    (void)state;
    run_threads(PREFIXES, BUDGET_HOUR + 2);
}

static void edges_of_hours(void **state)
{
    (void)state;
    run_threads(PLACES - 2, BUDGET_HOUR);
}

static void processes(void **state)
{
    (void)state;
    struct budget b = make(PLACES);
    struct tally *t = make_tally(PREFIXES, BUDGET_HOUR + 2);
    pid_t id[WORKERS];
    int status;
    for (uint32_t i = 0; i < WORKERS; i++) {
        id[i] = fork();
        assert_true(id[i] >= 0);
        if (!id[i]) {
            hammer(&b, t, 100 + i);
            _exit(0);
        }
    }
    for (int i = 0; i < WORKERS; i++)
        assert_true(waitpid(id[i], &status, 0) == id[i] && status == 0);
    check(t);
    munmap(t, sizeof *t);
    release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes), cmocka_unit_test(one_prefix), cmocka_unit_test(saturation), cmocka_unit_test(exhaustion),
        cmocka_unit_test(mapped),   cmocka_unit_test(more_than_places), cmocka_unit_test(edges_of_hours), cmocka_unit_test(processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
