/*
 * Programs and workers as they are started. The program is this test itself, which sees by a
 * variable of the environment that it is the child, and tells over descriptor 3 what it found.
 */
#include "main/worker.h"

#include "base/own.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#define CHILD "TEITEN_TEST_PROGRAM"

enum { CHANNEL = 3, FIRST = 3, FEW = 40, HANDED = 8 };

/* ---- the child ---- */

/* Whether the inherited descriptors are 0 to `last` and no other. */
static bool has_only(int last)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;
    bool good = d != NULL;
    for (const struct dirent *e; d && (e = readdir(d));) {
        int fd = atoi(e->d_name);
        if (e->d_name[0] == '.' || fd == dirfd(d))
            continue;
        good &= fd <= last;
        n++;
    }
    if (d)
        closedir(d);
    return good && n == last + 1;
}

/* Each descriptor from `first` on is a file that holds its own number. */
static bool holds_numbers(int first, int last)
{
    for (int fd = first; fd <= last; fd++) {
        char text[16] = "";
        if (pread(fd, text, sizeof text - 1, 0) <= 0 || atoi(text) != fd)
            return false;
    }
    return true;
}

static bool ignores(int signal_number)
{
    struct sigaction a;
    return sigaction(signal_number, NULL, &a) == 0 && a.sa_handler == SIG_IGN;
}

/* "good", or what was wrong, to descriptor `channel`. */
static void child_report(int argc, char **argv, int channel, int last)
{
    const char *text = "good";
    if (argc != 1 || strcmp(argv[0], "test-program") != 0)
        text = "arguments";
    else if (!has_only(last))
        text = "descriptors";
    else if (!holds_numbers(channel + 1, last))
        text = "order";
    else if (!ignores(SIGINT) || !ignores(SIGTERM) || !ignores(SIGHUP))
        text = "signals";
    else if (getenv("TEITEN_TEST_OTHER"))
        text = "environment";
    else if (!getenv("TZ") || strcmp(getenv("TZ"), "UTC") != 0)
        text = "zone";
    else if (getenv("LD_PRELOAD"))
        text = "good, preloaded";
    (void)!write(channel, text, strlen(text));
}

/* Sends back every record until the other side ends. */
static int child_echo(void)
{
    struct channel c;
    uint8_t type;
    struct rd r;
    channel_init(&c, CHANNEL);
    while (channel_fill(&c) == 1)
        while (channel_next(&c, &type, &r) == 1) {
            size_t begun = channel_begin(&c, type);
            buf_put(&c.out, r.p, rd_left(&r));
            if (channel_end(&c, begun) || channel_flush(&c))
                return 1;
        }
    channel_release(&c);
    return 0;
}

static int child(int argc, char **argv, const char *how)
{
    if (strcmp(how, "echo") == 0)
        return child_echo();
    if (strcmp(how, "fail") == 0)
        return 3;
    if (strcmp(how, "sleep") == 0)
        for (;;)
            pause();
    child_report(argc, argv, CHANNEL, atoi(how));
    return 0;
}

/* ---- the parent ---- */

static void open_self(struct program *p, const char *how)
{
    setenv(CHILD, how, 1);
    assert_int_equal(program_open(p, "test-program"), 0);
    assert_true(fcntl(p->fd, F_GETFD) & FD_CLOEXEC);
}

/* A file that holds a number. */
static int number_file(int number)
{
    char text[16];
    int fd = memfd_create("number", MFD_CLOEXEC);
    assert_true(fd >= 0);
    int n = snprintf(text, sizeof text, "%d", number);
    assert_int_equal(write(fd, text, (size_t)n), n);
    return fd;
}

/* Starts it with a pipe and `n` - 1 files; it tells what it found. */
static void check_start(size_t n)
{
    struct program p;
    char last[8], text[32] = "";
    int fd[PROGRAM_FDS], pipes[2], status;
    pid_t pid;
    snprintf(last, sizeof last, "%d", FIRST + (int)n - 1);
    open_self(&p, last);
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    fd[0] = pipes[1];
    for (size_t i = 1; i < n; i++)
        fd[i] = number_file(FIRST + (int)i);
    assert_int_equal(program_start(&p, fd, n, false, &pid), 0);
    for (size_t i = 0; i < n; i++) {
        assert_true(fcntl(fd[i], F_GETFD) & FD_CLOEXEC); /* ours are as they were */
        close(fd[i]);
    }
    assert_true(read(pipes[0], text, sizeof text - 1) >= 0);
    assert_string_equal(text, "good");
    close(pipes[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    program_close(&p);
    program_close(&p);
}

static void it_has_what_it_was_handed(void **state)
{
    (void)state;
    /* Others that must not come along: one closes on exec, two do not. */
    int cloexec = open("/dev/null", O_RDONLY | O_CLOEXEC), open_ = open("/dev/null", O_RDONLY);
    int high = fcntl(open_, F_DUPFD, 30);
    assert_true(cloexec >= 0 && open_ >= 0 && high >= 30);
    for (size_t n = 1; n <= PROGRAM_FDS; n++)
        check_start(n);
    close(cloexec);
    close(open_);
    close(high);
}

static void a_few_files_are_enough(void **state)
{
    (void)state;
    struct rlimit was;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    struct rlimit few = { FEW, was.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    check_start(HANDED);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
}

/* The same file twice, and descriptors that stand where others are to go. */
static void order_is_kept(void **state)
{
    struct program p;
    int pipes[2], status;
    pid_t pid;
    char text[32] = "";
    (void)state;
    open_self(&p, "5");
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    int five = number_file(5), four = number_file(4);
    int at4 = fcntl(five, F_DUPFD_CLOEXEC, 4), at5 = fcntl(four, F_DUPFD_CLOEXEC, 5);
    const int fd[] = { pipes[1], at5, at4 };
    assert_int_equal(program_start(&p, fd, 3, false, &pid), 0);
    close(pipes[1]);
    assert_true(read(pipes[0], text, sizeof text - 1) >= 0);
    assert_string_equal(text, "good");
    assert_int_equal(waitpid(pid, &status, 0), pid);
    const int all[] = { pipes[0], five, four, at4, at5 };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        close(all[i]);
    program_close(&p);
}

/* Something to be loaded comes along where there is nothing to be had by it. */
static void rights_load_nothing(void **state)
{
    (void)state;
    for (int rights = 0; rights < 2; rights++) {
        struct program p;
        int pipes[2], status;
        pid_t pid;
        char text[32] = "";
        setenv("LD_PRELOAD", "", 1);
        open_self(&p, "3");
        assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
        assert_int_equal(program_start(&p, &pipes[1], 1, rights, &pid), 0);
        unsetenv("LD_PRELOAD");
        close(pipes[1]);
        assert_true(read(pipes[0], text, sizeof text - 1) >= 0);
        assert_string_equal(text, rights ? "good" : "good, preloaded");
        assert_int_equal(waitpid(pid, &status, 0), pid);
        close(pipes[0]);
        program_close(&p);
    }
}

static void trouble_is_told(void **state)
{
    struct program p;
    int fd[PROGRAM_FDS + 1] = { 0 }, status;
    pid_t pid = -1;
    (void)state;
    assert_int_equal(program_open(&p, "teiten-nosuch"), -ENOENT);
    assert_int_equal(p.fd, -1);
    program_close(&p);
    open_self(&p, "fail");
    assert_int_equal(program_start(&p, fd, PROGRAM_FDS + 1, false, &pid), -EINVAL);
    assert_int_equal(pid, -1);
    fd[0] = 900; /* not open: the child ends */
    assert_int_equal(program_start(&p, fd, 1, false, &pid), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 127);
    program_close(&p);
}

/* ---- workers ---- */

static void a_worker_is_spoken_to(void **state)
{
    struct program p;
    struct worker w;
    uint8_t type = 0;
    struct rd r;
    int got = 0;
    (void)state;
    open_self(&p, "echo");
    assert_int_equal(worker_start(&w, &p, NULL, 0), 0);
    size_t begun = channel_begin(&w.channel, 7);
    buf_put(&w.channel.out, "hello", 5);
    assert_int_equal(channel_end(&w.channel, begun), 0);
    assert_int_equal(channel_flush(&w.channel), 0);
    while (got == 0 && channel_fill(&w.channel) == 1)
        got = channel_next(&w.channel, &type, &r);
    assert_int_equal(got, 1);
    assert_int_equal(type, 7);
    assert_int_equal(rd_left(&r), 5);
    assert_memory_equal(r.p, "hello", 5);
    assert_int_equal(worker_end(&w, 5000), 0);
    assert_int_equal(w.pid, 0);
    program_close(&p);
}

static void a_worker_has_its_channel_and_files(void **state)
{
    struct program p;
    struct worker w;
    (void)state;
    open_self(&p, "5");
    const int fd[] = { number_file(4), number_file(5) };
    assert_int_equal(worker_start(&w, &p, fd, 2), 0);
    while (channel_fill(&w.channel) == 1)
        ;
    assert_int_equal(w.channel.in.len, 4);
    assert_memory_equal(w.channel.in.data, "good", 4);
    assert_int_equal(worker_end(&w, 5000), 0);
    close(fd[0]);
    close(fd[1]);
    program_close(&p);
}

static void how_it_ended_is_told(void **state)
{
    struct program p;
    struct worker w;
    (void)state;
    open_self(&p, "fail");
    assert_int_equal(worker_start(&w, &p, NULL, 0), 0);
    assert_int_not_equal(worker_end(&w, 5000), 0);
    assert_int_equal(worker_end(&w, 5000), 0); /* there is none */

    setenv(CHILD, "sleep", 1);
    assert_int_equal(worker_start(&w, &p, NULL, 0), 0);
    worker_kill(&w);
    assert_int_equal(w.pid, 0);
    int many[PROGRAM_FDS] = { 0 };
    assert_int_equal(worker_start(&w, &p, many, PROGRAM_FDS), -EINVAL);
    program_close(&p);
}

int main(int argc, char **argv)
{
    const char *how = getenv(CHILD);
    if (how)
        return child(argc, argv, how);
    setenv("TEITEN_TEST_OTHER", "1", 1);
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_what_it_was_handed),
        cmocka_unit_test(a_few_files_are_enough),
        cmocka_unit_test(order_is_kept),
        cmocka_unit_test(rights_load_nothing),
        cmocka_unit_test(trouble_is_told),
        cmocka_unit_test(a_worker_is_spoken_to),
        cmocka_unit_test(a_worker_has_its_channel_and_files),
        cmocka_unit_test(how_it_ended_is_told),
    };
    return cmocka_run_group_tests_name("main/program", tests, NULL, NULL);
}
