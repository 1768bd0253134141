/* expr */
#include "shell/applet.h"
#include "shell/regex.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MOST = 200 };

/* A number or a text; either may have to become the other. */
struct value {
    bool is_text;
    const char *text;
    long long number;
};

struct expr {
    struct proc *p;
    char **args;
    int depth;
};

static _Noreturn void wrong(struct expr *e, const char *why)
{
    proc_error(e->p, "%s", why);
    proc_exit(e->p, 2);
}

static _Noreturn void bad_syntax(struct expr *e)
{
    wrong(e, "syntax error");
}

static bool take(struct expr *e, const char *word)
{
    if (!*e->args || strcmp(*e->args, word) != 0)
        return false;
    e->args++;
    return true;
}

static const char *next(struct expr *e)
{
    if (!*e->args)
        bad_syntax(e);
    return *e->args++;
}

/* ---- Values ---- */

static struct value of_number(long long n)
{
    return (struct value){ .number = n };
}

static struct value of_text(const char *s)
{
    return (struct value){ .is_text = true, .text = s };
}

/* Past the ends of the range it is the end, as strtoll() says. */
static bool is_number(const struct value *v, long long *ret)
{
    if (!v->is_text) {
        *ret = v->number;
        return true;
    }
    char *end;
    *ret = strtoll(v->text, &end, 10);
    return end != v->text && !*end;
}

static long long number(struct expr *e, const struct value *v)
{
    long long n;
    if (!is_number(v, &n))
        wrong(e, "non-numeric argument");
    return n;
}

static const char *text(struct expr *e, const struct value *v)
{
    return v->is_text ? v->text : memory_print(proc_memory(e->p), "%lld", v->number);
}

static bool is_null(const struct value *v)
{
    return v->is_text ? !*v->text || strcmp(v->text, "0") == 0 : !v->number;
}

/* ---- Operations ---- */

static struct value match(struct expr *e, const struct value *subject,
                          const struct value *expression)
{
    struct memory *m = proc_memory(e->p);
    const char *s = text(e, subject), *pattern = text(e, expression), *why;
    if (*pattern == '^')
        proc_error(e->p,
                   "warning: '%s': using '^' as the first character\n"
                   "of a basic regular expression is not portable; it is ignored",
                   pattern);
    struct regex *r = regex_make(m, pattern, strlen(pattern), 0, &why);
    if (!r) {
        proc_error(e->p, "bad regex '%s': %s", pattern, why);
        proc_exit(e->p, 2);
    }
    struct regex_span spans[REGEX_GROUPS];
    uint64_t work = 0;
    bool found = regex_search(r, m, s, strlen(s), 0, false, spans, &work) == REGEX_MATCH &&
                 spans[0].start == 0;
    proc_charge(e->p, work);
    if (!found && regex_groups(r))
        return of_text("");
    if (!regex_groups(r) || spans[1].start < 0)
        return of_number(found ? spans[0].end : 0);
    return of_text(memory_bytes(m, s + spans[1].start, (size_t)(spans[1].end - spans[1].start)));
}

static struct value substring(struct expr *e, const struct value *of, const struct value *from,
                              const struct value *count)
{
    const char *s = text(e, of);
    long long first, n, length = (long long)strlen(s);
    if (!is_number(from, &first) || !is_number(count, &n) || first <= 0 || n <= 0 || first > length)
        return of_text("");
    if (n > length - first + 1)
        n = length - first + 1;
    return of_text(memory_bytes(proc_memory(e->p), s + first - 1, (size_t)n));
}

static struct value place(struct expr *e, const struct value *in, const struct value *characters)
{
    const char *s = text(e, in);
    size_t n = strcspn(s, text(e, characters));
    return of_number(s[n] ? (long long)n + 1 : 0);
}

/* On a real machine the one quotient that there is not kills the program. */
static _Noreturn void overflown(struct expr *e)
{
    int killed = proc_kill(e->p, (int32_t)proc_pid(e->p), SIGFPE);
    proc_exit(e->p, killed ? 2 : 128 + SIGFPE);
}

static long long divide(struct expr *e, char operation, long long x, long long y)
{
    if (!y)
        wrong(e, "division by zero");
    if (x == LLONG_MIN && y == -1)
        overflown(e);
    return operation == '/' ? x / y : x % y;
}

static int compare(struct expr *e, const struct value *x, const struct value *y)
{
    long long a, b;
    if (is_number(x, &a) && is_number(y, &b))
        return a < b ? -1 : a > b;
    return strcmp(text(e, x), text(e, y));
}

/* ---- Expressions, from what binds closest on ---- */

static struct value any(struct expr *e);

static struct value primary(struct expr *e)
{
    struct value a, b, c;
    if (++e->depth > DEPTH_MOST)
        bad_syntax(e);
    if (take(e, "(")) {
        a = any(e);
        if (!take(e, ")"))
            bad_syntax(e);
    } else if (*e->args && strcmp(*e->args, ")") == 0) {
        bad_syntax(e);
    } else if (take(e, "quote")) {
        a = of_text(next(e));
    } else if (take(e, "length")) {
        b = primary(e);
        a = of_number((long long)strlen(text(e, &b)));
    } else if (take(e, "match")) {
        b = primary(e);
        c = primary(e);
        a = match(e, &b, &c);
    } else if (take(e, "index")) {
        b = primary(e);
        c = primary(e);
        a = place(e, &b, &c);
    } else if (take(e, "substr")) {
        a = primary(e);
        b = primary(e);
        c = primary(e);
        a = substring(e, &a, &b, &c);
    } else {
        a = of_text(next(e));
    }
    e->depth--;
    return a;
}

static struct value matches(struct expr *e)
{
    struct value v = primary(e);
    while (take(e, ":")) {
        struct value pattern = primary(e);
        v = match(e, &v, &pattern);
    }
    return v;
}

static struct value product(struct expr *e)
{
    struct value v = matches(e);
    for (;;) {
        char operation = take(e, "*") ? '*' : take(e, "/") ? '/' : take(e, "%") ? '%' : '\0';
        if (!operation)
            return v;
        struct value other = matches(e);
        long long x = number(e, &v), y = number(e, &other);
        if (operation == '*')
            v = of_number((long long)((unsigned long long)x * (unsigned long long)y));
        else
            v = of_number(divide(e, operation, x, y));
    }
}

static struct value sum(struct expr *e)
{
    struct value v = product(e);
    for (;;) {
        char operation = take(e, "+") ? '+' : take(e, "-") ? '-' : '\0';
        if (!operation)
            return v;
        struct value other = product(e);
        unsigned long long x = (unsigned long long)number(e, &v),
                           y = (unsigned long long)number(e, &other);
        v = of_number((long long)(operation == '+' ? x + y : x - y));
    }
}

/* Which of the results of compare(), -1 0 1, a comparison wants: bits 1, 2, 4. */
static const struct {
    const char *text;
    unsigned wants;
} comparisons[] = {
    { "<", 1 }, { "<=", 3 }, { "=", 2 }, { "==", 2 }, { "!=", 5 }, { ">=", 6 }, { ">", 4 },
};

static unsigned take_comparison(struct expr *e)
{
    for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++) {
        if (take(e, comparisons[i].text))
            return comparisons[i].wants;
    }
    return 0;
}

static struct value comparison(struct expr *e)
{
    struct value v = sum(e);
    for (unsigned wants; (wants = take_comparison(e));) {
        struct value other = sum(e);
        int order = compare(e, &v, &other);
        unsigned is = order < 0 ? 1 : order == 0 ? 2 : 4;
        v = of_number((wants & is) != 0);
    }
    return v;
}

static struct value both(struct expr *e)
{
    struct value v = comparison(e);
    while (take(e, "&")) {
        struct value other = comparison(e);
        if (is_null(&v) || is_null(&other))
            v = of_number(0);
    }
    return v;
}

static struct value any(struct expr *e)
{
    struct value v = both(e);
    while (take(e, "|")) {
        struct value other = both(e);
        if (is_null(&v))
            v = other;
    }
    return v;
}

static int expr(struct proc *p, int argc, char **argv)
{
    struct expr e = { .p = p, .args = argv + 1 };
    proc_fails_with(p, 2);
    if (argc == 1) {
        proc_error(p, "too few arguments");
        return 2;
    }
    struct value v = any(&e);
    if (*e.args)
        bad_syntax(&e);
    if (v.is_text)
        out_print(p, "%s\n", v.text);
    else
        out_print(p, "%lld\n", v.number);
    return is_null(&v);
}

const struct applet applet_expr = { .name = "expr", .once = expr, .unwritten = UNWRITTEN_OUTPUT };
