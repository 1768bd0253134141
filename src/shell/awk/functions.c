/* The functions of awk. */
#include "shell/awk/run.h"
#include "shell/applets/date-time.h"
#include "shell/awk/builtin.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* A text ends at a NUL, as those of the reference do. */
static struct awk_value text_value(struct awk *a, struct text *t)
{
    struct awk_value v =
        value_string(awk_str_make(&a->pool, t->data, t->data ? strlen(t->data) : 0));
    text_release(t);
    return v;
}

static double bits(enum awk_builtin which, uint64_t l, uint64_t r)
{
    switch (which) {
    case B_AND:
        return (double)(l & r);
    case B_OR:
        return (double)(l | r);
    case B_XOR:
        return (double)(l ^ r);
    case B_LSHIFT:
        return (double)(l << (r & 63));
    default:
        return (double)(l >> (r & 63));
    }
}

static double mathematics(struct awk *a, enum awk_builtin which, double x, double y)
{
    if (!proc_machine(a->p)->awk_math)
        awk_fail(a, "Math support is not compiled in");
    switch (which) {
    case B_ATAN2:
        return atan2(x, y);
    case B_COS:
        return cos(x);
    case B_EXP:
        return exp(x);
    case B_LOG:
        return log(x);
    case B_SIN:
        return sin(x);
    default:
        return sqrt(x);
    }
}

/* random() of the reference's C library: the additive feedback generator r[i] = r[i-3] + r[i-31],
 * with its first 310 numbers thrown away. */
static uint32_t random_next(struct awk *a)
{
    uint32_t *r = a->random;
    unsigned i = a->random_at;
    uint32_t v = r[i % 31] + r[(i + 28) % 31];
    r[i % 31] = v;
    a->random_at = (i + 1) % 31;
    return v >> 1;
}

static void random_seed(struct awk *a, uint32_t seed)
{
    a->seed = seed;
    int64_t word = seed ? seed : 1;
    a->random[0] = (uint32_t)word;
    word = (int32_t)word;
    for (size_t i = 1; i < 31; i++) {
        word = 16807 * word % 2147483647;
        word += word < 0 ? 2147483647 : 0;
        a->random[i] = (uint32_t)word;
    }
    a->random_at = 34 % 31; /* the three before it are the first three again */
    for (int i = 0; i < 310; i++)
        random_next(a);
    a->random_made = true;
}

/* 63 bits of three numbers, as the reference makes them. */
double awk_random(struct awk *a)
{
    if (!a->random_made)
        random_seed(a, a->seed);
    uint32_t x = random_next(a), y = random_next(a), z = random_next(a);
    return (double)((uint64_t)z << 32 | (uint32_t)(x << 16 ^ y)) / 9223372036854775808.0;
}

static double seed(struct awk *a, const struct awk_code *k, struct awk_value *args)
{
    double before = a->seed;
    random_seed(a, k->n ? (uint32_t)awk_number_uint64(value_num(&args[0]))
                        : (uint32_t)(proc_now(a->p) / 1000000));
    return before;
}

/* Positions before the text count for nothing, and take nothing off the length. */
static struct awk_value part(struct awk *a, const struct awk_code *k, struct awk_value *args)
{
    struct awk_str *s = awk_str_of(a, &args[0]);
    int64_t from = (int64_t)awk_number_int(value_num(&args[1])) - 1, len = s->len;
    int64_t n = k->n > 2 ? awk_number_int(value_num(&args[2])) : len;
    from = from < 0 ? 0 : from > len ? len : from;
    n = n < 0 ? 0 : n > len - from ? len - from : n;
    struct awk_value v = value_string(awk_str_make(&a->pool, s->data + from, (size_t)n));
    str_drop(&a->pool, s);
    return v;
}

static const char *find_bytes(const struct awk_str *s, const struct awk_str *what, bool any_case)
{
    return any_case ? strcasestr(s->data, what->data)
                    : memmem(s->data, s->len, what->data, what->len);
}

static double position(struct awk *a, struct awk_value *args)
{
    struct awk_str *s = awk_str_of(a, &args[0]), *what = awk_str_of(a, &args[1]);
    const char *at =
        what->len ? find_bytes(s, what, value_num(&a->globals[V_IGNORECASE].value) != 0) : NULL;
    double d = at ? (double)(at - s->data) + 1 : 0;
    a->steps -= s->len / 16;
    str_drop(&a->pool, s);
    str_drop(&a->pool, what);
    return d;
}

static double match(struct awk *a, struct awk_value *args)
{
    struct awk_str *s = awk_str_of(a, &args[0]);
    struct regex_span spans[REGEX_GROUPS];
    double start = 0, n = -1;
    if (awk_regex_find(a, awk_regex_of(a, &args[1]), s->data, s->len, false, spans)) {
        start = (double)spans[0].start + 1;
        n = (double)(spans[0].end - spans[0].start);
    }
    str_drop(&a->pool, s);
    awk_set_variable(a, VAR_GLOBAL(a->rstart), value_number(start));
    awk_set_variable(a, VAR_GLOBAL(a->rlength), value_number(n));
    return start;
}

static struct awk_value change_case(struct awk *a, struct awk_value *v, bool up)
{
    struct awk_str *s = awk_str_of(a, v), *to = awk_str_room(&a->pool, s->len);
    for (size_t i = 0; i < s->len; i++) {
        char c = s->data[i];
        bool other = up ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z';
        to->data[i] = other ? (char)(c ^ 0x20) : c;
    }
    a->steps -= s->len / 16;
    str_drop(&a->pool, s);
    return value_string(to);
}

static double length(struct awk *a, const struct awk_code *k, struct awk_value *args)
{
    struct awk_value whole = k->n ? value_keep(&args[0]) : awk_record_get(a);
    struct awk_str *s = awk_str_of(a, &whole);
    double n = s->len;
    str_drop(&a->pool, s);
    value_drop(&a->pool, &whole);
    return n;
}

/* The separator that split() was given, or FS. */
static void split_by(struct awk *a, const struct awk_code *k, struct awk_value *args,
                     struct awk_splitter *by)
{
    *by = a->fields_by;
    if (k->n < 2)
        return;
    if (args[1].kind == AWK_REGEX) {
        *by = (struct awk_splitter){ .kind = SPLIT_REGEX };
        by->regex = awk_regex_program(a, args[1].origin);
        return;
    }
    struct awk_str *s = awk_str_of(a, &args[1]);
    awk_splitter_make(a, by, s);
    str_drop(&a->pool, s);
}

static enum awk_wait split(struct awk *a, const struct awk_code *k, struct awk_value *args,
                           struct awk_value *ret)
{
    struct awk_job *j = &a->job;
    struct awk_splitter by;
    split_by(a, k, args, &by);
    struct awk_array *to = awk_array_of(a, (uint32_t)k->b);
    if (!j->active) {
        *j = (struct awk_job){ .active = true };
        awk_array_clear(&a->pool, to);
    }
    struct awk_str *s = awk_str_of(a, &args[0]);
    size_t start, end;
    int more;
    while ((more = awk_split_next(a, &by, &j->split, s->data, s->len, &start, &end)) > 0) {
        char digits[24];
        size_t n = awk_number_whole((double)++j->count, digits);
        awk_array_set(&a->pool, to, digits, n,
                      value_user(awk_str_make(&a->pool, s->data + start, end - start)));
    }
    str_drop(&a->pool, s);
    if (more < 0)
        return AWK_AGAIN;
    j->active = false;
    *ret = value_number((double)j->count);
    return AWK_GO;
}

static enum awk_wait general_substitute(struct awk *a, const struct awk_code *k,
                                        struct awk_value *args, struct awk_value *ret)
{
    struct awk_value whole = k->n > 3 ? value_keep(&args[3]) : awk_record_get(a);
    struct awk_str *with = awk_str_of(a, &args[1]), *text = awk_str_of(a, &whole);
    int which = awk_number_int(value_num(&args[2]));
    bool done = awk_substitute(a, awk_regex_of(a, &args[0]), with, text,
                               which > 0 ? (size_t)which : 0, true);
    str_drop(&a->pool, with);
    str_drop(&a->pool, text);
    value_drop(&a->pool, &whole);
    if (!done)
        return AWK_AGAIN;
    *ret = text_value(a, &a->job.out);
    return AWK_GO;
}

static struct awk_value format_time(struct awk *a, const struct awk_code *k, struct awk_value *args)
{
    struct awk_str *format =
        k->n ? awk_str_of(a, &args[0]) : awk_str_make(&a->pool, "%a %b %e %H:%M:%S %Z %Y", 23);
    int64_t when = k->n > 1 ? awk_number_int64(value_num(&args[1])) : proc_now(a->p) / 1000000;
    struct date_zone zone;
    struct date_time t;
    struct text to = text_of(a->m);
    date_zone_read(&zone, proc_getenv(a->p, "TZ"));
    if (date_break(&zone, when, &t))
        date_format(&to, format->data, &t);
    str_drop(&a->pool, format);
    return text_value(a, &to);
}

/* "YYYY MM DD HH MM SS [DST]" */
static double make_time(struct awk *a, const struct awk_code *k, struct awk_value *args)
{
    if (k->n == 0)
        return -1;
    struct awk_str *s = awk_str_of(a, &args[0]);
    const char *at = s->data;
    int64_t parts[7] = { 0, 0, 0, 0, 0, 0, -1 };
    int n = 0;
    for (int64_t v; n < 7 && date_number(&at, &v); n++)
        parts[n] = v;
    str_drop(&a->pool, s);
    struct date_zone zone;
    date_zone_read(&zone, proc_getenv(a->p, "TZ"));
    int64_t when;
    if (n < 6 || parts[0] < 1900 || !date_make(&zone, parts, (int)parts[6], &when))
        return -1;
    return (double)(int32_t)when;
}

static enum awk_wait run_system(struct awk *a, struct awk_value *args, double *ret)
{
    struct awk_job *j = &a->job;
    if (!j->active) {
        awk_stream_settle(a);
        struct awk_str *command = awk_str_of(a, &args[0]);
        int pid = proc_spawn_shell(a->p, command->data, -1, -1);
        str_drop(&a->pool, command);
        if (pid < 0) {
            *ret = 127;
            return AWK_GO;
        }
        *j = (struct awk_job){ .active = true, .count = (size_t)pid };
    }
    uint32_t pid;
    int by_signal = 0, status = proc_wait(a->p, (uint32_t)j->count, &pid, &by_signal);
    if (status == -EAGAIN)
        return AWK_CHILD;
    j->active = false;
    *ret = by_signal ? 0 : status;
    return AWK_GO;
}

static enum awk_wait close_stream(struct awk *a, struct awk_value *args, double *ret)
{
    struct awk_str *name = awk_str_of(a, &args[0]);
    struct awk_stream *s = awk_stream_find(a, name);
    str_drop(&a->pool, name);
    int status = 0;
    enum awk_wait w = s ? awk_stream_close(a, s, &status) : AWK_GO;
    *ret = status;
    return w;
}

/* Everything is flushed already, but for who is told of it. */
static double flush(struct awk *a, const struct awk_code *k, struct awk_value *args)
{
    awk_stream_settle(a);
    if (k->n == 0)
        return 0;
    struct awk_str *name = awk_str_of(a, &args[0]);
    bool known = name->len == 0 || awk_stream_find(a, name);
    str_drop(&a->pool, name);
    return known ? 0 : -1;
}

static struct awk_value print_text(struct awk *a, const struct awk_code *k, struct awk_value *args)
{
    struct text to = text_of(a->m);
    if (k->n) {
        struct awk_str *format = awk_str_of(a, &args[0]);
        awk_format_values(a, format, args + 1, (size_t)k->n - 1, &to);
        str_drop(&a->pool, format);
    }
    a->steps -= (int64_t)(to.len / 16);
    return text_value(a, &to);
}

/* Those whose answer is a number and which wait for nothing. */
static double calculate(struct awk *a, const struct awk_code *k, struct awk_value *args)
{
    switch ((enum awk_builtin)k->a) {
    case B_AND:
    case B_OR:
    case B_XOR:
    case B_LSHIFT:
    case B_RSHIFT:
        return bits((enum awk_builtin)k->a, awk_number_uint64(value_num(&args[0])),
                    awk_number_uint64(value_num(&args[1])));
    case B_COMPL:
        return (double)~awk_number_uint64(value_num(&args[0]));
    case B_INT:
        return (double)awk_number_int64(value_num(&args[0]));
    case B_RAND:
        return awk_random(a);
    case B_SRAND:
        return seed(a, k, args);
    case B_LENGTH:
        return length(a, k, args);
    case B_INDEX:
        return position(a, args);
    case B_MATCH:
        return match(a, args);
    case B_MKTIME:
        return make_time(a, k, args);
    case B_SYSTIME:
        return (double)(proc_now(a->p) / 1000000);
    case B_FFLUSH:
        return flush(a, k, args);
    default:
        return mathematics(a, (enum awk_builtin)k->a, value_num(&args[0]),
                           k->n > 1 ? value_num(&args[1]) : 0);
    }
}

enum awk_wait awk_call_builtin(struct awk *a, const struct awk_code *k, struct awk_value *args,
                               struct awk_value *ret)
{
    double d = 0;
    enum awk_wait w = AWK_GO;
    switch ((enum awk_builtin)k->a) {
    case B_SPLIT:
        return split(a, k, args, ret);
    case B_GENSUB:
        return general_substitute(a, k, args, ret);
    case B_SUBSTR:
        *ret = part(a, k, args);
        return w;
    case B_TOLOWER:
    case B_TOUPPER:
        *ret = change_case(a, &args[0], k->a == B_TOUPPER);
        return w;
    case B_SPRINTF:
        *ret = print_text(a, k, args);
        return w;
    case B_STRFTIME:
        *ret = format_time(a, k, args);
        return w;
    case B_SYSTEM:
        w = run_system(a, args, &d);
        break;
    case B_CLOSE:
        w = close_stream(a, args, &d);
        break;
    default:
        d = calculate(a, k, args);
        break;
    }
    *ret = value_number(d);
    return w;
}
