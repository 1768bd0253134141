#include "base/json.h"

#include "base/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Writes and releases the document, and says it as text. */
static const char *said(struct json *j)
{
    static char text[4096];
    FILE *f = fmemopen(text, sizeof text, "w");
    int e = json_write(j, f);
    fclose(f);
    json_release(j);
    assert_int_equal(e, 0);
    return text;
}

static void values(void **state)
{
    (void)state;
    struct json j;
    json_begin_list(&j);
    json_text(&j, NULL, "a \"b\"\n\x1b");
    json_text(&j, NULL, "\xe5\xae\x9a");
    json_text(&j, NULL, "\xff");
    json_text(&j, NULL, NULL);
    json_int(&j, NULL, -5);
    json_count(&j, NULL, UINT64_MAX);
    json_number(&j, NULL, 0.1, 2);
    json_number(&j, NULL, 12.3456, 2);
    json_number(&j, NULL, NAN, 2);
    json_number(&j, NULL, INFINITY, 2);
    json_bool(&j, NULL, true);
    json_time(&j, NULL, 0);
    json_nothing(&j, NULL);
    assert_string_equal(said(&j), "[\"a \\\"b\\\"\\n\\u001B\",\"\xe5\xae\x9a\",\"\\\\xff\",null,-5,"
                                  "9223372036854775807,0.1,12.35,null,null,true,"
                                  "\"1970-01-01T00:00:00Z\",null]");
}

static void nested(void **state)
{
    (void)state;
    struct json j;
    json_begin_object(&j);
    json_open_list(&j, "sensors");
    json_open_object(&j, NULL);
    json_text(&j, "name", "harbour");
    json_close(&j);
    json_close(&j);
    json_open_object(&j, "store");
    json_count(&j, "bytes", 4096);
    json_close(&j);
    json_open_list(&j, "workers");
    json_close(&j);
    assert_string_equal(
        said(&j),
        "{\"sensors\":[{\"name\":\"harbour\"}],\"store\":{\"bytes\":4096},\"workers\":[]}");
}

static void bytes(void **state)
{
    (void)state;
    struct json j;
    json_begin_list(&j);
    json_text_n(&j, NULL, "a\0b", 3);
    json_text_n(&j, NULL, "\xff\0\xe5\xae\x9a", 5);
    json_text_n(&j, NULL, NULL, 0);
    json_hex(&j, NULL, "\0\x7f\xff", 3);
    json_hex(&j, NULL, NULL, 0);
    json_time_us(&j, NULL, 1000001);
    assert_string_equal(said(&j), "[\"a\\u0000b\",\"\\\\xff\\\\x00\xe5\xae\x9a\",\"\",\"007fff\",\"\","
                                  "\"1970-01-01T00:00:01.000001Z\"]");
}

/* A document goes into a buffer as a whole, or not at all. */
static void put_whole(void **state)
{
    (void)state;
    static const char want[] = "before[\"one\",2.5]";
    struct json j;
    json_begin_list(&j);
    json_text(&j, NULL, "one");
    json_number(&j, NULL, 2.5, 1);
    for (size_t max = 6; max < sizeof want + 2; max++) {
        struct buf b;
        buf_init(&b, max);
        buf_text(&b, "before");
        bool fits = max >= sizeof want - 1;
        assert_int_equal(json_put(&j, &b), fits ? 0 : -ENOMEM);
        assert_int_equal(b.len, fits ? sizeof want - 1 : 6);
        assert_memory_equal(b.data, want, b.len);
        buf_release(&b);
    }
    json_release(&j);
}

static void too_deep(void **state)
{
    (void)state;
    struct json j;
    json_begin_list(&j);
    for (int i = 0; i < 40; i++)
        json_open_list(&j, NULL);
    json_int(&j, NULL, 1);
    for (int i = 0; i < 40; i++)
        json_close(&j);
    assert_int_equal(json_write(&j, stdout), -ENOMEM);
    json_release(&j);
}

static void full_disk(void **state)
{
    (void)state;
    struct json j;
    json_begin_list(&j);
    FILE *f = fopen("/dev/full", "w");
    assert_non_null(f);
    setvbuf(f, NULL, _IONBF, 0);
    assert_int_equal(json_write_pretty(&j, f), -EIO);
    fclose(f);
    json_release(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(nested),
        cmocka_unit_test(bytes),
        cmocka_unit_test(put_whole),
        cmocka_unit_test(too_deep),
        cmocka_unit_test(full_disk),
    };
    return cmocka_run_group_tests_name("base/json", tests, NULL, NULL);
}
