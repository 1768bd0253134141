/* factor */
#include "shell/applet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DIVISIONS = 1 << 16, NUMBER_MOST = 64 };

struct factor {
    char **args; /* or standard input: */
    bool reads, ended;
    char word[NUMBER_MOST];
    size_t n_word;
    char piece[1024];
    size_t n_piece, at;

    uint64_t rest, by; /* by 0: no number is at work */
};

static void factor_start(struct proc *p, int argc, char **argv)
{
    struct factor *f = proc_state(p);
    (void)argc;
    f->args = argv + 1;
    f->reads = !argv[1];
}

static void begin(struct proc *p, const char *s)
{
    struct factor *f = proc_state(p);
    char *end;
    errno = 0;
    f->rest = strtoull(s, &end, 10);
    if (end == s || *end || errno || strchr(s, '-'))
        proc_usage(p);
    f->by = 2;
    out_print(p, "%llu:", (unsigned long long)f->rest);
}

static void put_factor(struct proc *p, uint64_t n)
{
    out_print(p, " %llu", (unsigned long long)n);
}

/* Some divisions; all that do not need doing end it. */
static void work(struct proc *p, struct factor *f)
{
    unsigned done = 0;
    for (; f->rest > 1 && f->by <= f->rest / f->by && done < DIVISIONS; done++) {
        if (f->rest % f->by == 0) {
            put_factor(p, f->by);
            f->rest /= f->by;
        } else {
            f->by += f->by == 2 ? 1 : 2;
        }
    }
    proc_charge(p, done / 16);
    if (f->rest > 1 && f->by <= f->rest / f->by)
        return;
    if (f->rest > 1)
        put_factor(p, f->rest);
    out_char(p, '\n');
    f->by = 0;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || !c;
}

/* The next word of what was read; false: there is none, or not all of it. */
static bool next_word(struct factor *f)
{
    for (; f->at < f->n_piece; f->at++) {
        char c = f->piece[f->at];
        if (!is_space(c) && f->n_word < sizeof f->word - 1)
            f->word[f->n_word++] = c;
        else if (is_space(c) && f->n_word)
            return true;
    }
    return f->ended && f->n_word;
}

static enum applet_next read_word(struct proc *p, struct factor *f)
{
    while (!next_word(f)) {
        if (f->ended) {
            proc_done(p, 0);
            return NEXT_DONE;
        }
        int64_t got = proc_read(p, 0, f->piece, sizeof f->piece);
        if (got == -EAGAIN) {
            proc_waits_on(p, 0);
            return NEXT_INPUT;
        }
        f->ended = got <= 0;
        f->n_piece = got > 0 ? (size_t)got : 0;
        f->at = 0;
    }
    f->word[f->n_word] = '\0';
    f->n_word = 0;
    begin(p, f->word);
    return NEXT_AGAIN;
}

static enum applet_next factor_step(struct proc *p)
{
    struct factor *f = proc_state(p);
    if (f->by) {
        work(p, f);
    } else if (f->reads) {
        return read_word(p, f);
    } else if (*f->args) {
        begin(p, *f->args++);
    } else {
        proc_done(p, 0);
        return NEXT_DONE;
    }
    return NEXT_AGAIN;
}

const struct applet applet_factor = {
    .name = "factor",
    .start = factor_start,
    .step = factor_step,
    .state = sizeof(struct factor),
};
