/*
 * Starts a program that confines itself and tries something, and says how it ended, in one line.
 *
 * usage: confine-probe list
 *        confine-probe [inside] sense|bare ATTEMPT    (siblings of teiten-sense; inside: below the supervisor)
 *        confine-probe [inside] trap ATTEMPT          (of teiten-trap, with the personas in ./personas)
 *        confine-probe keeper|claimer|supervisor|triage|dial|fetch ATTEMPT   (a child that enters with their tables)
 *        confine-probe real-keeper ATTEMPT            (a sibling of teiten-keeper)
 *        confine-probe start N                        (starts a confined teiten-sense N times: milliseconds each)
 *
 * Answers: "confined FLAGS: works", "confined FLAGS: errno N", "confined FLAGS: signal N"; FLAGS are those of
 * base/confine.h, - where the program ended before it told.
 */
#include "attempts.h"

#include "base/confine.h"
#include "base/time.h"
#include "event/record-trap.h"
#include "main/worker.h"
#include "trap/budget.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_TOLD = -1, INPUT = 4 };

static _Noreturn void fail(const char *what, int err)
{
    fprintf(stderr, "confine-probe: %s: %s\n", what, strerror(err < 0 ? -err : err));
    exit(2);
}

static void say_end(int confined, int status)
{
    if (confined == NOT_TOLD)
        printf("confined -: ");
    else
        printf("confined %d: ", confined);
    if (WIFSIGNALED(status))
        printf("signal %d\n", WTERMSIG(status));
    else if (WEXITSTATUS(status))
        printf("errno %d\n", WEXITSTATUS(status));
    else
        printf("works\n");
}

/* ---- siblings of workers ---- */

static void start_sense(struct worker *w, const char *program)
{
    static struct setup setup;
    int fd[2] = { open("/dev/null", O_RDWR | O_CLOEXEC), open("/dev/null", O_RDONLY | O_CLOEXEC) };
    struct program p;
    int err = program_open(&p, program);
    if (!err)
        err = worker_start(w, &p, fd, 2);
    if (!err)
        err = record_put_setup(&w->channel, &setup);
    if (!err)
        err = channel_flush(&w->channel);
    if (err)
        fail(program, err);
    program_close(&p);
    close(fd[0]);
    close(fd[1]);
}

static int budget = -1; /* the table, which the keeper makes: a supervisor may not */

static void start_trap(struct worker *w, const char *program)
{
    static const struct trap_setup setup = { .memory = 64 << 20, .total = 10 };
    int fd[2] = { open("personas", O_PATH | O_DIRECTORY | O_CLOEXEC), budget };
    struct program p;
    int err = fd[0] < 0 ? -errno : program_open(&p, program);
    if (!err)
        err = worker_start(w, &p, fd, 2);
    if (!err)
        err = record_put_trap_setup(&w->channel, &setup);
    if (!err)
        err = record_put_ready(&w->channel, &(struct record_ready){ 0 });
    if (!err)
        err = channel_flush(&w->channel);
    if (err)
        fail(program, err);
    program_close(&p);
    close(fd[0]);
}

/* What its first record says. */
static int read_ready(struct worker *w)
{
    uint8_t type;
    struct rd r;
    struct record_ready ready;
    int got;
    while ((got = channel_next(&w->channel, &type, &r)) == 0)
        if (channel_fill(&w->channel) <= 0)
            return NOT_TOLD;
    return got == 1 && type == RECORD_READY && record_get_ready(r, &ready) == 0 ? (int)ready.confined
                                                                                : NOT_TOLD;
}

static int try_worker(void (*start)(struct worker *w, const char *program), const char *program, const char *name)
{
    struct worker w;
    int status;
    setenv("TEITEN_PROBE", name, 1);
    start(&w, program);
    int confined = read_ready(&w);
    while (waitpid(w.pid, &status, 0) < 0)
        ;
    say_end(confined, status);
    return 0;
}

/* ---- programs that are tried in a child ---- */

static unsigned enter(enum confine_program program)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    *(strrchr(self, '/') ? strrchr(self, '/') : self) = '\0';
    const struct confine_path paths[] = {
        { self, CONFINE_EXECUTE },   { "/usr/lib", CONFINE_EXECUTE },     { "/lib", CONFINE_EXECUTE },
        { "/lib64", CONFINE_EXECUTE }, { "/etc/ld.so.cache", CONFINE_READ }, { "/dev/null", CONFINE_WRITE },
        { ".", CONFINE_WRITE },      { "/proc", CONFINE_READ },             { "/teiten-is-not-here", CONFINE_READ },
    };
    bool has_paths = program == CONFINE_SUPERVISOR;
    unsigned confined;
    int err = confine_enter(program, paths, has_paths ? sizeof paths / sizeof paths[0] : 0, 0, &confined);
    if (err)
        fail("confine_enter", err);
    return confined;
}

/* In the child the channel has its number, and something that could be sent on has the input's. */
static int try_program(enum confine_program program, const char *name)
{
    int pair[2], status;
    unsigned *told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (told == MAP_FAILED || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
        fail("socketpair", errno);
    fcntl(pair[0], F_DUPFD, 10);
    pid_t pid = fork();
    if (pid == 0) {
        if (dup2(pair[1], CONFINE_CHANNEL) < 0 || dup2(pair[1], INPUT) < 0)
            _exit(ATTEMPT_UNKNOWN);
        *told = enter(program);
        _exit(attempt(name));
    }
    while (waitpid(pid, &status, 0) < 0)
        ;
    say_end((int)*told, status);
    return 0;
}

static int try_keeper(const char *name)
{
    struct program p;
    int pair[2], status;
    pid_t pid;
    setenv("TEITEN_PROBE", name, 1);
    int err = program_open(&p, "teiten-keeper-probe");
    if (!err && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        err = -errno;
    if (!err)
        err = program_start(&p, (int[]){ pair[1], pair[1] }, 2, true, &pid);
    if (err)
        fail("teiten-keeper-probe", err);
    while (waitpid(pid, &status, 0) < 0)
        ;
    say_end(NOT_TOLD, status);
    return 0;
}

/* ---- what it costs ---- */

/* From its start to its first record; with pauses, since the kernel takes namespaces down behind one's back. */
static int measure(long n)
{
    enum { PAUSE_US = 30000 };
    int confined = 0;
    uint64_t sum = 0;
    for (long i = 0; i < n; i++) {
        struct worker w;
        uint64_t start = time_mono();
        start_sense(&w, "teiten-sense");
        confined = read_ready(&w);
        sum += time_mono() - start;
        worker_end(&w, 5000);
        usleep(PAUSE_US);
    }
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    double cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
                 (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
    printf("confined %d: %.2f ms until ready, %.2f ms of a processor for a whole life\n", confined,
           (double)sum / 1e6 / (double)n, cpu / (double)n);
    return 0;
}

int main(int argc, char **argv)
{
    bool inside = argc > 1 && strcmp(argv[1], "inside") == 0;
    const char *what = argc > 1 + inside ? argv[1 + inside] : "", *name = argc > 2 + inside ? argv[2 + inside] : "";
    if (strcmp(what, "list") == 0)
        return attempts_list(), 0;
    if (strcmp(what, "trap") == 0) {
        budget = memfd_create("budget", MFD_CLOEXEC);
        if (budget < 0 || ftruncate(budget, (off_t)BUDGET_BYTES) < 0)
            fail("the table of budgets", -errno);
    }
    if (inside)
        (void)enter(CONFINE_SUPERVISOR);
    if (strcmp(what, "sense") == 0)
        return try_worker(start_sense, "teiten-sense-probe", name);
    if (strcmp(what, "bare") == 0)
        return try_worker(start_sense, "teiten-sense-bare", name);
    if (strcmp(what, "trap") == 0)
        return try_worker(start_trap, "teiten-trap-probe", name);
    if (strcmp(what, "keeper") == 0)
        return try_program(CONFINE_KEEPER, name);
    if (strcmp(what, "claimer") == 0)
        return try_program(CONFINE_CLAIMER, name);
    if (strcmp(what, "real-keeper") == 0)
        return try_keeper(name);
    if (strcmp(what, "supervisor") == 0)
        return try_program(CONFINE_SUPERVISOR, name);
    if (strcmp(what, "triage") == 0)
        return try_program(CONFINE_TRIAGE, name);
    if (strcmp(what, "dial") == 0)
        return try_program(CONFINE_DIAL, name);
    if (strcmp(what, "fetch") == 0)
        return try_program(CONFINE_FETCH, name);
    if (strcmp(what, "start") == 0)
        return measure(atol(name));
    fprintf(stderr, "usage: confine-probe [inside] sense|bare|trap|keeper|claimer|real-keeper|supervisor|triage|dial|fetch ATTEMPT | start N | list\n");
    return 2;
}
