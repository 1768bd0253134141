#include "shell/applets/grep.h"

#include "shell/options.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

/* ---- Its words ---- */

/* Options that are a flag, and which flags they end. */
/* clang-format off */
static const struct {
    int letter;
    uint32_t sets, clears;
} letters[] = {
    { 'v', GREP_INVERT, 0 }, { 'i', GREP_ICASE, 0 }, { 'w', GREP_WORD, 0 }, { 'x', GREP_WHOLE, 0 }, { 'F', GREP_FIXED, 0 },
    { 'E', GREP_EXTENDED, 0 }, { 'c', GREP_COUNT, 0 }, { 'l', GREP_NAMES, 0 }, { 'L', GREP_UNNAMED, 0 }, { 'n', GREP_NUMBERS, 0 },
    { 'o', GREP_ONLY, 0 }, { 'q', GREP_QUIET, 0 }, { 's', GREP_SILENT, 0 }, { 'r', GREP_RECURSE, 0 }, { 'R', GREP_FOLLOW, 0 },
    { 'z', GREP_NULS, 0 }, { 'H', GREP_PREFIX, GREP_NO_PREFIX }, { 'h', GREP_NO_PREFIX, GREP_PREFIX },
    { 'm', GREP_MOST, 0 }, { 'A', GREP_AFTER, 0 }, { 'B', GREP_BEFORE, 0 }, { 'C', 0, GREP_AFTER | GREP_BEFORE },
};
/* clang-format on */

static const struct option_long longs[] = { { "color", 2, 256 }, { NULL } };

/* A pattern on each line. */
static void add_patterns(struct proc *p, struct grep *g, const char *s)
{
    for (;;) {
        const char *end = strchrnul(s, '\n');
        grep_pattern_add(p, g, s, (size_t)(end - s));
        if (!*end)
            return;
        s = end + 1;
    }
}

static void add_list(struct proc *p, struct grep *g, const char *path)
{
    g->lists = memory_array(proc_memory(p), g->lists, g->n_lists + 1, sizeof *g->lists);
    g->lists[g->n_lists++] = path;
}

struct words {
    uint64_t around; /* -C */
    bool patterns;
};

static void read_option(struct proc *p, struct grep *g, struct words *w, int letter,
                        const char *argument)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].letter == letter)
            g->flags = (g->flags & ~letters[i].clears) | letters[i].sets;
    if (letter == 'e')
        add_patterns(p, g, argument);
    else if (letter == 'f')
        add_list(p, g, argument);
    w->patterns = w->patterns || letter == 'e' || letter == 'f';
    uint64_t *number = letter == 'm'   ? &g->most
                       : letter == 'A' ? &g->after
                       : letter == 'B' ? &g->before
                                       : &w->around;
    if (strchr("mABC", letter))
        *number = options_number(p, argument, 0, INT_MAX, NULL);
}

static char **read_options(struct proc *p, struct grep *g, int argc, char **argv)
{
    struct options o;
    struct words w = { 0 };
    options_begin(&o, p, argc, argv, "lnqvscFiHhe:f:LorRm:wxA:B:C:EzaI", longs);
    for (int letter; (letter = options_next(&o)) != -1;)
        if (letter < 256)
            read_option(p, g, &w, letter, o.argument);
    g->after = g->flags & GREP_AFTER ? g->after : w.around;
    g->before = g->flags & GREP_BEFORE ? g->before : w.around;
    char **operands = argv + o.index;
    if (!w.patterns && !*operands)
        proc_usage(p);
    if (!w.patterns)
        add_patterns(p, g, *operands++);
    return operands;
}

static void start(struct proc *p, int argc, char **argv)
{
    struct grep *g = proc_state(p);
    size_t n = 0;
    proc_fails_with(p, 2);
    g->flags = *proc_name(p) == 'e' ? GREP_EXTENDED : *proc_name(p) == 'f' ? GREP_FIXED : 0;
    g->in = lines_of(-1, '\n');
    char **operands = read_options(p, g, argc, argv);
    while (operands[n])
        n++;
    if (n > 1 && !(g->flags & GREP_NO_PREFIX))
        g->flags |= GREP_PREFIX;
    if (n == 0)
        grep_path_add(p, g, memory_text(proc_memory(p), "-"), 0);
    while (n-- > 0)
        grep_path_add(p, g, operands[n], 0);
}

enum { LINES_A_STEP = 64, PARTS_A_STEP = 16 };

/* ---- What it says ---- */

static void say_name(struct proc *p, const struct grep *g, char separator)
{
    if (g->flags & GREP_PREFIX)
        out_print(p, "%s%c", g->name, separator);
}

static void say_line(struct proc *p, struct grep *g, const char *s, size_t n, uint64_t number,
                     char separator)
{
    if ((g->after || g->before) && g->printed && g->last != number - 1)
        out_text(p, "--\n");
    g->printed = true;
    g->last = number;
    say_name(p, g, separator);
    if (g->flags & GREP_NUMBERS)
        out_print(p, "%llu%c", (unsigned long long)number, separator);
    out_put(p, s, n);
    out_char(p, g->flags & GREP_NULS ? '\0' : '\n');
}

/* -o of fixed strings says the pattern, once; others end before a NUL. Whether all was said. */
static bool say_parts(struct proc *p, struct grep *g)
{
    struct grep_match *m = &g->found;
    if (!m->pattern)
        return true;
    if (g->flags & GREP_FIXED) {
        say_line(p, g, m->pattern->s, m->pattern->n, g->number, ':');
        return true;
    }
    for (int i = 0; i < PARTS_A_STEP && g->spent < GREP_SPENT_MOST && !out_full(p); i++) {
        if (m->end > m->start)
            say_line(p, g, g->line.s + m->start, m->end - m->start, g->number, ':');
        if (g->line.s[m->end] == '\0' || !grep_found_again(p, g, m->end + (m->end == m->start)))
            return true;
    }
    return false;
}

/* ---- Lines before ---- */

static void keep_before(struct proc *p, struct grep *g, const struct text_line *line)
{
    struct memory *m = proc_memory(p);
    if (g->n_befores == g->before) {
        memory_give(m, g->befores[g->first_before].s);
        g->first_before = (g->first_before + 1) % g->befores_room;
        g->n_befores--;
    }
    if (g->n_befores == g->befores_room) { /* until it is full for the first time it begins at 0 */
        g->befores_room = g->befores_room * 2 + 1 < g->before ? g->befores_room * 2 + 1 : g->before;
        g->befores = memory_array(m, g->befores, g->befores_room, sizeof *g->befores);
    }
    size_t at = (g->first_before + g->n_befores++) % g->befores_room;
    g->befores[at] = (struct grep_before){ memory_bytes(m, line->s, line->n), line->n, g->number };
}

static void drop_befores(struct proc *p, struct grep *g, bool say)
{
    for (size_t i = 0; i < g->n_befores; i++) {
        struct grep_before *b = &g->befores[(g->first_before + i) % g->befores_room];
        if (say)
            say_line(p, g, b->s, b->n, b->number, '-');
        memory_give(proc_memory(p), b->s);
    }
    g->n_befores = g->first_before = 0;
}

/* ---- Lines ---- */

/* Whether the file goes on. */
static bool file_goes_on(const struct grep *g)
{
    return !(g->flags & GREP_MOST) || g->matches < g->most || g->after_left;
}

/* A line that is looked for. Whether the file goes on. */
static bool hit(struct proc *p, struct grep *g)
{
    g->matches++;
    if (g->flags & GREP_QUIET)
        proc_exit(p, 0);
    if (g->flags & GREP_NAMES)
        out_print(p, "%s\n", g->name);
    if (g->flags & (GREP_NAMES | GREP_UNNAMED))
        return false;
    if (g->flags & GREP_COUNT)
        return file_goes_on(g);
    if ((g->flags & GREP_MOST) && g->matches > g->most)
        return false;
    drop_befores(p, g, true);
    g->after_left = g->after;
    g->stage = g->flags & GREP_ONLY ? STAGE_SAY : STAGE_NONE;
    if (g->stage == STAGE_NONE)
        say_line(p, g, g->line.s, g->line.n, g->number, ':');
    return g->stage == STAGE_SAY || file_goes_on(g);
}

static bool miss(struct proc *p, struct grep *g)
{
    if (g->after_left) {
        g->after_left--;
        say_line(p, g, g->line.s, g->line.n, g->number, '-');
    } else if (g->before) {
        keep_before(p, g, &g->line);
    }
    return file_goes_on(g);
}

/* Goes on with the line that is at work; g->stage says whether it is done with. Whether the file
 * goes on. */
static bool work(struct proc *p, struct grep *g)
{
    if (g->stage == STAGE_SAY) {
        if (!say_parts(p, g))
            return true;
        g->stage = STAGE_NONE;
        return file_goes_on(g);
    }
    if (!grep_search(p, g))
        return true;
    g->stage = STAGE_NONE;
    return (g->found.pattern != NULL) == !(g->flags & GREP_INVERT) ? hit(p, g) : miss(p, g);
}

/* ---- Files ---- */

static void end_file(struct proc *p, struct grep *g)
{
    bool told = g->flags & (GREP_NAMES | GREP_UNNAMED) && g->matches;
    drop_befores(p, g, false);
    g->stage = STAGE_NONE;
    if ((g->flags & GREP_COUNT) && !told) {
        say_name(p, g, ':');
        out_print(p, "%llu\n", (unsigned long long)g->matches);
    }
    if ((g->flags & GREP_UNNAMED) && !g->matches)
        out_print(p, "%s\n", g->name);
    g->matched |= (g->flags & GREP_UNNAMED) && !(g->flags & GREP_NAMES) ? !g->matches
                  : (g->flags & GREP_UNNAMED)                           ? true
                                                                        : g->matches > 0;
    grep_close(p, g);
}

/* A list of patterns is C strings. */
static enum lines_next read_list(struct proc *p, struct grep *g)
{
    struct text_line line;
    if (g->in.fd < 0) {
        const char *path = g->lists[g->list];
        int fd = strcmp(path, "-") ? proc_open(p, path, O_RDONLY, 0) : 0;
        if (fd < 0)
            proc_die_errno(p, fd, "%s", path);
        g->in = lines_of(fd, '\n');
    }
    enum lines_next next;
    while ((next = lines_take(p, &g->in, &line)) == LINES_LINE)
        grep_pattern_add(p, g, line.s, strlen(line.s));
    if (next == LINES_END) {
        grep_close(p, g);
        g->list++;
    }
    return next;
}

static enum applet_next read_lines(struct proc *p, struct grep *g)
{
    g->spent = 0;
    for (int i = 0; i < LINES_A_STEP && g->spent < GREP_SPENT_MOST && !out_full(p); i++) {
        if (g->stage == STAGE_NONE) {
            enum lines_next next = lines_take(p, &g->in, &g->line);
            if (next == LINES_WAIT)
                return NEXT_INPUT;
            if (next == LINES_END) {
                end_file(p, g);
                return NEXT_AGAIN;
            }
            g->number++;
            g->stage = STAGE_SEARCH;
            grep_search_begin(p, g);
        }
        if (!work(p, g)) {
            end_file(p, g);
            return NEXT_AGAIN;
        }
    }
    return NEXT_AGAIN;
}

static enum applet_next step(struct proc *p)
{
    struct grep *g = proc_state(p);
    if (g->list < g->n_lists)
        return read_list(p, g) == LINES_WAIT ? NEXT_INPUT : NEXT_AGAIN;
    if (!g->name && !grep_open(p, g)) {
        proc_done(p, g->failed ? 2 : !g->matched);
        return NEXT_DONE;
    }
    return read_lines(p, g);
}

const struct applet applet_grep = {
    .name = "grep", .start = start, .step = step, .state = sizeof(struct grep)
};
const struct applet applet_egrep = {
    .name = "egrep", .start = start, .step = step, .state = sizeof(struct grep)
};
const struct applet applet_fgrep = {
    .name = "fgrep", .start = start, .step = step, .state = sizeof(struct grep)
};
