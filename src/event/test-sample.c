#include "event/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Something in every field and every list. */
static void make(struct sample_report *r)
{
    sample_report_init(r);
    r->size = 4711;
    memset(r->sha256, 1, sizeof r->sha256);
    memset(r->sha1, 2, sizeof r->sha1);
    memset(r->md5, 3, sizeof r->md5);
    snprintf(r->tlsh, sizeof r->tlsh, "T1%070d", 5);
    for (enum sample_word w = 0; w < SAMPLE_WORDS; w++)
        sample_set_word(r, w, sample_word_name(w));
    r->bits = 32;
    r->stripped = TRI_YES;
    r->entropy = 650;
    r->took = 1500;
    r->signature.features = 12;
    for (uint32_t i = 0; i < SAMPLE_SIGNATURE; i++)
        r->signature.least[i] = i * 7;
    assert_int_equal(sample_add_finding(r, "elf-overlay", 4096, "%d bytes", 615), 0);
    const struct sample_part part = { .segment = true, .name = "load", .offset = 0, .size = 4096, .address = 0x8000,
                                      .entropy = 612, .flags = PART_READ | PART_EXECUTE };
    assert_int_equal(sample_add_part(r, &part), 0);
    const struct sample_endpoint url = { .kind = ENDPOINT_URL, .text = "http://192.0.2.1/x", .port = 80, .confidence = 90,
                                         .reason = "xor", .key = { 0x22 }, .key_n = 1, .at = 100, .range = "documentation" };
    assert_int_equal(sample_add_endpoint(r, &url), 0);
    const struct sample_pair pair = { .user = "root", .password = "admin", .key = { 1, 2 }, .key_n = 2, .at = 9 };
    assert_int_equal(sample_add_pair(r, &pair), 0);
    const struct sample_rule rule = { .name = "loader", .family = "made-up", .origin = "own.yar" };
    assert_int_equal(sample_add_rule(r, &rule), 0);
}

static void comes_back_as_it_was(void **state)
{
    (void)state;
    struct sample_report r, again;
    struct buf a, b;
    make(&r);
    buf_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    sample_put(&a, &r);
    assert_true(buf_ok(&a));
    assert_int_equal(sample_get(rd_init(a.data, a.len), &again), 0);
    sample_put(&b, &again);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    assert_string_equal(again.word[WORD_CPU], "cpu");
    assert_string_equal(again.endpoint[0].text, "http://192.0.2.1/x");
    assert_int_equal(again.endpoint[0].key[0], 0x22);
    assert_string_equal(again.finding[0].text, "615 bytes");
    assert_int_equal(again.part[0].flags, PART_READ | PART_EXECUTE);
    assert_int_equal(again.signature.least[9], 63);
    sample_report_release(&again);
    sample_report_release(&r);
    buf_release(&a);
    buf_release(&b);
}

/* Every shorter one, and one with a byte behind it; each from a block that ends where it does. */
static void a_part_of_one_is_none(void **state)
{
    (void)state;
    struct sample_report r, again;
    struct buf a;
    make(&r);
    buf_init(&a, 1 << 20);
    sample_put(&a, &r);
    buf_u8(&a, 0);
    for (size_t n = 0; n <= a.len; n++) {
        uint8_t *copy = malloc(n ? n : 1);
        assert_non_null(copy);
        memcpy(copy, a.data, n);
        int got = sample_get(rd_init(copy, n), &again);
        if (n == a.len - 1) {
            assert_int_equal(got, 0);
            sample_report_release(&again);
        } else {
            assert_int_equal(got, 1);
        }
        free(copy);
    }
    sample_report_release(&r);
    buf_release(&a);
}

static void lists_have_a_most(void **state)
{
    (void)state;
    struct sample_report r;
    sample_report_init(&r);
    for (int i = 0; i < SAMPLE_ITEMS + 10; i++)
        assert_int_equal(sample_add_finding(&r, "x", 0, "%d", i), 0);
    assert_int_equal(r.findings, SAMPLE_ITEMS);
    assert_int_equal(r.findings_more, 10);
    for (int i = 0; i < SAMPLE_ITEMS + 10; i++) {
        struct sample_endpoint e = { .kind = ENDPOINT_NAME, .confidence = 1 };
        snprintf(e.text, sizeof e.text, "%d.example.com", i);
        assert_int_equal(sample_add_endpoint(&r, &e), 0);
    }
    assert_int_equal(r.endpoints, SAMPLE_ITEMS);
    assert_int_equal(r.endpoints_more, 10);
    sample_report_release(&r);
}

static void what_is_the_surer_stays(void **state)
{
    (void)state;
    struct sample_report r;
    sample_report_init(&r);
    struct sample_endpoint e = { .kind = ENDPOINT_NAME, .text = "example.com", .confidence = 40, .reason = "string" };
    assert_int_equal(sample_add_endpoint(&r, &e), 0);
    e.confidence = 80;
    snprintf(e.reason, sizeof e.reason, "xor");
    assert_int_equal(sample_add_endpoint(&r, &e), 0);
    e.confidence = 10;
    assert_int_equal(sample_add_endpoint(&r, &e), 0);
    assert_int_equal(r.endpoints, 1);
    assert_int_equal(r.endpoint[0].confidence, 80);
    assert_string_equal(r.endpoint[0].reason, "xor");
    sample_report_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_as_it_was),
        cmocka_unit_test(a_part_of_one_is_none),
        cmocka_unit_test(lists_have_a_most),
        cmocka_unit_test(what_is_the_surer_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
