#include "base/confine-parts.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

/* What tests do, each in a child of its own, for there is no way back; it ends with what `run` returns. */
static int end_of(int (*run)(void))
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(run());
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void assert_works(int (*run)(void))
{
    int status = end_of(run);
    assert_int_equal(status, 0);
}

static void assert_killed(int (*run)(void))
{
    int status = end_of(run);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

/* The exit status of a child that could not do as it should. */
#define CHECK(x)                                                                                   \
    do {                                                                                           \
        if (!(x))                                                                                  \
            return __LINE__ % 200 + 1;                                                             \
    } while (0)

static unsigned confined;

static int enter(enum confine_program program)
{
    return confine_enter(program, NULL, 0, 0, &confined);
}

/* ---- each program enters ---- */

static int be_sense(void)
{
    CHECK(enter(CONFINE_SENSE) == 0);
    CHECK(confined & CONFINED_SECCOMP);
    return 0;
}

static int be_keeper(void)
{
    CHECK(enter(CONFINE_KEEPER) == 0);
    CHECK(confined & CONFINED_SECCOMP);
    CHECK(socket(AF_INET, SOCK_STREAM, 0) >= 0);
    return 0;
}

static int be_supervisor(void)
{
    CHECK(enter(CONFINE_SUPERVISOR) == 0);
    CHECK((confined & (CONFINED_ROOT | CONFINED_NETWORK)) == (CONFINED_ROOT | CONFINED_NETWORK));
    CHECK(socket(AF_UNIX, SOCK_DGRAM, 0) >= 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    int status = 1;
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
    return 0;
}

static int connect_as_sense(void)
{
    return enter(CONFINE_SENSE) || socket(AF_INET, SOCK_STREAM, 0);
}
static int write_as_sense(void)
{
    return enter(CONFINE_SENSE) || send(4, "x", 1, MSG_NOSIGNAL) < 0;
}
static int link_as_keeper(void)
{
    return enter(CONFINE_KEEPER) || socket(AF_NETLINK, SOCK_RAW, 0);
}
static int connect_as_supervisor(void)
{
    return enter(CONFINE_SUPERVISOR) || socket(AF_INET, SOCK_STREAM, 0);
}

static void test_enter(void **state)
{
    (void)state;
    assert_works(be_sense);
    assert_works(be_keeper);
    assert_works(be_supervisor);
    assert_killed(connect_as_sense);
    assert_killed(write_as_sense);
    assert_killed(link_as_keeper);
    assert_killed(connect_as_supervisor);
}

/* ---- what sense does needs the supervisor's leave, too ---- */

static bool has_call(const struct confine_rules *rules, const char *name)
{
    for (const struct confine_call *const *list = rules->calls; *list; list++)
        for (const struct confine_call *c = *list; c->name; c++)
            if (strcmp(c->name, name) == 0 && !c->error)
                return true;
    return false;
}

static void test_lists(void **state)
{
    (void)state;
    static const enum confine_program workers[] = { CONFINE_SENSE, CONFINE_TRAP };
    for (size_t i = 0; i < sizeof workers / sizeof workers[0]; i++) {
        const struct confine_rules *rules = confine_rules(workers[i]);
        for (const struct confine_call *c = *rules->calls; c->name; c++)
            if (!has_call(confine_rules(CONFINE_SUPERVISOR), c->name))
                fail_msg("%s is not in the supervisor's list", c->name);
        assert_false(has_call(rules, "openat") && !CONFINE_SANITIZED);
        assert_false(has_call(rules, "connect") || has_call(rules, "socket"));
    }
}

/* ---- as the kernel tells of them ---- */

/* The hexadecimal number of a line of /proc/PID/status. */
static unsigned long long status_of(pid_t pid, const char *key)
{
    char path[64], line[256];
    unsigned long long value = ~0ull;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        if (strncmp(line, key, strlen(key)) == 0 && line[strlen(key)] == ':')
            value = strtoull(line + strlen(key) + 1, NULL, 16);
    fclose(f);
    return value;
}

/* Starts a child that has entered and waits; it ends when the descriptor is closed. */
/* The shell has standard input and output alone; the keeper receives, and reads nothing. */
static bool say(enum confine_program program)
{
    return program == CONFINE_SHELL ? write(STDOUT_FILENO, "x", 1) == 1 : send(CONFINE_CHANNEL, "x", 1, MSG_NOSIGNAL) == 1;
}

static bool hear_the_end(enum confine_program program)
{
    char byte;
    if (program == CONFINE_KEEPER || program == CONFINE_CLAIMER)
        return recv(CONFINE_CHANNEL, &byte, 1, 0) == 0;
    return read(program == CONFINE_SHELL ? STDIN_FILENO : (int)CONFINE_CHANNEL, &byte, 1) == 0;
}

static pid_t start_confined(enum confine_program program, int *ret_fd)
{
    int pair[2];
    char byte;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        bool placed = program == CONFINE_SHELL
                          ? dup2(pair[1], STDIN_FILENO) >= 0 && dup2(pair[1], STDOUT_FILENO) >= 0
                          : dup2(pair[1], CONFINE_CHANNEL) >= 0;
        _exit(placed && !enter(program) && say(program) && hear_the_end(program) ? 0 : 1);
    }
    close(pair[1]);
    assert_int_equal(read(pair[0], &byte, 1), 1);
    *ret_fd = pair[0];
    return pid;
}

static void test_status(void **state)
{
    (void)state;
    for (int program = 0; program < CONFINE_PROGRAMS; program++) {
        int fd, status;
        uint64_t keep = confine_rules((enum confine_program)program)->capabilities & confine_capabilities();
        pid_t pid = start_confined((enum confine_program)program, &fd);
        assert_int_equal(status_of(pid, "CapPrm"), keep);
        assert_int_equal(status_of(pid, "CapEff"), keep);
        assert_int_equal(status_of(pid, "CapInh"), 0);
        assert_int_equal(status_of(pid, "CapAmb"), 0);
        if (geteuid() == 0)
            assert_int_equal(status_of(pid, "CapBnd") & ~confine_rules((enum confine_program)program)->capabilities, 0);
        assert_int_equal(status_of(pid, "NoNewPrivs"), 1);
        assert_int_equal(status_of(pid, "Seccomp"), 2);
        if (geteuid() == 0 && program == CONFINE_SENSE)
            assert_int_equal(status_of(pid, "Uid"), 0x65534);
        close(fd);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
    }
}

/* ---- it ends with its parent ---- */

/* Starts a sense that has entered and hears nothing of its channel's end, tells its number, and is gone. */
static _Noreturn void be_parent(int fd)
{
    char byte = 0;
    pid_t pid = fork();
    if (pid == 0) {
        if (dup2(fd, CONFINE_CHANNEL) < 0 || enter(CONFINE_SENSE) || send(CONFINE_CHANNEL, &byte, 1, MSG_NOSIGNAL) != 1)
            _exit(1);
        poll(NULL, 0, 20000);
        _exit(0);
    }
    /* Its byte comes out at the other side. */
    _exit(pid < 0 || read(fd, &byte, 1) != 1);
}

static void test_parent(void **state)
{
    (void)state;
    int pair[2], status;
    char byte;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        be_parent(pair[1]);
    }
    close(pair[1]);
    assert_int_equal(read(pair[0], &byte, 1), 1); /* it has entered */
    assert_int_equal(send(pair[0], &byte, 1, MSG_NOSIGNAL), 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    struct pollfd p = { .fd = pair[0], .events = POLLIN };
    assert_int_equal(poll(&p, 1, 5000), 1); /* the last who had the other end is gone */
    assert_int_equal(read(pair[0], &byte, 1), 0);
    close(pair[0]);
}

/* ---- paths ---- */

static char folder[128];

static int keep_to_folder(void)
{
    char inside[160];
    snprintf(inside, sizeof inside, "%s/a", folder);
    struct confine_path paths[] = { { folder, CONFINE_WRITE }, { "/teiten-is-not-here", CONFINE_READ },
                                    { "/dev/null/nothing", CONFINE_READ } };
    CHECK(confine_enter(CONFINE_SUPERVISOR, paths, 3, 0, &confined) == 0);
    int fd = open(inside, O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0 && write(fd, "x", 1) == 1 && ftruncate(fd, 0) == 0);
    CHECK(unlink(inside) == 0);
    if (!(confined & CONFINED_LANDLOCK))
        return 0;
    CHECK(open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES);
    CHECK(mkdir("/var/tmp/teiten-confine", 0700) < 0 && errno == EACCES);
    return 0;
}

static void test_paths(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/teiten-confine-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(folder));
    int status = end_of(keep_to_folder);
    rmdir(folder);
    assert_int_equal(status, 0);
}

/* ---- limits ---- */

static int limit_sense(void)
{
    CHECK(confine_enter(CONFINE_SENSE, NULL, 0, (size_t)1 << 30, &confined) == 0);
    CHECK(confined & CONFINED_LIMITS);
    if (!CONFINE_SANITIZED)
        CHECK(!malloc((size_t)2 << 30));
    void *some = malloc(1 << 20);
    CHECK(some);
    free(some);
    return 0;
}

/* A line of the log goes to a file all the same, with the time in it. */
static int log_to_file(void)
{
    int file = memfd_create("log", 0);
    CHECK(file >= 0 && dup2(file, STDERR_FILENO) == STDERR_FILENO);
    CHECK(enter(CONFINE_SENSE) == 0);
    struct tm tm;
    time_t now = time(NULL);
    CHECK(gmtime_r(&now, &tm) && localtime_r(&now, &tm));
    CHECK(write(STDERR_FILENO, "x", 1) == 1);
    return 0;
}

static void test_limits(void **state)
{
    (void)state;
    assert_works(limit_sense);
    assert_works(log_to_file);
}

/* ---- another user ---- */

static int become_nobody(void)
{
    CHECK(confine_become(65534, 65533) == 0);
    uid_t real, effective, saved;
    CHECK(getresuid(&real, &effective, &saved) == 0);
    CHECK(real == 65534 && effective == 65534 && saved == 65534 && getegid() == 65533);
    CHECK(getgroups(0, NULL) == 0);
    CHECK(setuid(0) < 0 && setgid(0) < 0);
    CHECK(confine_capabilities() == 0);
    return 0;
}

static int keep_one(void)
{
    uint64_t had = confine_capabilities(), chown = 1;
    CHECK(confine_rights(chown) == 0);
    CHECK(confine_capabilities() == (had & chown));
    return 0;
}

static void test_rights(void **state)
{
    (void)state;
    assert_works(keep_one);
    if (geteuid() == 0)
        assert_works(become_nobody);
    else
        print_message("skipped: only root becomes another user\n");
}

/* ---- sanitized builds ---- */

static int stay_out(void)
{
    setenv("TEITEN_UNCONFINED", "1", 1);
    CHECK(enter(CONFINE_SENSE) == 0);
    CHECK((confined == 0) == CONFINE_SANITIZED);
    return 0;
}

static void test_unconfined(void **state)
{
    (void)state;
    assert_works(stay_out);
}

static void test_missing(void **state)
{
    (void)state;
    static const struct {
        unsigned confined;
        const char *words;
    } ROWS[] = {
        { CONFINED_ALL, "" },
        { CONFINED_ALL & ~CONFINED_ROOT, "an empty root" },
        { CONFINED_ALL & ~(CONFINED_ROOT | CONFINED_LANDLOCK), "an empty root, Landlock" },
        { 0, "limits, an empty root, a network of its own, no capabilities, Landlock, seccomp" },
    };
    char text[128];
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        confine_missing(ROWS[i].confined, text, sizeof text);
        assert_string_equal(text, ROWS[i].words);
    }
    confine_missing(0, text, 10);
    assert_string_equal(text, "limits, a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enter),      cmocka_unit_test(test_lists),  cmocka_unit_test(test_status),
        cmocka_unit_test(test_parent),     cmocka_unit_test(test_paths),
        cmocka_unit_test(test_limits),     cmocka_unit_test(test_rights), cmocka_unit_test(test_unconfined),
        cmocka_unit_test(test_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
