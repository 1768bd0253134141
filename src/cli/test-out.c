#include "cli/out.h"

#include "base/own.h"
#include "cli/bar.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static const struct column columns[] = {
    { .name = "name", .type = COLUMN_TEXT },
    { .name = "accesses", .type = COLUMN_INT, .heading = "Accesses" },
    { .name = "per_address_day", .type = COLUMN_REAL, .heading = "a day", .decimals = 2 },
    { .name = "first", .type = COLUMN_TIME, .hide = true },
    { .name = "known", .type = COLUMN_BOOL },
    { .name = "fingerprints", .type = COLUMN_LIST },
};

static void two_rows(struct out *o)
{
    const char *marks[] = { "mirai", "Linux 3.11, \"old\"" };
    out_text(o, "192.0.2.1");
    out_int(o, 1234567);
    out_real(o, 4321.126);
    out_time(o, 0);
    out_bool(o, true);
    out_list(o, marks, 2);
    out_text(o, "a, \"b\"\x1b[2J");
    out_int(o, -7);
    out_real(o, NAN);
    out_null(o);
    out_bool(o, false);
    out_list(o, NULL, 0);
}

static char said[1 << 20];

static const char *write_rows(enum out_format format, void (*rows)(struct out *o))
{
    struct out o;
    FILE *f = tmpfile();
    assert_non_null(f);
    out_begin(&o, f, format, columns, LENGTH(columns));
    if (rows)
        rows(&o);
    assert_int_equal(out_end(&o), 0);
    rewind(f);
    said[fread(said, 1, sizeof said - 1, f)] = '\0';
    fclose(f);
    return said;
}

static void table(void **state)
{
    (void)state;
    assert_string_equal(write_rows(OUT_TABLE, two_rows),
                        "name            Accesses     a day  known  fingerprints\n"
                        "192.0.2.1      1,234,567  4,321.13  yes    mirai; Linux 3.11, \"old\"\n"
                        "a, \"b\"\\x1b[2J         -7         -  no     -\n");
    assert_string_equal(write_rows(OUT_TABLE, NULL),
                        "name  Accesses  a day  known  fingerprints\n");
}

static const char *write_ports(enum out_format format)
{
    static const struct column own[] = { { .name = "id", .type = COLUMN_TEXT }, { .name = "ports", .type = COLUMN_PORTS } };
    static const uint16_t values[] = { 23, 2323 };
    struct out o;
    FILE *f = tmpfile();
    assert_non_null(f);
    out_begin(&o, f, format, own, LENGTH(own));
    out_text(&o, "a");
    out_ports(&o, values, 2);
    out_text(&o, "b");
    out_ports(&o, NULL, 0);
    assert_int_equal(out_end(&o), 0);
    rewind(f);
    said[fread(said, 1, sizeof said - 1, f)] = '\0';
    fclose(f);
    return said;
}

static void ports(void **state)
{
    (void)state;
    assert_string_equal(write_ports(OUT_TABLE), "id  ports\na   23 2323\nb   -\n");
    assert_string_equal(write_ports(OUT_JSON),
                        "[\n {\"id\":\"a\",\"ports\":[23,2323]},\n {\"id\":\"b\",\"ports\":[]}\n]\n");
    assert_string_equal(write_ports(OUT_CSV), "id,ports\r\na,23 2323\r\nb,\r\n");
}

static void json(void **state)
{
    (void)state;
    assert_string_equal(
        write_rows(OUT_JSON, two_rows),
        "[\n {\"name\":\"192.0.2.1\",\"accesses\":1234567,\"per_address_day\":4321.13,"
        "\"first\":\"1970-01-01T00:00:00Z\",\"known\":true,"
        "\"fingerprints\":[\"mirai\",\"Linux 3.11, \\\"old\\\"\"]},\n"
        " {\"name\":\"a, \\\"b\\\"\\u001B[2J\",\"accesses\":-7,\"per_address_day\":null,"
        "\"first\":null,\"known\":false,\"fingerprints\":[]}\n]\n");
    assert_string_equal(write_rows(OUT_JSON, NULL), "[]\n");
}

static void csv(void **state)
{
    (void)state;
    assert_string_equal(write_rows(OUT_CSV, two_rows),
                        "name,accesses,per_address_day,first,known,fingerprints\r\n"
                        "192.0.2.1,1234567,4321.13,1970-01-01T00:00:00Z,true,"
                        "\"mirai; Linux 3.11, \"\"old\"\"\"\r\n"
                        "\"a, \"\"b\"\"\\x1b[2J\",-7,,,false,\r\n");
}

static void many_rows(struct out *o)
{
    for (int i = 0; i < OUT_AHEAD * 2 + 5; i++) {
        out_text(o, i == OUT_AHEAD + 1 ? "a name that comes too late" : "x");
        out_int(o, i);
        out_null(o);
        out_null(o);
        out_null(o);
        out_null(o);
    }
}

static void long_tables_stream(void **state)
{
    (void)state;
    const char *text = write_rows(OUT_TABLE, many_rows);
    size_t lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, 1 + OUT_AHEAD * 2 + 5);
    assert_non_null(strstr(text, "\na name that comes too late     1,001"));
    assert_non_null(strstr(text, "\nx        2,004      -  -      -\n"));
}

/* `teiten top ports > /dev/full` must not end as if all were well. */
static void full_disk(void **state)
{
    (void)state;
    for (int format = OUT_TABLE; format <= OUT_CSV; format++) {
        struct out o;
        auto_file FILE *f = fopen("/dev/full", "w");
        assert_non_null(f);
        out_begin(&o, f, (enum out_format)format, columns, LENGTH(columns));
        two_rows(&o);
        assert_int_equal(out_end(&o), -ENOSPC);
    }
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        const char *want;
    } rows[] = {
        { 0, "0" },
        { 999, "999" },
        { 1000, "1,000" },
        { -1000, "-1,000" },
        { -999, "-999" },
        { 1234567890, "1,234,567,890" },
        { INT64_MIN, "-9,223,372,036,854,775,808" },
    };
    char text[THOUSANDS_TEXT];
    for (size_t i = 0; i < LENGTH(rows); i++)
        assert_string_equal(thousands(rows[i].value, text), rows[i].want);
}

static const char *kept(struct buf *b)
{
    static char text[1024];
    assert_true(buf_ok(b) && b->len < sizeof text);
    if (b->len)
        memcpy(text, b->data, b->len);
    text[b->len] = '\0';
    buf_release(b);
    buf_init(b, 1000);
    return text;
}

static void bars(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    bar_share(&b, 0.5, 8, false, true);
    assert_string_equal(kept(&b), "####    ");
    bar_share(&b, 0.5, 4, true, false);
    assert_string_equal(kept(&b), "\u2588\u2588");
    bar_share(&b, 0.125 * 1.5, 4, true, true);
    assert_string_equal(kept(&b), "\u258a   ");
    bar_share(&b, 7, 2, false, true);
    assert_string_equal(kept(&b), "##");
    bar_share(&b, NAN, 2, false, true);
    assert_string_equal(kept(&b), "  ");
}

static void progress(void **state)
{
    (void)state;
    struct bar bar = { .label = "a\x1b.pcap", .unit = "packets", .total = 1000 };
    struct buf b;
    buf_init(&b, 1000);
    bar_line(&bar, 500, 3000000, 2, &b);
    assert_string_equal(kept(&b), "a\\x1b.pcap [############            ]  50 %  "
                                  "3,000,000 packets  1.5 M packets/s  0:02 left");
    bar.total = 0;
    bar_line(&bar, 500, 10, 1, &b);
    assert_string_equal(kept(&b), "a\\x1b.pcap  10 packets  10 packets/s");
    bar_begin(&bar, "x", 10, "packets"); /* no terminal: nothing is drawn */
    bar.screen = 0;
    bar_update(&bar, 5, 5);
    assert_false(bar.drawn);
    bar_clear(&bar);
}

int main(void)
{
    setlocale(LC_ALL, "C");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),    cmocka_unit_test(json),
        cmocka_unit_test(csv),      cmocka_unit_test(full_disk),
        cmocka_unit_test(numbers),  cmocka_unit_test(long_tables_stream),
        cmocka_unit_test(bars),     cmocka_unit_test(ports),
        cmocka_unit_test(progress),
    };
    return cmocka_run_group_tests_name("cli/out", tests, NULL, NULL);
}
