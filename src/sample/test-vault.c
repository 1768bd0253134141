#include "sample/vault.h"

#include "base/test-folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* SHA-256 of "abc": FIPS 180-4's example. */
static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static char folder[FOLDER_PATH];

static int set_up(void **state)
{
    (void)state;
    return folder_make(folder, "vault");
}

static int tear_down(void **state)
{
    (void)state;
    return folder_remove(folder);
}

static struct vault open_it(enum vault_mode mode)
{
    struct vault v;
    assert_int_equal(vault_open(&v, folder, mode), 0);
    return v;
}

static size_t count(const char *place)
{
    char command[2 * FOLDER_PATH];
    snprintf(command, sizeof command, "find %s/%s -type f | wc -l", folder, place);
    FILE *f = popen(command, "re");
    size_t n = 0;
    assert_true(f && fscanf(f, "%zu", &n) == 1);
    pclose(f);
    return n;
}

static void what_is_put_is_there(void **state)
{
    (void)state;
    uint8_t hash[SHA256_BYTES], wanted[SHA256_BYTES];
    char path[2 * FOLDER_PATH], text[8] = "";
    struct stat st;
    struct vault v = open_it(VAULT_WRITE);
    assert_true(sha256_parse(abc, wanted));
    assert_false(vault_has(&v, wanted));
    assert_int_equal(vault_read(&v, wanted), -ENOENT);
    assert_int_equal(vault_put(&v, "abc", 3, hash), 0);
    assert_memory_equal(hash, wanted, sizeof hash);
    assert_true(vault_has(&v, hash));
    snprintf(path, sizeof path, "%s/vault/ba/%s", folder, abc);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0400);
    int fd = vault_read(&v, hash);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, text, sizeof text), 3);
    assert_string_equal(text, "abc");
    close(fd);
    vault_close(&v);
}

static void the_same_bytes_are_kept_once(void **state)
{
    (void)state;
    uint8_t hash[SHA256_BYTES], empty[SHA256_BYTES];
    struct vault v = open_it(VAULT_WRITE);
    for (int i = 0; i < 3; i++)
        assert_int_equal(vault_put(&v, "abc", 3, hash), 0);
    assert_int_equal(vault_put(&v, "", 0, empty), 0);
    assert_int_equal(v.files, 2);
    assert_int_equal(v.bytes, 3);
    assert_int_equal(count("vault"), 2);
    vault_close(&v);
    v = open_it(VAULT_WRITE);
    assert_int_equal(v.files, 2);
    assert_int_equal(v.bytes, 3);
    assert_int_equal(vault_remove(&v, hash), 0);
    assert_int_equal(vault_remove(&v, hash), 0);
    assert_int_equal(v.files, 1);
    assert_int_equal(v.bytes, 0);
    assert_false(vault_has(&v, hash));
    vault_close(&v);
}

/* It dies while it writes: nothing of it has a name, and the next writer clears it away. */
static void a_killed_writer_leaves_nothing(void **state)
{
    (void)state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct vault v;
        struct vault_file f;
        if (vault_open(&v, folder, VAULT_WRITE) || vault_begin(&f, &v) || vault_add(&f, "half", 4))
            _exit(1);
        kill(getpid(), SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(count("vault"), 1);
    struct vault v = open_it(VAULT_READ);
    assert_int_equal(count("vault"), 1); /* who reads changes nothing */
    vault_close(&v);
    v = open_it(VAULT_WRITE);
    assert_int_equal(count("vault"), 0);
    assert_int_equal(v.files, 0);
    vault_close(&v);
}

/* As a full disk would: what does not fit is not there at all. */
static void where_there_is_no_room(void **state)
{
    (void)state;
    static uint8_t large[64 << 10];
    uint8_t hash[SHA256_BYTES];
    struct rlimit before, small;
    struct vault v = open_it(VAULT_WRITE);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 8 << 10;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(vault_put(&v, large, sizeof large, hash), -EFBIG);
    assert_int_equal(vault_put(&v, large, 4 << 10, hash), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(count("vault"), 1);
    assert_int_equal(count("vault/tmp"), 0);
    assert_int_equal(v.bytes, 4 << 10);
    vault_close(&v);
}

static void what_is_dropped_is_gone(void **state)
{
    (void)state;
    struct vault_file f;
    uint8_t hash[SHA256_BYTES];
    struct vault v = open_it(VAULT_WRITE);
    assert_int_equal(vault_begin(&f, &v), 0);
    assert_int_equal(vault_add(&f, "abc", 3), 0);
    vault_drop(&f);
    vault_drop(&f);
    assert_int_equal(count("vault"), 0);
    assert_int_equal(vault_begin(&f, &v), 0);
    assert_int_equal(vault_add(&f, "a", 1), 0);
    assert_int_equal(vault_add(&f, "bc", 2), 0);
    assert_int_equal(vault_keep(&f, hash), 0);
    char hex[SHA256_HEX];
    assert_string_equal(sha256_hex(hash, hex), abc);
    vault_close(&v);
}

/* A link in the place of a sample, or of its folder, leads nowhere. */
static void links_are_not_followed(void **state)
{
    (void)state;
    uint8_t hash[SHA256_BYTES];
    char path[2 * FOLDER_PATH];
    struct vault v = open_it(VAULT_WRITE);
    assert_true(sha256_parse(abc, hash));
    snprintf(path, sizeof path, "%s/vault/ba", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/vault/ba/%s", folder, abc);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_true(vault_read(&v, hash) < 0);
    vault_close(&v);
}

static void nothing_to_read(void **state)
{
    (void)state;
    struct vault v;
    assert_int_equal(vault_open(&v, folder, VAULT_READ), -ENOENT);
    assert_int_equal(vault_open(&v, "/nowhere", VAULT_WRITE), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_put_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_same_bytes_are_kept_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_killed_writer_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(where_there_is_no_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_dropped_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_are_not_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_to_read, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
