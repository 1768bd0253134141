#include "base/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static int setup(void **state)
{
    struct conf *c = malloc(sizeof *c);
    *state = c;
    return conf_init(c);
}

static int teardown(void **state)
{
    conf_release(*state);
    free(*state);
    return 0;
}

static int read_text(struct conf *c, const char *text, struct conf_problem *p)
{
    return conf_read(c, text, strlen(text), p);
}

static void defaults(void **state)
{
    struct conf *c = *state;
    size_t n;
    assert_true(strlen(conf_text(c, CONF_SENSOR_NAME)) > 0);
    assert_int_equal(conf_prefixes(c, CONF_SENSOR_PREFIX)->n, 0);
    assert_int_equal(conf_int(c, CONF_SENSOR_MODE), 0);
    assert_string_equal(conf_text(c, CONF_SENSOR_MODE), "trap");
    assert_string_equal(conf_text(c, CONF_SENSOR_P0F), "/etc/p0f/p0f.fp");
    assert_int_equal(conf_int(c, CONF_SENSOR_WORKERS), 0);
    assert_int_equal(conf_int(c, CONF_KEEP_MINUTES), 8);
    assert_int_equal(conf_int(c, CONF_KEEP_FLOWS), 90);
    const struct endpoint *e = conf_endpoints(c, CONF_TRAP_NETIS, &n);
    assert_int_equal(n, 2);
    assert_int_equal(e[0].port, 53413);
    assert_int_equal(e[0].addr.family, 4);
    assert_int_equal(addr_u32(&e[0].addr), 0);
    assert_int_equal(e[1].port, 53413);
    assert_int_equal(e[1].addr.family, 6);
    for (size_t i = 0; i < CONF_COUNT; i++)
        assert_int_equal(conf_origin(c, (enum conf_id)i), CONF_DEFAULT);
}

static void whole_file(void **state)
{
    struct conf *c = *state;
    struct conf_problem p;
    size_t n;
    char text[ADDR_TEXT];
    int e = read_text(c,
                      "# a sensor\r\n"
                      "[sensor]\r\n"
                      "name = \xe5\xae\x9a\xe7\x82\xb9 1\r\n"
                      "prefix = 192.0.2.0/24, 198.51.100.7\n"
                      "  2001:db8::/32 ; the new one\n"
                      "prefix: 203.0.113.0/25\n"
                      "interface = eth0 eth1\n"
                      "public = 192.0.2.7=203.0.113.7\n"
                      "mode = dark\n"
                      "[keep]\nminutes = 30d\nflows=365\n"
                      "[trap]\nnetis = 192.0.2.1:53413 [2001:db8::1]:53413\n"
                      "[report]\nzone = Asia/Tokyo\n",
                      &p);
    if (e != 0)
        fail_msg("line %u: %s '%s' %s", p.line, p.key, p.value, p.why);
    assert_string_equal(conf_text(c, CONF_SENSOR_NAME), "\xe5\xae\x9a\xe7\x82\xb9 1");
    assert_string_equal(conf_text(c, CONF_SENSOR_PREFIX),
                        "192.0.2.0/24 198.51.100.7 2001:db8::/32 203.0.113.0/25");
    assert_int_equal(conf_prefixes(c, CONF_SENSOR_PREFIX)->n, 4);
    char *const *words = conf_words(c, CONF_SENSOR_INTERFACE, &n);
    assert_int_equal(n, 2);
    assert_string_equal(words[1], "eth1");
    const struct addr_pair *pairs = conf_pairs(c, CONF_SENSOR_PUBLIC, &n);
    assert_int_equal(n, 1);
    assert_string_equal(addr_text(&pairs[0].to, text), "203.0.113.7");
    assert_int_equal(conf_int(c, CONF_SENSOR_MODE), 1);
    assert_int_equal(conf_int(c, CONF_KEEP_MINUTES), 30);
    const struct endpoint *ends = conf_endpoints(c, CONF_TRAP_NETIS, &n);
    assert_int_equal(n, 2);
    assert_int_equal(ends[1].addr.family, 6);
    assert_string_equal(conf_text(c, CONF_REPORT_ZONE), "Asia/Tokyo");
    assert_int_equal(conf_origin(c, CONF_KEEP_FLOWS), CONF_FILE);
    assert_int_equal(conf_origin(c, CONF_SENSOR_WORKERS), CONF_DEFAULT);
}

/* What is wrong is named with its line, its value, its range and what to do. */
/* clang-format off */
static const struct {
    const char *text;
    unsigned line;
    const char *key, *value, *why, *allowed, *remedy;
} wrong[] = {
    { "[keep]\nminutes = 0\n", 2, "keep.minutes", "0", "out of range", "1 to 3650 days", "" },
    { "[keep]\n\nflows = 4000d\n", 3, "keep.flows", "4000d", "out of range", "1 to 3650 days", "" },
    { "[keep]\nflows = many\n", 2, "keep.flows", "many", "no number of days", "1 to 3650", "" },
    { "[sensor]\nworkers = 65\n", 2, "sensor.workers", "65", "out of range", "0 to 64", "" },
    { "[sensor]\nworkers = 1e1\n", 2, "sensor.workers", "1e1", "no whole number", "0 to 64", "" },
    { "[sensor]\nmode = light\n", 2, "sensor.mode", "light", "not one", "trap or dark", "" },
    { "[sensor]\nprefix = 192.0.2.0/24 192.0.2.1/24\n", 2, "sensor.prefix", "192.0.2.1/24",
      "no prefix", "", "write 192.0.2.0/24" },
    { "[sensor]\nprefix = 192.0.2.0/24\n  oops\n", 3, "sensor.prefix", "oops", "no prefix", "",
      "" },
    { "[sensor]\nprefixes = 192.0.2.0/24\n", 2, "sensor.prefixes", "192.0.2.0/24", "no known item",
      "", "did you mean sensor.prefix?" },
    { "[senser]\nprefix = 192.0.2.0/24\n", 1, "senser", "", "no known section", "",
      "config print" },
    { "[weather]\n", 1, "weather", "", "no known section", "", "config print" },
    { "[sensor\nname = x\n", 1, "", "", "closing bracket", "", "[section]" },
    { "prefix = 192.0.2.0/24\n", 1, "prefix", "192.0.2.0/24", "no known section", "", "" },
    { "[sensor]\nname = a\nname = b\n", 3, "sensor.name", "b", "second time", "", "keep one" },
    { "[sensor]\nname =\n", 2, "sensor.name", "", "is empty", "1 to 64 bytes", "" },
    { "[sensor]\nname = a\x1b[2J\n", 2, "sensor.name", "", "cannot be printed", "", "" },
    { "[sensor]\np0f = p0f.fp\n", 2, "sensor.p0f", "p0f.fp", "no absolute path", "", "" },
    { "[sensor]\njust words\n", 2, "", "", "neither", "", "#" },
    { "[sensor]\ninterface = abcdefghijklmnop\n", 2, "sensor.interface", "abcdefghijklmnop",
      "too long", "1 to 15", "" },
    { "[sensor]\npublic = 192.0.2.7\n", 2, "sensor.public", "192.0.2.7", "no pair", "", "PRIVATE" },
    { "[sensor]\npublic = 192.0.2.7=2001:db8::1\n", 2, "sensor.public", "", "no pair", "", "" },
    { "[sensor]\npublic = 192.0.2.7=203.0.113.7 192.0.2.7=203.0.113.8\n", 2, "sensor.public",
      "192.0.2.7=203.0.113.8", "second public", "", "" },
    { "[trap]\nnetis = 53413\n", 2, "trap.netis", "53413", "ADDRESS:PORT", "", "port 0" },
    { "[trap]\nnetis = 192.0.2.1:65536\n", 2, "trap.netis", "", "ADDRESS:PORT", "", "" },
    { "[trap]\nnetis = 2001:db8::1:23\n", 2, "trap.netis", "", "ADDRESS:PORT", "", "" },
    { "[trap]\nnetis = [192.0.2.1]:23\n", 2, "trap.netis", "", "ADDRESS:PORT", "", "" },
    { "[trap]\nnetis = []:23\n", 2, "trap.netis", "", "ADDRESS:PORT", "", "" },
    { "[report]\nzone = Asia/Edo\n", 2, "report.zone", "Asia/Edo", "no zone", "", "tzdata" },
};
/* clang-format on */

static void problems_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        struct conf c;
        struct conf_problem p;
        assert_int_equal(conf_init(&c), 0);
        if (read_text(&c, wrong[i].text, &p) != 1)
            fail_msg("taken: %s", wrong[i].text);
        if (p.line != wrong[i].line || strcmp(p.key, wrong[i].key) != 0 ||
            !strstr(p.value, wrong[i].value) || !strstr(p.why, wrong[i].why) ||
            !strstr(p.allowed, wrong[i].allowed) || !strstr(p.remedy, wrong[i].remedy))
            fail_msg("%s: line %u, key '%s', value '%s', why '%s', allowed '%s', remedy '%s'",
                     wrong[i].text, p.line, p.key, p.value, p.why, p.allowed, p.remedy);
        conf_release(&c);
    }
}

static void long_lines(void **state)
{
    struct conf *c = *state;
    struct conf_problem p;
    char text[2000] = "[sensor]\nprefix = ";
    for (int i = 0; i < 30; i++)
        strcat(text, "192.0.2.0/24 ");
    assert_int_equal(read_text(c, text, &p), 1);
    assert_int_equal(p.line, 2);
    assert_non_null(strstr(p.why, "too long"));
    assert_int_equal(conf_read(c, "[sensor]\nname = a\0b\n", 20, &p), 1);
    assert_non_null(strstr(p.why, "NUL"));
}

static void command_line(void **state)
{
    struct conf *c = *state;
    struct conf_problem p;
    assert_int_equal(read_text(c, "[sensor]\nprefix = 192.0.2.0/24\n", &p), 0);
    assert_int_equal(conf_set(c, "sensor.prefix=198.51.100.0/24,203.0.113.0/24", &p), 0);
    assert_string_equal(conf_text(c, CONF_SENSOR_PREFIX), "198.51.100.0/24 203.0.113.0/24");
    assert_int_equal(conf_origin(c, CONF_SENSOR_PREFIX), CONF_SET);
    assert_int_equal(conf_set(c, "sensor.public=192.0.2.7=203.0.113.7", &p), 0);
    assert_int_equal(conf_set(c, "sensor.prefix=", &p), 0);
    assert_int_equal(conf_prefixes(c, CONF_SENSOR_PREFIX)->n, 0);
    assert_int_equal(conf_set(c, "sensor.prefix", &p), 1);
    assert_non_null(strstr(p.remedy, "SECTION.KEY=VALUE"));
    assert_int_equal(conf_set(c, "keep.flow=3", &p), 1);
    assert_string_equal(p.key, "keep.flow");
    assert_string_equal(p.remedy, "did you mean keep.flows?");
    assert_int_equal(conf_set(c, "sensor.name=a;b", &p), 1);
    assert_int_equal(conf_set(c, "keep.flows=0", &p), 1);
    assert_int_equal(conf_int(c, CONF_KEEP_FLOWS), 90); /* a refused value changes nothing */
}

static void files(void **state)
{
    struct conf *c = *state;
    struct conf_problem p;
    char path[] = "/tmp/teiten-test-conf-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(dprintf(fd, "[keep]\nflows = 7\n"), 17);
    close(fd);
    assert_int_equal(conf_read_file(c, path, &p), 0);
    assert_int_equal(conf_int(c, CONF_KEEP_FLOWS), 7);
    unlink(path);
    assert_int_equal(conf_read_file(c, path, &p), -ENOENT);
    assert_int_equal(conf_read_file(c, "/", &p), -EISDIR);
}

static void table_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONF_COUNT; i++) {
        char allowed[192];
        assert_non_null(strchr(conf_items[i].name, '.'));
        assert_true(strlen(conf_items[i].help) > 10);
        assert_true(strlen(conf_type_name(conf_items[i].type)) > 0);
        conf_allowed((enum conf_id)i, allowed);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(conf_items[i].name, conf_items[j].name);
    }
}

int main(void)
{
#define TEST_(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST_(defaults),     TEST_(whole_file), TEST_(problems_are_named), TEST_(long_lines),
        TEST_(command_line), TEST_(files),      TEST_(table_is_sound),
    };
    return cmocka_run_group_tests_name("base/conf", tests, NULL, NULL);
}
