/* Applets that start others or wait, of which the reference lacks some or which depend on the time.
 */
#include "shell/test-machine.h"

#include <string.h>

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static struct machine *machine;
static struct shell_device *device;

struct world {
    struct shell *shell;
    struct buf out, err;
    int64_t now;
};

static const int64_t START = INT64_C(1700000000000000), SECOND = 1000000;

static void output(void *context, int stream, const void *data, size_t n)
{
    struct world *w = context;
    buf_put(stream == 2 ? &w->err : &w->out, data, n);
}

static void fetch(void *context, const struct shell_fetch *what, struct shell_fetched *ret)
{
    (void)context;
    (void)what;
    *ret = (struct shell_fetched){ .answer = FETCH_UNREACHABLE };
}

static void ran(void *context, const struct shell_ran *what)
{
    (void)context;
    (void)what;
}

static const struct shell_hook hook = { .output = output, .fetch = fetch, .ran = ran };

static void begin(struct world *w, const char *command, bool terminal)
{
    *w = (struct world){ .now = START };
    buf_init(&w->out, 1 << 20);
    buf_init(&w->err, 1 << 20);
    struct shell_options o = { .device = device,
                               .name = "sh",
                               .command = command,
                               .terminal = terminal,
                               .now = w->now,
                               .seed = 1,
                               .hook = &hook, .context = w };
    assert_int_equal(shell_make(&w->shell, &o), 0);
}

static void end(struct world *w)
{
    shell_free(w->shell);
    buf_release(&w->out);
    buf_release(&w->err);
}

/* Time passes where somebody sleeps, but not more than some seconds. */
static void run_for(struct world *w, int64_t seconds)
{
    while (w->now < START + seconds * SECOND) {
        enum shell_state state = shell_run(w->shell, 1 << 20, w->now);
        if (state == SHELL_ASLEEP)
            w->now = shell_wakes(w->shell);
        else if (state != SHELL_RUNNING)
            return;
    }
}

/* clang-format off */
static const struct {
    const char *command, *out, *err;
    int64_t took; /* seconds */
} rows[] = {
    { "sleep 3; sleep 1.5 .5; usleep 1000000; echo $?", "0\n", "", 6 },
    { "timeout 5 sleep 2; echo $?", "0\n", "", 2 },
    { "timeout 2 sleep 9; echo $?", "143\n", "Terminated\n", 2 },
    { "timeout 0.2 sleep 9; echo $?", "143\n", "Terminated\n", 1 },
    { "timeout -s KILL 1 sleep 9; echo $?", "137\n", "Killed\n", 1 },
    { "timeout -k 2 1 sh -c 'trap \"\" TERM; sleep 9'; echo $?", "137\n", "Killed\n", 3 },
    { "timeout 1 sh -c 'exit 7'; echo $?; timeout 1 nosuch; echo $?; timeout -s NO 1 true; echo $?", "7\n127\n1\n",
      "timeout: can't execute 'nosuch': No such file or directory\ntimeout: unknown signal 'NO'\n", 0 },
    { "time -f '%e %E %U %P %x %C %%|' sleep 1.25; time -p sh -c 'sleep 2; exit 3'; time -f %E sleep 3725",
      "", "1.25 0m 1.25s 0.00 0% 0 sleep 1.25 |\nCommand exited with non-zero status 3\nreal 2.00\nuser 0.00\nsys 0.00\n"
      "1h 2m 05s\n", 3728 },
    { "time sh -c 'kill -9 $$'; echo $?", "9\n", "Command terminated by signal 9\nreal\t0m 0.00s\nuser\t0m 0.00s\nsys\t0m 0.00s\n", 0 },
    { "A=b; export A; printenv A NO; echo $?; printenv | while read l; do case $l in A=*) echo $l;; esac; done", "b\n1\nA=b\n", "", 0 },
    { "nice; nice -n 5 sh -c 'echo $0 $1' a b; nice -5 sh -c 'echo c'; nice -n x true; nice nosuch; echo $?", "0\na b\nc\n127\n",
      "nice: invalid number 'x'\nnice: can't execute 'nosuch': No such file or directory\n", 0 },
    { "nohup sh -c 'echo a'; nohup nosuch; echo $?", "a\n127\n", "nohup: can't execute 'nosuch': No such file or directory\n", 0 },
    { "echo 3 2 1 | xargs -n1 -P3 sh -c 'sleep $0; echo $0'", "1\n2\n3\n", "", 3 },
    { "echo 3 2 1 | xargs -n1 -P2 sh -c 'sleep $0; echo $0'", "2\n3\n1\n", "", 3 },
    { "echo a b | xargs -n1 sh -c 'sleep 1; echo $0; exit 1'; echo $?", "a\nb\n123\n", "", 2 },
    { ": >/tmp/a; : >/tmp/b; find /tmp -type f -exec sh -c 'sleep 1; echo $0' {} \\; -print; find /tmp -type f -exec sleep 1 \\; -quit",
      "/tmp/b\n/tmp/b\n/tmp/a\n/tmp/a\n", "", 3 },
    { "echo 'echo hi' | { read a; watch -n 2 $a & sleep 5; kill $!; }",
      "\033[H\033[JEvery 2.0s: echo hi                                         2023-11-14 22:13:20\n\nhi\n"
      "\033[H\033[JEvery 2.0s: echo hi                                         2023-11-14 22:13:22\n\nhi\n"
      "\033[H\033[JEvery 2.0s: echo hi                                         2023-11-14 22:13:24\n\nhi\n", "", 5 },
    { "sleep 9 | true; echo k", "k\n", "", 9 },
    { "sleep 2 & sleep 4 | false; wait; echo $?", "0\n", "", 4 },
    { "cat /etc/passwd 2>&1 >/tmp/h | cat; echo k", "k\n", "", 0 },
    { "busybox NOPE; echo $?; busybox busybox sh -c 'echo $0'; busybox --list | while read a; do echo $a; break; done",
      "127\nsh\n[\n", "NOPE: applet not found\n", 0 },
};
/* clang-format on */

static bool is(const struct buf *b, const char *s)
{
    return b->len == strlen(s) && (!b->len || !memcmp(b->data, s, b->len));
}

static void others_are_started(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct world w;
        begin(&w, rows[i].command, false);
        run_for(&w, 10000);
        if (!is(&w.out, rows[i].out) || !is(&w.err, rows[i].err) ||
            (w.now - START) / SECOND != rows[i].took)
            fail_msg("%s\n--- out\n%.*s--- err\n%.*s--- %d s", rows[i].command, (int)w.out.len,
                     (char *)w.out.data, (int)w.err.len, (char *)w.err.data,
                     (int)((w.now - START) / SECOND));
        end(&w);
    }
}

static void type(struct world *w, const char *s)
{
    assert_int_equal(shell_input(w->shell, s, strlen(s)), 0);
    run_for(w, 1000);
}

/* On a terminal nohup writes to its file, and xargs -p asks. */
static void terminals_are_asked(void **state)
{
    (void)state;
    struct world w;
    begin(&w, NULL, true);
    run_for(&w, 10);
    buf_reset(&w.out);
    buf_reset(&w.err);
    type(&w, "PS1=; cd /tmp; nohup echo a b; cat nohup.out\n");
    assert_true(is(&w.out, "a b\n"));
    assert_true(is(&w.err, "nohup: appending output to nohup.out\n"));
    buf_reset(&w.out);
    buf_reset(&w.err);
    type(&w, "mknod /dev/tty c 5 0; echo a b c | xargs -p -n1 echo\n");
    assert_true(is(&w.err, "echo a ?..."));
    type(&w, "y\n");
    type(&w, "n\n");
    type(&w, "Yes\n");
    assert_true(is(&w.out, "a\nc\n"));
    assert_true(is(&w.err, "echo a ?...echo b ?...echo c ?..."));
    end(&w);
}

static int setup(void **state)
{
    (void)state;
    int e = test_machine(&machine);
    return e ? e : shell_device_make(&device, machine);
}

static int teardown(void **state)
{
    (void)state;
    shell_device_free(device);
    machine_free(machine);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_are_started),
        cmocka_unit_test(terminals_are_asked),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
