#include "cli/cli.h"

#include "base/own.h"
#include "cli/commands.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

/* Prints what it was given, for the tests to see. */
static int run_show(struct cli *cli)
{
    const char *value;
    for (size_t i = 0; i < cli->n_arguments; i++)
        printf("<%s>", cli->arguments[i]);
    for (size_t i = 0; (value = cli_value_at(cli, "tag", i)); i++)
        printf("[%s]", value);
    printf("again=%d limit=%lld from=%lld state=%s format=%d flows=%lld last=%s\n",
           cli_flag(cli, "again"), (long long)cli_int(cli, "limit", 20),
           (long long)cli_time(cli, "from", -1), cli_state_dir(cli), (int)cli->format,
           (long long)conf_int(&cli->conf, CONF_KEEP_FLOWS),
           cli_value(cli, "tag") ? cli_value(cli, "tag") : "-");
    return CLI_DONE;
}

static int run_make(struct cli *cli)
{
    return cli_state_make(cli);
}

/* clang-format off */
static const struct option_def show_options[] = {
    { "again", OPTION_FLAG, NULL, "Once more" },
    { "limit", OPTION_INT, "N", "At most N" },
    { "from", OPTION_TIME, "TIME", "From then on" },
    { "tag", OPTION_TEXT, "WORD", "A word; may be repeated" },
    { "proto", OPTION_CHOICE, "tcp|udp|icmp", "Only this protocol" },
    { 0 },
};
/* clang-format on */

/* clang-format off */
static const struct command commands[] = {
    { "show", "FILE...", "Show files", show_options, run_show, "A paragraph of its own." },
    { "top", "ports|sources [NAME]", "Show the greatest", show_options, run_show, NULL },
    { "host", "ADDRESS|PREFIX", "Show one host", NULL, run_show, NULL },
    { "status", NULL, "Show the state", NULL, run_show, NULL },
    { "make", NULL, "Make the state folder", NULL, run_make, NULL },
    { "config", "print|check [FILE]", "Show or check the configuration", NULL, cmd_config, NULL },
    { "doctor", NULL, "Check this host", NULL, cmd_doctor, NULL },
    { 0 },
};
/* clang-format on */

/* --- calling -------------------------------------------------------------------------------------
 */

static char out_text_kept[65536], err_text_kept[8192];

/* Standard output or error, kept in a file for a while. */
struct kept {
    FILE *file;
    int number, original;
};

static void keep(struct kept *k, int number)
{
    fflush(stdout);
    *k = (struct kept){ .file = tmpfile(), .number = number, .original = dup(number) };
    assert_true(k->file && k->original >= 0);
    dup2(fileno(k->file), number);
}

static void give_back(struct kept *k, char *text, size_t room)
{
    fflush(stdout);
    dup2(k->original, k->number);
    close(k->original);
    rewind(k->file);
    text[fread(text, 1, room - 1, k->file)] = '\0';
    fclose(k->file);
}

/* Calls "teiten WORDS", the words parted by single blanks ("_" stands for one inside a word). */
static int call(const char *words)
{
    char line[1024] = "teiten", *argv[64] = { line };
    int argc = 1;
    strcpy(line + 8, words);
    for (char *at = strtok(line + 8, " "); at; at = strtok(NULL, " ")) {
        for (char *blank; (blank = strchr(at, '_'));)
            *blank = ' ';
        argv[argc++] = at;
    }
    struct kept o, e;
    keep(&o, STDOUT_FILENO);
    keep(&e, STDERR_FILENO);
    int status = cli_main(argc, argv, commands);
    give_back(&e, err_text_kept, sizeof err_text_kept);
    give_back(&o, out_text_kept, sizeof out_text_kept);
    return status;
}

static void expect(const char *words, int status, const char *out, const char *err)
{
    int got = call(words);
    if (got != status || !strstr(out_text_kept, out) || !strstr(err_text_kept, err))
        fail_msg("teiten %s\nexit %d, not %d\n--- out\n%s--- err\n%s", words, got, status,
                 out_text_kept, err_text_kept);
    if (status == CLI_DONE && !*err)
        assert_string_equal(err_text_kept, "");
}

/* --- tests ---------------------------------------------------------------------------------------
 */

/* clang-format off */
static const struct {
    const char *words;
    int status;
    const char *out, *err;
} lines[] = {
    /* arguments and options */
    { "show a.pcap", 0, "<a.pcap>again=0 limit=20 from=-1 ", "" },
    { "show a - b", 0, "<a><-><b>again", "" },
    { "show --again a --limit 5", 0, "<a>again=1 limit=5", "" },
    { "show a --limit=0", 0, "limit=0", "" },
    { "show a --limit 3 --limit 4", 0, "limit=4", "" },
    { "show --tag x a --tag=y=z", 0, "<a>[x][y=z]again", "" },
    { "show --tag x --tag y a", 0, "last=y", "" },
    { "show -- --again -x", 0, "<--again><-x>again=0", "" },
    { "--state /nowhere show a", 0, "state=/nowhere ", "" },
    { "show a --from 1970-01-02T00:00:00Z", 0, "from=86400", "" },
    { "show a --from 1970-01-02_00:00 --set report.zone=Asia/Tokyo", 0, "from=54000", "" },
    { "show a --proto udp", 0, "<a>", "" },
    { "top ports", 0, "<ports>", "" },
    { "top sources x", 0, "<sources><x>", "" },
    { "host 192.0.2.1", 0, "<192.0.2.1>", "" },
    { "status --json", 0, "format=1", "" },
    { "status --csv", 0, "format=2", "" },
    { "status --set keep.flows=7", 0, "flows=7", "" },
    { "status --set keep.flows=7 --set keep.flows=9", 0, "flows=9", "" },
    /* wrong usage */
    { "", 2, "", "usage: teiten COMMAND" },
    { "statsu", 2, "", "teiten: statsu: is no command; did you mean teiten status?\n" },
    { "weather", 2, "", "teiten: weather: is no command; teiten --help lists them\n" },
    { "show", 2, "", "teiten: FILE...: is missing; see teiten show --help\n" },
    { "status now", 2, "", "teiten: now: is one word too many" },
    { "top", 2, "", "ports|sources: is missing" },
    { "top port", 2, "", "teiten: port: is none of ports|sources" },
    { "top ports x y", 2, "", "y: is one word too many" },
    { "show a --agian", 2, "", "teiten: --agian: is no option; did you mean --again?\n" },
    { "show a --jsno", 2, "", "did you mean --json?" },
    { "status --again", 2, "", "is no option of this command" },
    { "show a --again=1", 2, "", "takes no value" },
    { "show a --limit", 2, "", "--limit: wants a value" },
    { "show a --limit few", 2, "", "--limit: \"few\" is no whole number" },
    { "show a --limit -1", 2, "", "is no whole number" },
    { "show a --from yesterday", 2, "", "\"yesterday\" is no time; write 2026-11-24" },
    { "show a --proto sctp", 2, "", "\"sctp\" is none of tcp|udp|icmp" },
    { "show a -x", 2, "", "-x: is no option" },
    { "status --json --csv", 2, "", "does not go with --csv" },
    { "status --set keep.flows=0", 2, "",
      "keep.flows: \"0\" is out of range; allowed: 1 to 3650 days" },
    { "status --set keep.flow=7", 2, "", "did you mean keep.flows?" },
    { "status --config /nowhere/x", 1, "",
      "teiten: /nowhere/x: No such file or directory; name a file" },
    /* help and version */
    { "--help", 0, "  status ", "" },
    { "help", 0, "usage: teiten COMMAND", "" },
    { "-h", 0, "usage: teiten COMMAND", "" },
    { "show --help", 0, "usage: teiten show FILE... [OPTIONS]\n\nShow files.\n\nA paragraph", "" },
    { "show -h", 0, "  --limit N               At most N\n", "" },
    { "help show", 0, "Options of every command:\n  --state DIR", "" },
    { "help weather", 2, "", "is no command" },
    { "--version", 0, "teiten ", "" },
    { "status --version", 0, "teiten ", "" },
};
/* clang-format on */

static void command_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(lines); i++)
        expect(lines[i].words, lines[i].status, lines[i].out, lines[i].err);
}

static void state_folder(void **state)
{
    (void)state;
    setenv("TEITEN_STATE", "/from/environment", 1);
    expect("status", 0, "state=/from/environment ", "");
    expect("status --state /named", 0, "state=/named ", "");
    unsetenv("TEITEN_STATE");
    if (geteuid() == 0) {
        expect("status", 0, "state=/var/lib/teiten ", "");
    } else {
        setenv("HOME", "/home/example", 1);
        expect("status", 0, "state=/home/example/.local/state/teiten ", "");
    }
}

static void state_is_made(void **state)
{
    (void)state;
    char folder[] = "/tmp/teiten-test-cli-XXXXXX", words[128], path[64];
    struct stat s;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/deep/er", folder);
    snprintf(words, sizeof words, "make --state %s", path);
    expect(words, 0, "", "");
    assert_int_equal(stat(path, &s), 0);
    assert_int_equal(s.st_mode & 07777, 0750);
    expect(words, 0, "", "");
    rmdir(path);
    snprintf(path, sizeof path, "%s/deep", folder);
    rmdir(path);
    rmdir(folder);
    expect("make --state /dev/null/x", 1, "",
           "teiten: /dev/null/x: Not a directory; name a folder");
}

static void configuration(void **state)
{
    (void)state;
    char path[] = "/tmp/teiten-test-cli-XXXXXX", words[128];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    expect("config print", 0,
           "[keep]\n# How long minute totals are kept. (1 to 3650 days)\n#minutes = 8", "");
    expect("config print --set keep.flows=7", 0, "#flows = 90\nflows = 7\n", "");
    expect("config print --json", 0,
           "{\"name\":\"keep.minutes\",\"value\":\"8\",\"default\":\"8\",\"origin\":\"default\","
           "\"type\":\"days\",\"allowed\":\"1 to 3650 days\"",
           "");
    expect("config print x", 2, "", "one word too many");
    expect("config check", 2, "", "FILE: is missing");
    expect("config chekc x", 2, "", "is none of print|check");

    /* what is printed can be read */
    char line[1024] = "config print --set sensor.workers=2 --set sensor.name=a__b --set "
                      "sensor.prefix=192.0.2.0/24";
    for (int i = 0; i < 30; i++)
        sprintf(line + strlen(line), ",198.51.100.%d", i);
    expect(line, 0, "workers = 2", "");
    assert_int_equal(write(fd, out_text_kept, strlen(out_text_kept)), strlen(out_text_kept));
    snprintf(words, sizeof words, "config check %s", path);
    expect(words, 0, ": good\n", "");
    snprintf(words, sizeof words, "config print --csv --config %s", path);
    expect(words, 0, " 198.51.100.28 198.51.100.29,,file,list of prefixes", "");

    dprintf(fd, "[keep]\nflows = 9999\n");
    snprintf(words, sizeof words, "config check %s", path);
    expect(words, 1, "", ": keep.flows: \"9999\" is out of range; allowed: 1 to 3650 days\n");
    snprintf(words, sizeof words, "status --config %s", path);
    expect(words, 1, "", "is out of range");
    close(fd);
    unlink(path);
}

static void doctor(void **state)
{
    (void)state;
    int status = call("doctor --json --state /tmp");
    assert_true(status == CLI_DONE || status == CLI_TROUBLE);
    const char *checks[] = { "kernel",   "capture", "low ports", "interfaces", "state folder",
                             "Landlock", "seccomp", "clock",     "open files", "tcpdump" };
    for (size_t i = 0; i < LENGTH(checks); i++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "{\"check\":\"%s\",\"verdict\":\"", checks[i]);
        if (!strstr(out_text_kept, wanted))
            fail_msg("%s is not in %s", wanted, out_text_kept);
    }
    expect("doctor --state /proc/nowhere", CLI_TROUBLE, "fail ",
           ""); /* no room there, for root too */
    expect("doctor --set sensor.interface=nosuch0", call("doctor"), "there is no interface nosuch0",
           "");
    expect("doctor --set sensor.prefix=192.0.2.0/24,2001:db8::/120", call("doctor"),
           "257 addresses in 2 prefixes", "");
}

/* What is printed on a full disk is not done. */
static void full_disk(void **state)
{
    (void)state;
    struct kept e;
    fflush(stdout);
    int original = dup(STDOUT_FILENO);
    auto_fd int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    keep(&e, STDERR_FILENO);
    dup2(full, STDOUT_FILENO);
    char *argv[] = { (char *)"teiten", (char *)"status", NULL };
    int status = cli_main(2, argv, commands);
    dup2(original, STDOUT_FILENO);
    close(original);
    clearerr(stdout);
    give_back(&e, err_text_kept, sizeof err_text_kept);
    assert_int_equal(status, CLI_TROUBLE);
    assert_non_null(strstr(err_text_kept, "standard output: No space left on device"));
}

int main(void)
{
    unsetenv("TEITEN_STATE");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_lines), cmocka_unit_test(state_folder),
        cmocka_unit_test(state_is_made), cmocka_unit_test(configuration),
        cmocka_unit_test(doctor),        cmocka_unit_test(full_disk),
    };
    return cmocka_run_group_tests_name("cli/cli", tests, NULL, NULL);
}
