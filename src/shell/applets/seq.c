/* seq */
#include "shell/arith.h"
#include "shell/options.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBERS_A_STEP = 256, DIGITS_MOST = 1000 };

struct seq {
    double first, by, last, next;
    uint64_t done;
    int width, precision;
    const char *separator;
};

static double number(struct proc *p, const char *s)
{
    char *end;
    double v = strtod(s, &end);
    if (*end)
        proc_usage(p);
    return v;
}

/* Digits behind the point, as they were written. */
static int decimals(const char *s)
{
    const char *point = strchr(s, '.');
    return point ? (int)strlen(point + 1) : 0;
}

/* Of the numbers before the point. */
static int longest(const char *first, const char *by, const char *last)
{
    const char *const all[] = { first, by, last };
    size_t most = 0;
    for (size_t i = 0; i < 3; i++) {
        size_t n = strcspn(all[i], ".");
        most = n > most ? n : most;
    }
    return most < DIGITS_MOST ? (int)most : DIGITS_MOST;
}

static void seq_start(struct proc *p, int argc, char **argv)
{
    struct seq *s = proc_state(p);
    const char *first = "1", *by = "1";
    s->separator = "\n";
    uint32_t pads = options_bits(p, argc, argv, "+ws:", &argv, &s->separator) & 1;
    size_t n = 0;
    while (argv[n])
        n++;
    if (!n || n > 3)
        proc_usage(p);
    if (n > 1)
        first = argv[0];
    if (n == 3)
        by = argv[1];
    const char *last = argv[n - 1];
    s->first = s->next = number(p, first);
    s->by = number(p, by);
    s->last = number(p, last);
    s->precision = decimals(first) > decimals(by) ? decimals(first) : decimals(by);
    if (s->precision > DIGITS_MOST)
        s->precision = DIGITS_MOST;
    if (pads)
        s->width = longest(first, by, last) + (s->precision ? s->precision + 1 : 0);
}

/* Nearly all are small whole ones. */
static void add_number(const struct seq *s, struct text *t)
{
    char digits[ARITH_DIGITS];
    if (!s->width && !s->precision && s->next > -1e15 && s->next < 1e15 &&
        s->next == (double)(int64_t)s->next)
        text_add(t, digits, arith_text((int64_t)s->next, digits));
    else
        text_print(t, "%0*.*f", s->width, s->precision, s->next);
}

/* Some numbers; false: there are no more. */
static bool add_numbers(struct seq *s, struct text *t)
{
    for (int i = 0; i < NUMBERS_A_STEP; i++) {
        if (!(s->by >= 0 ? s->next <= s->last : s->next >= s->last)) {
            if (s->done)
                text_char_add(t, '\n');
            return false;
        }
        if (s->done)
            text_say(t, s->separator);
        add_number(s, t);
        s->done++;
        s->next = s->first + (double)s->done * s->by;
    }
    return true;
}

static enum applet_next seq_step(struct proc *p)
{
    struct seq *s = proc_state(p);
    struct text t = text_of(proc_memory(p));
    bool more = add_numbers(s, &t);
    int64_t e = t.len ? proc_write(p, 1, t.data, t.len) : 0;
    text_release(&t);
    if (more && e >= 0)
        return NEXT_AGAIN;
    proc_done(p, e < 0 ? 255 : 0);
    return NEXT_DONE;
}

const struct applet applet_seq = {
    .name = "seq",
    .start = seq_start,
    .step = seq_step,
    .state = sizeof(struct seq),
};
