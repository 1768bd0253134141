#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char said[16384];

/* Runs what writes to standard error and keeps what it said. */
static const char *listen_to(void (*speak)(void))
{
    int kept = dup(STDERR_FILENO);
    FILE *f = tmpfile();
    assert_true(kept >= 0 && f);
    dup2(fileno(f), STDERR_FILENO);
    speak();
    dup2(kept, STDERR_FILENO);
    close(kept);
    rewind(f);
    said[fread(said, 1, sizeof said - 1, f)] = '\0';
    fclose(f);
    return said;
}

static void speak_info(void)
{
    log_info("ingest-done", LOG_TEXT("file", "a b\x1b.pcap"), LOG_TEXT("plain", "x.pcap"),
             LOG_INT("packets", 12), LOG_TIME("at", 0), LOG_TEXT("none", NULL),
             LOG_TEXT("empty", ""), LOG_ERRNO(-ENOENT));
}

static void speak_debug(void)
{
    log_debug("noise");
}

static void speak_error(void)
{
    say_error("a.pcap", "ends in\nmid-packet", "fetch it again");
}

static void speak_short_error(void)
{
    say_error("a \"b\"", NULL, NULL);
}

static void speak_warning(void)
{
    say_warning("a.pcap", "cut", NULL);
}

static char flood[100000];

static void speak_flood(void)
{
    log_warning("flood", LOG_TEXT("said", flood), LOG_INT("n", 1));
}

static void under_journald(void **state)
{
    (void)state;
    setenv("JOURNAL_STREAM", "8:1", 1);
    assert_string_equal(
        listen_to(speak_info),
        "<6>ingest-done file=\"a b\\x1b.pcap\" plain=x.pcap packets=12 "
        "at=1970-01-01T00:00:00Z none=- empty=\"\" why=\"No such file or directory\"\n");
    unsetenv("JOURNAL_STREAM");
}

static void elsewhere(void **state)
{
    (void)state;
    unsetenv("JOURNAL_STREAM");
    const char *line = listen_to(speak_info);
    assert_non_null(strstr(line, "Z info ingest-done file="));
    assert_true(line[4] == '-' && line[10] == 'T');
}

static void levels_are_kept(void **state)
{
    (void)state;
    assert_string_equal(listen_to(speak_debug), "");
    log_limit(LOG_LEVEL_DEBUG);
    assert_non_null(strstr(listen_to(speak_debug), " debug noise\n"));
    log_limit(LOG_LEVEL_INFO);
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    memset(flood, 0x1b, sizeof flood - 1);
    const char *line = listen_to(speak_flood);
    assert_true(strlen(line) > 1000 && strlen(line) < 8192);
    assert_non_null(strstr(line, " n=1\n"));
}

static void errors_for_people(void **state)
{
    (void)state;
    assert_string_equal(listen_to(speak_error),
                        "teiten: a.pcap: ends in\\nmid-packet; fetch it again\n");
    assert_string_equal(listen_to(speak_short_error), "teiten: a \"b\"\n");
    assert_string_equal(listen_to(speak_warning), "teiten: warning: a.pcap: cut\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(under_journald),    cmocka_unit_test(elsewhere),
        cmocka_unit_test(levels_are_kept),   cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(errors_for_people),
    };
    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
