#include "shell/filter.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

enum { WORDS = 1, RANGE = 2, MOST = 4, TO_FILE = 8, NUL = 16 };

/* What is shuffled: lines (or words), or numbers. */
struct shuf {
    struct filter filter;
    uint32_t bits;
    uint64_t first, most, done;
    uint32_t n, room;
    char **lines;
    uint32_t *numbers; /* of RANGE, less `first` */
};

static void add(struct proc *p, struct shuf *s, char *line)
{
    if (s->n == s->room) {
        s->room = s->room ? 2 * s->room : 64;
        s->lines = memory_array(proc_memory(p), s->lines, s->room, sizeof *s->lines);
    }
    s->lines[s->n++] = line;
}

static void read_range(struct proc *p, struct shuf *s, const char *range)
{
    char *from = memory_text(proc_memory(p), range), *dash = strchr(from, '-');
    if (!dash)
        proc_die(p, "bad range '%s'", range);
    *dash = '\0';
    s->first = options_number(p, from, 0, UINT64_MAX, NULL);
    uint64_t last = options_number(p, dash + 1, 0, UINT64_MAX, NULL);
    if (last < s->first || last - s->first >= UINT32_MAX)
        proc_die(p, "bad range '%s'", range);
    s->n = (uint32_t)(last - s->first) + 1;
    s->numbers = memory_array(proc_memory(p), NULL, s->n, sizeof *s->numbers);
    proc_charge(p, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        s->numbers[i] = i;
}

static char **start(struct proc *p, int argc, char **argv)
{
    struct shuf *s = proc_state(p);
    const char *range = NULL, *most = NULL, *to = NULL;
    char **words;
    s->bits = options_bits(p, argc, argv, "ei:n:o:z", &words, &range, &most, &to);
    if ((s->bits & WORDS && s->bits & RANGE) || (!(s->bits & WORDS) && words[0] && (words[1] || s->bits & RANGE)))
        proc_usage(p);
    s->most = most ? options_number(p, most, 0, UINT32_MAX, NULL) : UINT64_MAX;
    if (s->bits & RANGE)
        read_range(p, s, range);
    for (; s->bits & WORDS && *words; words++)
        add(p, s, *words);
    if (to) {
        int fd = proc_open(p, to, O_WRONLY | O_CREAT | O_TRUNC, 0666);
        if (fd < 0 || proc_dup(p, fd, 1) < 0)
            proc_die_errno(p, fd, "can't open '%s'", to);
    }
    return words;
}

static void begin(struct proc *p)
{
    const struct shuf *s = proc_state(p);
    if (s->bits & (WORDS | RANGE))
        filter_skip(p);
}

static void feed(struct proc *p, const char *line, size_t n)
{
    add(p, proc_state(p), memory_bytes(proc_memory(p), line, filter_chop(line, n)));
}

static void put(struct proc *p, const struct shuf *s, uint32_t i)
{
    if (s->numbers)
        out_print(p, "%llu", (unsigned long long)(s->first + s->numbers[i]));
    else
        out_text(p, s->lines[i]);
    out_char(p, s->bits & NUL ? '\0' : '\n');
}

static void swap(struct shuf *s, uint32_t i, uint32_t j)
{
    if (s->numbers) {
        uint32_t number = s->numbers[i];
        s->numbers[i] = s->numbers[j];
        s->numbers[j] = number;
    } else {
        char *line = s->lines[i];
        s->lines[i] = s->lines[j];
        s->lines[j] = line;
    }
}

/* Each of what is left is as likely the next. */
static void drain(struct proc *p)
{
    struct shuf *s = proc_state(p);
    for (; s->done < s->n && s->done < s->most; s->done++) {
        if (out_full(p)) {
            filter_drain(p);
            return;
        }
        uint32_t i = (uint32_t)s->done, j = i + (uint32_t)(proc_random(p) % (s->n - i));
        swap(s, i, j);
        put(p, s, i);
    }
}

static const struct filter_ops ops = {
    .start = start,
    .begin = begin,
    .feed = feed,
    .finish = filter_drain,
    .drain = drain,
    .failed = filter_failed_silent,
    .lines = true,
    .nul_too = true,
    .plain = true,
};

const struct applet applet_shuf = {
    .name = "shuf",
    .filter = &ops,
    .state = sizeof(struct shuf),
    .unwritten = UNWRITTEN_OUTPUT,
};
