#include "trap/vendor.h"

#include "base/test-folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char table[] = "# a DSL router\n"
                            "0\tenable\tpassword 1\tPassword: \n"
                            "0\texit\texit\tBye %h\\r\\n\n"
                            "1\tshow version\tsay\tV1\\x2e0\\r\\n\n"
                            "1\tshow vlan *\tsay\tvlan\\r\\n\n"
                            "1\tping * ...\tsay\tsent 100%%\\r\\n\n"
                            "1\tsh\tshell\tBusyBox\\r\\n\n"
                            "1\tdisable\tenter 0\t\n"
                            "*\t?\tsay\thelp\\r\\n\n"
                            "0\t...\tunknown\t%% Unknown command: %c\\r\\n\n";

/* clang-format off */
static const struct {
    bool abbreviates;
    const char *typed, *said; /* lines, separated by | */
    enum vendor_next next;
    const char *unknown; /* y or n for each line */
} cases[] = {
    { false, "", "r> r> ", VENDOR_READS, "n" },
    { false, "?", "r> help\r\nr> ", VENDOR_READS, "n" },
    { false, "foo  bar", "r> % Unknown command: foo  bar\r\nr> ", VENDOR_READS, "y" },
    { false, "ena", "r> % Unknown command: ena\r\nr> ", VENDOR_READS, "y" },
    { false, "enable|anything|show version|foo", "r> Password: \r\nr# V1.0\r\nr# r# ", VENDOR_READS, "nnny" },
    { false, "enable||sh", "r> Password: \r\nr# BusyBox\r\n", VENDOR_SHELL, "nnn" },
    { false, "enable||disable|exit", "r> Password: \r\nr# r> Bye r\r\n", VENDOR_LEAVES, "nnnn" },
    { false, "enable||  show \t vlan  7 |show vlan|show vlan 1 2|ping x|ping x y z|ping", "r> Password: \r\nr# vlan\r\nr# r# r# sent 100%\r\nr# sent 100%\r\nr# r# ",
      VENDOR_READS, "nnnyynny" },
    { true, "en||sh ver|sh v|sh vl 1|show|sh", "r> Password: \r\nr# V1.0\r\nr# V1.0\r\nr# vlan\r\nr# r# BusyBox\r\n", VENDOR_SHELL, "nnnnnyn" },
    { true, "e|x", "r> % Unknown command: e\r\nr> % Unknown command: x\r\nr> ", VENDOR_READS, "yy" },
    { false, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "r> % Unknown command: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\r\nr> ", VENDOR_READS, "y" },
};

static const struct {
    const char *table, *prompts, *why;
} wrongs[] = {
    { "0\ta\n", "> ", "cli.tsv:1: 4 columns are needed" },
    { "\n0\ta\tsay\tb\tc\n", "> ", "cli.tsv:2: 4 columns are needed" },
    { "1\ta\tsay\tb\n", "> ", "cli.tsv:1: there is no level '1' with a prompt" },
    { "x\ta\tsay\tb\n", "> ", "cli.tsv:1: there is no level 'x' with a prompt" },
    { "0\t \tsay\tb\n", "> ", "cli.tsv:1: there is no pattern" },
    { "0\ta ... b\tsay\tb\n", "> ", "cli.tsv:1: the pattern goes on behind ... or has too many words" },
    { "0\ta\tsing\tb\n", "> ", "cli.tsv:1: there is no action 'sing'" },
    { "0\ta\tsay it\tb\n", "> ", "cli.tsv:1: say takes nothing more" },
    { "0\ta\tenter\tb\n", "> ", "cli.tsv:1: enter: no such level" },
    { "0\ta\tenter 2\tb\n", ">|#", "cli.tsv:1: enter: no such level" },
    { "0\ta\tsay\t\\q\n", "> ", "cli.tsv:1: the text has an escape that is none" },
    { "0\ta\tsay\t\\x00\n", "> ", "cli.tsv:1: the text has an escape that is none" },
    { "0\ta\tsay\ta\\\n", "> ", "cli.tsv:1: the text has an escape that is none" },
    { "0\ta\tfile ../x\t\n", "> ", "cli.tsv:1: '../x' is no file of the folder" },
    { "0\ta\tfile nosuch\t\n", "> ", "cli.tsv:1: nosuch: No such file or directory" },
    { "", "\\z", "persona.ini: prompts cannot be '\\z'" },
    { "", "1|2|3|4|5|6|7|8|9|0|1|2|3|4|5|6|7", "persona.ini: prompts cannot be '1|2|3|4|5|6|7|8|9|0|1|2|3|4|5|6|7'" },
};
/* clang-format on */

static struct vendor_cli *read_table(bool abbreviates)
{
    struct vendor_cli *c = NULL;
    char why[200] = "";
    const struct vendor_style style = { "%h> |%h# ", abbreviates };
    assert_int_equal(vendor_read(&c, table, sizeof table - 1, NULL, &style, why), 0);
    return c;
}

static void run_case(size_t which)
{
    struct vendor_cli *c = read_table(cases[which].abbreviates);
    struct vendor_at at;
    struct buf out;
    enum vendor_next next = VENDOR_READS;
    size_t i = 0;
    buf_init(&out, 4096);
    vendor_begin(&at, c, "r", &out);
    for (const char *line = cases[which].typed; line; i++) {
        size_t n = strcspn(line, "|");
        bool unknown;
        assert_int_equal(next, VENDOR_READS);
        next = vendor_line(&at, line, n, &out, &unknown);
        assert_int_equal(unknown, cases[which].unknown[i] == 'y');
        line = line[n] ? line + n + 1 : NULL;
    }
    assert_int_equal(cases[which].unknown[i], 0);
    assert_int_equal(next, cases[which].next);
    if (next == VENDOR_SHELL)
        vendor_back(&at, &out);
    buf_u8(&out, '\0');
    size_t said = strlen(cases[which].said);
    assert_memory_equal(out.data, cases[which].said, said);
    assert_string_equal((char *)out.data + said, next == VENDOR_SHELL ? "r# " : "");
    buf_release(&out);
    vendor_free(c);
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        run_case(i);
}

static void test_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        struct vendor_cli *c = NULL;
        char why[200] = "";
        const struct vendor_style style = { wrongs[i].prompts, false };
        assert_int_equal(
            vendor_read(&c, wrongs[i].table, strlen(wrongs[i].table), "/nosuch", &style, why), 1);
        assert_string_equal(why, wrongs[i].why);
        assert_null(c);
    }
}

static void say(const char *folder, const char *name, const char *text)
{
    char path[FOLDER_PATH + 32];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void test_folder(void **state)
{
    (void)state;
    struct vendor_cli *c = NULL;
    struct vendor_at at;
    struct buf out;
    bool unknown;
    char folder[FOLDER_PATH], why[200] = "";
    const struct vendor_style style = { "> ", false };
    assert_int_equal(folder_make(folder, "vendor"), 0);
    assert_int_equal(vendor_load(&c, folder, &style, why), 1);
    assert_string_equal(why, "cli.tsv: No such file or directory");
    say(folder, "cli.tsv", "0\tcat\tfile config\tend\\r\\n\n");
    say(folder, "config", "a\nb\n");
    assert_int_equal(vendor_load(&c, folder, &style, why), 0);
    assert_false(vendor_has_shell(c));
    assert_int_equal(vendor_levels(c), 1);
    buf_init(&out, 256);
    vendor_begin(&at, c, "", &out);
    vendor_line(&at, "cat", 3, &out, &unknown);
    buf_u8(&out, '\0');
    assert_string_equal((char *)out.data, "> a\r\nb\r\nend\r\n> ");
    buf_release(&out);
    vendor_free(c);
    vendor_free(NULL);
    folder_remove(folder);
}

/* What strangers type has any bytes and any length. */
static void test_hostile(void **state)
{
    (void)state;
    struct vendor_cli *c = read_table(true);
    struct vendor_at at;
    struct buf out;
    bool unknown;
    char line[1000];
    buf_init(&out, 4096);
    vendor_begin(&at, c, "r", &out);
    for (unsigned i = 0; i < 256; i++) {
        memset(line, (int)i, sizeof line);
        memcpy(line, "enable\0", 7);
        vendor_line(&at, line, sizeof line, &out, &unknown);
        vendor_line(&at, "en\0xxxxxxxxx", 12, &out, &unknown);
        assert_true(unknown);
        buf_reset(&out);
    }
    buf_release(&out);
    vendor_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_wrong),
                                        cmocka_unit_test(test_folder),
                                        cmocka_unit_test(test_hostile) };
    return cmocka_run_group_tests_name("trap/vendor", tests, NULL, NULL);
}
