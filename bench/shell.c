/*
 * How fast the emulated shell is: sessions begun, commands run, bytes held, and what becomes of
 * scripts that are meant to harm.
 *
 *   bench-shell MACHINE start [N]     microseconds to begin and end a session, of N (200000)
 *   bench-shell MACHINE idle [N]      bytes held at the prompt, and after one small file, of N (2000)
 *   bench-shell MACHINE run SCRIPT    one script: seconds, largest memory, bytes said, status
 *
 * One line of words parted by blanks each. The clock of a session is its own: a sleep takes no time.
 */
#include "base/own.h"
#include "shell/shell.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TURN = 100000 };

struct run {
    uint64_t said;
    size_t most;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bench-shell: %s\n", what);
    exit(1);
}

static int64_t microseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void count_output(void *context, int stream, const void *data, size_t n)
{
    (void)stream;
    (void)data;
    ((struct run *)context)->said += n;
}

static void find_nothing(void *context, const struct shell_fetch *what, struct shell_fetched *ret)
{
    (void)context;
    (void)what;
    ret->answer = FETCH_UNREACHABLE;
}

static void run_nothing(void *context, const struct shell_ran *what)
{
    (void)context;
    (void)what;
}

static const struct shell_hook hook = { .output = count_output, .fetch = find_nothing, .ran = run_nothing };

static struct shell *begin(const struct shell_device *device, struct run *run, const char *command)
{
    struct shell_options options = {
        .device = device,
        .hook = &hook, .context = run,
        .name = "sh",
        .command = command,
        .terminal = !command,
        .now = INT64_C(1700000000000000),
        .seed = 1,
    };
    struct shell *sh;
    if (shell_make(&sh, &options) < 0)
        die("no session");
    return sh;
}

/* Until it waits for input or has ended. */
static void go(struct shell *sh, struct run *run)
{
    int64_t now = INT64_C(1700000000000000);
    for (;;) {
        enum shell_state state = shell_run(sh, TURN, now);
        size_t memory = shell_memory(sh);
        if (memory > run->most)
            run->most = memory;
        if (state == SHELL_ENDED || state == SHELL_INPUT)
            return;
        if (state == SHELL_ASLEEP && shell_wakes(sh) > now)
            now = shell_wakes(sh);
        if (state == SHELL_FETCHING)
            shell_wake(sh);
    }
}

static void bench_start(const struct shell_device *device, size_t n)
{
    struct run run = { 0 };
    int64_t begun = microseconds();
    for (size_t i = 0; i < n; i++)
        shell_free(begin(device, &run, NULL));
    int64_t made = microseconds();
    for (size_t i = 0; i < n; i++) {
        struct shell *sh = begin(device, &run, NULL);
        go(sh, &run);
        shell_free(sh);
    }
    int64_t prompted = microseconds();
    printf("start make_us %.3f prompt_us %.3f\n", (double)(made - begun) / (double)n,
           (double)(prompted - made) / (double)n);
}

static double held(void)
{
    return (double)mallinfo2().uordblks;
}

static void bench_idle(const struct shell_device *device, size_t n)
{
    static const char line[] = "echo hello > /tmp/x\n";
    struct run run = { 0 };
    auto_free struct shell **all = calloc(n, sizeof *all);
    if (!all)
        die("no memory");
    double before = held();
    for (size_t i = 0; i < n; i++) {
        all[i] = begin(device, &run, NULL);
        go(all[i], &run);
    }
    double idle = held();
    for (size_t i = 0; i < n; i++) {
        if (shell_input(all[i], line, strlen(line)) < 0)
            die("no input");
        go(all[i], &run);
    }
    double wrote = held();
    printf("idle malloc_bytes %.0f told_bytes %zu after_file_malloc_bytes %.0f\n",
           (idle - before) / (double)n, shell_memory(all[0]), (wrote - before) / (double)n);
    for (size_t i = 0; i < n; i++)
        shell_free(all[i]);
}

static void bench_run(const struct shell_device *device, const char *script)
{
    struct run run = { 0 };
    int64_t begun = microseconds();
    struct shell *sh = begin(device, &run, script);
    shell_input_end(sh);
    go(sh, &run);
    double seconds = (double)(microseconds() - begun) / 1e6;
    printf("run seconds %.3f memory_kb %zu said %" PRIu64 " status %d\n", seconds, run.most / 1024,
           run.said, shell_status(sh));
    shell_free(sh);
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: bench-shell MACHINE start|idle [N] | run SCRIPT\n");
        return 2;
    }
    struct machine *machine;
    struct shell_device *device;
    char why[200] = "";
    if (machine_load(&machine, argv[1], why))
        die(*why ? why : "the machine cannot be loaded");
    if (shell_device_make(&device, machine) < 0)
        die("no device");
    size_t n = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    if (!strcmp(argv[2], "start"))
        bench_start(device, n ? n : 200000);
    else if (!strcmp(argv[2], "idle"))
        bench_idle(device, n ? n : 2000);
    else if (!strcmp(argv[2], "run") && argc == 4)
        bench_run(device, argv[3]);
    else
        die("start, idle or run");
    shell_device_free(device);
    machine_free(machine);
    return 0;
}
