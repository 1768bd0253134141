/*
 * awk: programs in a session, each with turns of every length, and the numbers, arrays and limits
 * below them. That the answers are the reference's is for tests/shell/ to say; these are to stay as
 * they are.
 */
#include "shell/awk/array.h"
#include "shell/test-machine.h"

#include <math.h>
#include <string.h>

static struct machine *machine;
static struct shell_device *device;

struct said {
    struct buf out, err;
    int status;
};

static void output(void *context, int stream, const void *data, size_t n)
{
    struct said *s = context;
    buf_put(stream == 2 ? &s->err : &s->out, data, n);
}

static const struct shell_hook hook = { .output = output };

static void run(struct said *s, const char *command, const char *program, int64_t steps)
{
    char *const arguments[] = { (char *)(uintptr_t)program, NULL };
    struct shell_options o = {
        .device = device,
        .name = "sh",
        .command = command,
        .arguments = arguments,
        .name_argument = "sh",
        .now = INT64_C(1600000000000000),
        .seed = 1,
        .hook = &hook, .context = s,
        .limits = { .memory = 2 << 20, .steps = 1000000, .output = 1 << 18 },
    };
    struct shell *sh;
    enum shell_state state = SHELL_RUNNING;
    buf_init(&s->out, 1 << 21);
    buf_init(&s->err, 1 << 21);
    assert_int_equal(shell_make(&sh, &o), 0);
    while (state == SHELL_RUNNING)
        state = shell_run(sh, steps, o.now);
    assert_int_equal(state, SHELL_ENDED);
    s->status = shell_status(sh);
    shell_free(sh);
    buf_put(&s->out, "", 1);
    buf_put(&s->err, "", 1);
}

static void release(struct said *s)
{
    buf_release(&s->out);
    buf_release(&s->err);
}

struct row {
    const char *program, *out;
    int status;
};

static const char command[] = "printf 'a b  c\\n1:2 3\\n\\nlast' >/tmp/f; awk \"$1\" /tmp/f";

/* clang-format off */
static const struct row rows[] = {
    { "{print $2, NF}", "b 3\n3 2\n 0\n 1\n", 0 },
    { "BEGIN{print 1e6, 0.1+0.2, 1e20, 2147483648, -0, 011, 0x1A, \"0x1A\"+0}", "1000000 0.3 1e+20 2147483648 0 9 26 26\n", 0 },
    { "BEGIN{$3=\"c\"; print; print NF; NF=2; print \"[\" $0 \"]\"}", "  c\n3\n[ ]\n", 0 },
    { "END{print NR, $0}", "4 last\n", 0 },
    { "NR==1,NR==2{n++} END{print n}", "2\n", 0 },
    { "BEGIN{RS=\"\"}{print NR \":\" $1 \":\" NF}", "1:a:5\n2:last:1\n", 0 },
    { "BEGIN{FS=\":\"}{print $2}", "\n2 3\n\n\n", 0 },
    { "BEGIN{s=\"hello\"; print gsub(/l/,\"[&]\",s), s; print gensub(/(h)(e)/,\"\\\\2\\\\1\",1,s)}",
      "2 he[l][l]o\neh[l][l]o\n", 0 },
    { "BEGIN{n=split(\"b:c:a\",x,\":\"); for(k in x) s=s x[k]; print n, s}", "3 bca\n", 0 },
    { "function f(a,n){a[n]=n; return n?f(a,n-1):length(a)} BEGIN{f(q,3); for(k in q) print k}", "0\n1\n2\n3\n", 0 },
    { "BEGIN{while((\"echo x; echo y\" | getline l)>0) print \"<\" l \">\"; print close(\"nothing\")}", "<x>\n<y>\n0\n", 0 },
    { "BEGIN{print \"to cat\" | \"cat\"; r=close(\"cat\"); print r, system(\"exit 3\")}", "to cat\n0 3\n", 0 },
    { "BEGIN{printf \"%5.1f|%-4s|%04d|%x|%c%c\\n\", 3.14159, \"ab\", 42, 255, 65, \"xyz\"}", "  3.1|ab  |0042|ff|Ax\n", 0 },
    { "BEGIN{while((getline l < \"/tmp/f\")>0) n++; print n}", "4\n", 0 },
    { "BEGIN{print length(sprintf(\"%100000s\",\"x\"))}", "100000\n", 0 },
    { "BEGIN{srand(1); print rand(), srand(2)}", "0.783099 1\n", 0 },
    { "BEGIN{print strftime(\"%Y-%m-%d %H:%M:%S\"), mktime(\"2020 09 13 12 26 40\")}", "2020-09-13 12:26:40 1600000000\n", 0 },
    { "BEGIN{for(i=0;i<500;i++) a[i]; n=0; for(k in a) n+=k; print n, length(a); exit 7}", "124750 500\n", 7 },
    { "BEGIN{print 2^10, sqrt(16), int(-3.7), 7%3, and(12,10)}", "1024 4 -3 1 8\n", 0 },
    { "BEGIN{print substr(\"hello\",0), substr(\"hello\",-1,3), substr(\"hello\",2,3) toupper(\"x\"), index(\"abc\",\"c\")}",
      "hello hel ellX 3\n", 0 },
};
/* clang-format on */

static void test_programs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int64_t steps = 1; steps < 2000000; steps *= 37) {
            struct said s;
            run(&s, command, rows[i].program, steps);
            if (strcmp((char *)s.out.data, rows[i].out) != 0 || s.status != rows[i].status ||
                s.err.len > 1)
                print_error("%s\n%s%s", rows[i].program, (char *)s.out.data, (char *)s.err.data);
            assert_string_equal((char *)s.out.data, rows[i].out);
            assert_int_equal(s.status, rows[i].status);
            assert_int_equal(s.err.len, 1);
            release(&s);
        }
    }
}

/* clang-format off */
static const struct row wrong[] = {
    { "BEGIN{", "awk: cmd. line:1: Unexpected token\n", 1 },
    { "BEGIN{x=\"a}", "awk: cmd. line:1: Unexpected end of string\n", 1 },
    { "\n\nBEGIN{print 1/0}", "awk: cmd. line:3: Division by zero\n", 1 },
    { "BEGIN{f()}", "awk: cmd. line:1: Call to undefined function\n", 1 },
    { "BEGIN{print $(-1)}", "awk: cmd. line:1: Access to negative field\n", 1 },
    { "BEGIN{NF=-1}", "awk: cmd. line:1: NF set to negative value\n", 1 },
    { "BEGIN{x=\"(\"; split(\"a\",b,\"((\")}", "awk: bad regex '((': Unmatched ( or \\(\n", 1 },
    { "BEGIN{break}", "awk: cmd. line:1: 'break' not in a loop\n", 1 },
    { "BEGIN{length(1,2)}", "awk: cmd. line:1: Too many arguments\n", 1 },
    { "BEGIN{print > \"/no/where\"}", "awk: can't open '/no/where': No such file or directory\n", 1 },
    { "BEGIN{printf \"%1000000000s\", \"x\"}", "awk: out of memory\n", 1 },
    { "BEGIN{for(s=\"x\";;) s=s s}", "awk: out of memory\n", 1 },
    { "BEGIN{for(;;) a[i++]=i}", "awk: out of memory\n", 1 },
    { "function f(n){return f(n+1)} BEGIN{f(1)}", "awk: out of memory\n", 1 },
    { "BEGIN{NF=1000000000}", "awk: out of memory\n", 1 },
};
/* clang-format on */

static void test_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct said s;
        run(&s, command, wrong[i].program, 1 << 20);
        assert_string_equal((char *)s.err.data, wrong[i].out);
        assert_int_equal(s.status, wrong[i].status);
        release(&s);
    }
}

/* Nesting, loops, expressions that take long: all of it ends. */
static void test_bounds(void **state)
{
    (void)state;
    static const char *const programs[] = {
        "BEGIN{for(;;);}",
        "BEGIN{for(;;) print \"x\"}",
        "BEGIN{for(;;) system(\"\")}",
        "BEGIN{for(;;) print > (\"/tmp/\" i++)}",
        "BEGIN{for(;;) \"echo\" | getline; }",
        "BEGIN{s=sprintf(\"%20000s\",\"\"); gsub(/ .*x| /,\"yy\",s)}",
        "BEGIN{s=sprintf(\"%20000s\",\"\"); FS=\" .*x| \"; $0=s; print NF}",
        "BEGIN{s=sprintf(\"%20000s\",\"\"); print split(s,a,/ .*x| /)}",
    };
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        struct said s;
        run(&s, command, programs[i], 1 << 20);
        release(&s);
    }
    static const char *const nests[] = { "(",  "-", "$",     "!",  "a=", "1?2:",
                                         "a[", "{", "if(1)", "f(", "++" };
    for (size_t i = 0; i < sizeof nests / sizeof *nests; i++) {
        struct buf b;
        buf_init(&b, 1 << 20);
        buf_text(&b, "BEGIN{x=");
        for (int n = 0; n < 3000; n++)
            buf_text(&b, nests[i]);
        buf_put(&b, "", 1);
        struct said s;
        run(&s, command, (char *)b.data, 1 << 20);
        assert_int_equal(s.status, 1);
        release(&s);
        buf_release(&b);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
        size_t used;
    } numbers[] = {
        { "12", 12, 2 },
        { "0x1F", 31, 4 },
        { "011", 9, 3 },
        { "08", 8, 2 },
        { "01.5", 1.5, 4 },
        { "1e5x", 1e5, 3 },
        { "", 0, 0 },
        { "abc", 0, 0 },
        { "-011", -11, 4 },
        { "0x", 0, 1 },
        { "1234567890123", 1234567890123., 13 },
        { ".5", .5, 2 },
        { "0118", 118, 4 },
        { "5.", 5, 2 },
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const char *end;
        assert_true(awk_strtod(numbers[i].text, &end) == numbers[i].value);
        assert_int_equal(end - numbers[i].text, numbers[i].used);
    }
    assert_int_equal(awk_number_int(1e10), INT32_MIN);
    assert_int_equal(awk_number_int(NAN), INT32_MIN);
    assert_int_equal(awk_number_int(-3.9), -3);
    assert_true(awk_number_uint64(-1) == UINT64_MAX && awk_number_uint64(1e20) == 0);
    char digits[24];
    assert_int_equal(awk_number_whole(-9223372036854775808.0, digits), 20);
    assert_string_equal(digits, "-9223372036854775808");
}

static void __attribute__((noreturn)) exhausted(struct memory *m)
{
    (void)m;
    abort();
}

/* Buckets in turn, the newest first in each; so it stays when the table grows. */
static void test_array_order(void **state)
{
    (void)state;
    struct memory_account account = { .most = 1 << 22 };
    struct memory m = { .account = &account, .exhausted = exhausted };
    struct awk_pool pool;
    awk_pool_init(&pool, &m);
    struct awk_array *a = awk_array_make(&pool);
    static const char *const keys[] = { "z", "=", "a", "aa", "" };
    for (size_t i = 0; i < 5; i++)
        awk_array_at(&pool, a, keys[i], strlen(keys[i]));
    struct awk_walk *w = awk_walk_make(&pool, a);
    static const char *const order[] = { "", "=", "z", "a", "aa" };
    assert_int_equal(w->n, 5);
    for (size_t i = 0; i < w->n; i++)
        assert_string_equal(w->keys[i]->data, order[i]);
    awk_walk_free(&pool, w);
    for (int i = 0; i < 2000; i++) {
        char key[24];
        awk_array_at(&pool, a, key, awk_number_whole(i, key));
    }
    assert_int_equal(a->count, 2005);
    assert_int_equal(a->n_buckets, 251);
    awk_array_remove(&pool, a, "17", 2);
    assert_null(awk_array_find(&pool, a, "17", 2));
    assert_non_null(awk_array_find(&pool, a, "1999", 4));
    memory_clear(&m);
    assert_int_equal(account.used, 0);
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
        cmocka_unit_test(test_programs),    cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_bounds),      cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_array_order),
    };
    return cmocka_run_group_tests_name("shell/awk", tests, set_up, tear_down);
}
