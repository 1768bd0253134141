#include "shell/machine.h"

#include "shell/machine-inside.h"
#include "shell/since.h"
#include "shell/test-machine.h"

#include <limits.h>
#include <string.h>

/* ---- machine.ini and the tables: what is wrong is told with its line ---- */

#define INI 99 /* no table */

/* clang-format off */
static const struct {
    unsigned table;
    const char *text, *why; /* NULL: nothing is wrong */
} cases[] = {
    { INI, "", NULL },
    { INI, "# nothing\n; here\n\n[busybox]\r\nversion = v1.2 (x)\r\n", NULL },
    { INI, "[system]\nnodename=a\n[system]\nrelease=b", NULL },
    { INI, "x = y\n", "machine.ini:1: [] has no item 'x'" },
    { INI, "[nosuch]\n", "machine.ini:1: there is no section '[nosuch]'" },
    { INI, "[system\n", "machine.ini:1: there is no section '[system'" },
    { INI, "[system]\nfoo = 1\n", "machine.ini:2: [system] has no item 'foo'" },
    { INI, "[system]\nnodename\n", "machine.ini:2: neither [section] nor item = value" },
    { INI, "[system]\nnodename = a\nnodename = b\n", "machine.ini:3: nodename stands twice" },
    { INI, "[user]\nuid = x\n", "machine.ini:2: uid cannot be 'x'" },
    { INI, "[user]\nuid = 4294967296\n", "machine.ini:2: uid cannot be '4294967296'" },
    { INI, "[busybox]\nstandalone = maybe\n", "machine.ini:2: standalone cannot be 'maybe'" },
    { INI, "[environment]\n1X=2\n", "machine.ini:2: '1X' is no name of a variable" },
    { INI, "[environment]\nX=1\nX=2\n", "machine.ini:3: X is set twice" },
    { INI, "[hardware]\nload = 1 2\n", "machine.ini:2: load is three numbers" },
    { INI, "[hardware]\nload = 1 2 nan\n", "machine.ini:2: load is three numbers" },
    { INI, "[hardware]\ncpus = 0\n", "machine.ini: cpus is from 1 to 256" },
    { INI, "[hardware]\nmemory_total = 10\n", "machine.ini: more memory is free, cached or shared than there is" },
    { INI, "[hardware]\nswap_free = 10\n", "machine.ini: more swap is free than there is" },
    { INI, "[hardware]\npid_first = 1\n", "machine.ini: pid_first is from 2 to 32000" },
    { 0, "/dev/root\t/\tsquashfs\tro\t100\t100\n", NULL },
    { 0, "/dev/root\t/\tsquashfs\tro\t100\t101\n", "mounts.tsv:1: more is used than there is" },
    { 0, "#\n\n/dev/root\tx\tsquashfs\tro\t0\t0\n", "mounts.tsv:3: a mount's path begins with a slash" },
    { 0, "/dev/root\t/\n", "mounts.tsv:1: 6 columns are needed" },
    { 0, "a\t/\tb\tc\t1\t1\tx\n", "mounts.tsv:1: 6 columns are needed" },
    { 1, "1\t0\t0\t100\t50\tS\tinit\tinit\n2\t0\t0\t0\t0\tSW\tkthreadd\t-\n", NULL },
    { 1, "2\t0\t0\t0\t0\tS\ta\ta\n1\t0\t0\t0\t0\tS\tb\tb\n", "processes.tsv:2: process ids begin at 1 and ascend" },
    { 1, "1\t0\t0\t0\t0\tSLEEP\ta\ta\n", "processes.tsv:1: state cannot be 'SLEEP'" },
    { 1, "1\t0\t0\tx\t0\tS\ta\ta\n", "processes.tsv:1: vsz cannot be 'x'" },
    { 1, "1\t0\t0\t0\t0\tS\ta-name-that-is-long\ta\n", "processes.tsv:1: a process's name has 1 to 15 characters" },
    { 2, "lo\t127.0.0.1\t-\t255.0.0.0\t-\tUP LOOPBACK\t16436\t1\t0\t1\t2\t3\t4\n", NULL },
    { 2, "-\t-\t-\t-\t-\tUP\t1\t1\t0\t1\t2\t3\t4\n", "interfaces.tsv:1: an interface's name has 1 to 15 characters" },
    { 5, "a\t1\t2\t-\n", NULL },
};
/* clang-format on */

static int read_as(struct machine_hold *h, unsigned table, const char *text)
{
    const struct machine_table *t = machine_table_at(table);
    return t ? machine_read_table(h, t, text, strlen(text))
             : machine_read_ini(h, text, strlen(text));
}

static void check_case(size_t i)
{
    char why[1][MACHINE_WHY] = { "" };
    struct machine_hold *h = machine_hold_make(why);
    assert_non_null(h);
    if (setjmp(h->full))
        fail_msg("no memory");
    assert_int_equal(read_as(h, cases[i].table, cases[i].text), cases[i].why != NULL);
    assert_string_equal(*why, cases[i].why ? cases[i].why : "");
    machine_hold_free(h);
}

static void test_readers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check_case(i);
}

/* clang-format off */
static const struct {
    const char *text;
    unsigned version;
} versions[] = {
    { "v1.35.0 (2022-05-01 12:00:00 UTC)", 135 }, { "v1.01 (2009.03.22-17:40+0000)", 101 },
    { "v1.1.3 (2007.02.14-05:12+0000)", 101 }, { "1.21.1", 121 }, { "v0.61.pre (x)", 61 },
    { "v1.99999999999999999999", 199 }, { "", UINT_MAX }, { "v", UINT_MAX }, { "v1", UINT_MAX },
    { "v1.", UINT_MAX }, { "vx.1", UINT_MAX }, { ".1", UINT_MAX },
};
/* clang-format on */

static void test_version(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        const struct machine m = { .version = versions[i].text };
        assert_int_equal(machine_version(&m), versions[i].version);
    }
    const struct machine old = { .version = "v1.12.1 ()" }, new = { .version = "v1.35.0 ()" };
    assert_true(machine_since(&old, SINCE_SMALL_GREETING));
    assert_false(machine_since(&old, SINCE_CD_REASON));
    assert_true(machine_since(&new, SINCE_FETCH_SAVING));
    assert_string_equal(machine_year(&old), "2008");
    assert_string_equal(machine_year(&new), "2015");
}

static void test_values(void **state)
{
    (void)state;
    static const char text[] = "[busybox]\napplets = wc cat, ls\napplets = cat awk\nprograms = "
                               "curl\nps = pid,args\nstandalone = yes\n"
                               "[system]\nnodename = here\nprompt = \"# \"\n[user]\nuid = 7\n"
                               "[environment]\nB = 2\nA=1 = 1\n[hardware]\nload = 1 0.5 0.25\n";
    char why[1][MACHINE_WHY] = { "" };
    struct machine_hold *h = machine_hold_make(why);
    const struct machine *m = &h->machine;
    if (setjmp(h->full))
        fail_msg("no memory");
    assert_int_equal(machine_read_ini(h, text, sizeof text - 1), 0);
    assert_int_equal(m->n_applets, 4);
    assert_string_equal(m->applets[0], "awk");
    assert_string_equal(m->applets[3], "wc");
    assert_true(machine_has_applet(m, "ls"));
    assert_false(machine_has_applet(m, "l"));
    assert_true(machine_has_program(m, "curl"));
    assert_string_equal(m->ps, "pid,args");
    assert_true(m->standalone);
    assert_string_equal(m->nodename, "here");
    assert_string_equal(m->prompt, "# ");
    assert_int_equal(m->uid, 7);
    assert_string_equal(m->environment[0], "B=2");
    assert_string_equal(m->environment[1], "A=1 = 1");
    assert_null(m->environment[2]);
    assert_true(m->load[1] == 0.5);
    assert_string_equal(m->banner, "BusyBox v1.19.4 (2014-11-06 14:09:49 CST) multi-call binary.");
    machine_hold_free(h);
}

/* ---- Folders ---- */

static void test_folder(void **state)
{
    (void)state;
    struct machine *m = NULL;
    char folder[FOLDER_PATH], why[200] = "";
    assert_int_equal(folder_make(folder, "machine"), 0);
    assert_int_equal(machine_load(&m, folder, why), 1);
    assert_string_equal(why, "machine.ini: No such file or directory");
    test_folders(folder);
    test_say(folder, "machine.ini", "[system]\nnodename = x\n");
    test_say(folder, "proc/version", "Linux\n");
    test_say(folder, "dmesg", "<5>hello\n");
    assert_int_equal(machine_load(&m, folder, why), 0);
    assert_string_equal(m->nodename, "x");
    assert_string_equal(m->dmesg, "<5>hello\n");
    assert_string_equal(machine_proc(m, "version"), "Linux\n");
    assert_null(machine_proc(m, "versio"));
    machine_free(m);
    test_say(folder, "mounts.tsv", "a\t/nosuch\ttmpfs\trw\t0\t0\n");
    assert_int_equal(machine_load(&m, folder, why), 1);
    assert_string_equal(why, "mounts.tsv: /nosuch: No such file or directory");
    test_say(folder, "mounts.tsv", "");
    test_write(folder, "proc/version", "a\0b", 3);
    assert_int_equal(machine_load(&m, folder, why), 1);
    assert_non_null(strstr(why, "proc/version: a NUL"));
    folder_remove(folder);
    machine_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readers),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_version),
        cmocka_unit_test(test_folder),
    };
    return cmocka_run_group_tests_name("shell/machine", tests, NULL, NULL);
}
