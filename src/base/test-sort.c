#include "base/sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* How the n-th of an array's items comes to be. */
static uint64_t any(size_t i)
{
    (void)i;
    return next_random();
}
static uint64_t ascending(size_t i)
{
    return i * UINT64_C(0x100000001);
}
static uint64_t descending(size_t i)
{
    return ~(i * UINT64_C(0x100000001));
}
static uint64_t equal(size_t i)
{
    (void)i;
    return UINT64_C(0x8000000180000001);
}
static uint64_t few(size_t i)
{
    (void)i;
    return next_random() % 3 * UINT64_C(0x4000000040000001);
}
static uint64_t high_only(size_t i)
{
    (void)i;
    return next_random() << 61;
}
static uint64_t one_off(size_t i)
{
    return i == 77 ? 0 : UINT64_MAX;
}

static uint64_t (*const shapes[])(size_t) = { any, ascending, descending, equal,
                                              few, high_only, one_off };
static const size_t lengths[] = { 0, 1, 2, 47, 48, 49, 50, 1000, 2048, 70000 };
#define COUNT(array) (sizeof array / sizeof array[0])

static int by_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void test_u32(void **state)
{
    (void)state;
    for (size_t s = 0; s < COUNT(shapes); s++)
        for (size_t l = 0; l < COUNT(lengths); l++) {
            size_t n = lengths[l], size = (n + 1) * sizeof(uint32_t);
            uint32_t *v = malloc(size), *want = malloc(size), *scratch = malloc(size);
            assert_true(v && want && scratch);
            for (size_t i = 0; i < n; i++)
                v[i] = want[i] = (uint32_t)(shapes[s](i) >> 32);
            v[n] = want[n] = 0xdecade;
            qsort(want, n, sizeof *want, by_u32);
            sort_u32(v, scratch, n);
            assert_memory_equal(v, want, size);

            size_t kept = 0;
            for (size_t i = 0; i < n; i++)
                if (i == 0 || want[i] != want[i - 1])
                    want[kept++] = want[i];
            assert_int_equal(sort_unique_u32(v, n), kept);
            assert_memory_equal(v, want, kept * sizeof *want);
            free(v);
            free(want);
            free(scratch);
        }
}

static unsigned range_low, range_high;

static uint64_t part_of(uint64_t key)
{
    unsigned width = range_high - range_low;
    return width == 64 ? key : key >> range_low & ((UINT64_C(1) << width) - 1);
}

/* rest tells the order that items came in: with it qsort() is stable, too */
static int by_part(const void *a, const void *b)
{
    const struct sort_item *x = a, *y = b;
    uint64_t p = part_of(x->key), q = part_of(y->key);
    if (p != q)
        return p < q ? -1 : 1;
    return (x->rest > y->rest) - (x->rest < y->rest);
}

static void test_items(void **state)
{
    (void)state;
    static const struct {
        unsigned low, high;
    } range[] = { { 0, 64 }, { 0, 32 }, { 32, 64 }, { 0, 1 },   { 63, 64 }, { 10, 21 },
                  { 3, 14 }, { 5, 60 }, { 0, 11 },  { 53, 64 }, { 42, 43 }, { 31, 33 } };
    for (size_t s = 0; s < COUNT(shapes); s++)
        for (size_t l = 0; l < COUNT(lengths); l++)
            for (size_t r = 0; r < COUNT(range); r++) {
                size_t n = lengths[l], size = (n + 1) * sizeof(struct sort_item);
                if (n > 5000 && r > 2)
                    continue;
                struct sort_item *v = malloc(size), *want = malloc(size), *scratch = malloc(size);
                struct sort_item *again = malloc(size);
                assert_true(v && want && scratch && again);
                for (size_t i = 0; i < n; i++)
                    v[i] = (struct sort_item){ shapes[s](i), i };
                v[n] = (struct sort_item){ 1, 2 };
                memcpy(want, v, size);
                range_low = range[r].low;
                range_high = range[r].high;
                qsort(want, n, sizeof *want, by_part);
                memcpy(again, v, size);
                sort_items(v, scratch, n, range_low, range_high);
                assert_memory_equal(v, want, size);
                const struct sort_item *at = sort_items_to(again, scratch, n, range_low, range_high);
                assert_true(at == again || at == scratch);
                assert_memory_equal(at, want, n * sizeof *at);
                free(again);
                free(v);
                free(want);
                free(scratch);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_u32),
        cmocka_unit_test(test_items),
    };
    return cmocka_run_group_tests_name("base/sort", tests, NULL, NULL);
}
