#include "shell/applets/sort.h"

#include "shell/filter.h"
#include "shell/options.h"

#include <fcntl.h>
#include <string.h>

/* More keys are nobody's; bytes that may be compared before others have their turn. */
enum { KEYS_MOST = 64, TURN = 1 << 17 };

/* Lines lie one behind the other, each ended by a NUL. */
struct sort {
    struct filter filter;
    struct sort_order order;
    bool check, unique, nul;
    const char *to;
    struct text all;
    uint32_t *lines; /* where they begin in it */
    size_t n, room, done;
    /* The merging: runs of `width` lines of `lines` into `merged`, at [from, ...). */
    uint32_t *merged;
    size_t width, from, left, right, to_at;
    bool sorted;
    int64_t turn; /* what of it is left */
    int64_t cost; /* of one comparison */
};

static const char options[] = "ngMVucszbrdfimS:T:o:k:*t:";

static const struct letter {
    char name;
    unsigned flag;
} letters[] = {
    { 'n', SORT_NUMBER }, { 'g', SORT_GENERAL },    { 'M', SORT_MONTH },     { 'V', SORT_VERSION },
    { 'f', SORT_FOLD },   { 'd', SORT_DICTIONARY }, { 'i', SORT_PRINTABLE }, { 'b', SORT_BLANKS },
    { 'r', SORT_REVERSE },
};

static unsigned flag_of(int letter)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].name == letter)
            return letters[i].flag;
    return 0;
}

/* A number from 1 on; moves *s behind it. */
static uint32_t read_number(struct proc *p, const char **s)
{
    uint64_t n = 0;
    for (; **s >= '0' && **s <= '9'; (*s)++)
        if (n <= INT32_MAX)
            n = n * 10 + (uint64_t)(**s - '0');
    if (!n || n > INT32_MAX)
        proc_die(p, "bad field specification");
    return (uint32_t)n;
}

static void read_position(struct proc *p, const char **s, uint32_t *field, uint32_t *character)
{
    *field = read_number(p, s);
    if (**s == '.') {
        (*s)++;
        *character = read_number(p, s);
    }
}

/* N[.C][letters][,M[.D][letters]] */
static void read_key(struct proc *p, struct sort *s, const char *word)
{
    struct sort_order *o = &s->order;
    struct sort_key key = { 0 };
    if (*word)
        read_position(p, &word, &key.field, &key.character);
    bool second = false;
    while (*word) {
        unsigned flag = *word == 'V' ? 0 : flag_of(*word);
        if (flag) {
            key.flags |= flag;
            word++;
        } else if (*word == ',' && !second) {
            second = true;
            if (*++word)
                read_position(p, &word, &key.end_field, &key.end_character);
        } else {
            proc_die(p, strchr(options, *word) ? "unknown sort type" : "unknown key option");
        }
    }
    if (o->n == KEYS_MOST)
        proc_die(p, "out of memory");
    o->keys = memory_array(proc_memory(p), o->keys, o->n + 1, sizeof *o->keys);
    o->keys[o->n++] = key;
}

static char **start(struct proc *p, int argc, char **argv)
{
    struct sort *s = proc_state(p);
    struct options o;
    proc_fails_with(p, 2);
    s->order.left = s->order.right = s->all = text_of(proc_memory(p));
    options_begin(&o, p, argc, argv, "ngMVucszbrdfimS:T:o:k:t:", NULL);
    for (int letter; (letter = options_next(&o)) != -1;) {
        s->order.flags |= flag_of(letter);
        s->order.stable |= letter == 's';
        s->check |= letter == 'c';
        s->unique |= letter == 'u';
        s->nul |= letter == 'z';
        if (letter == 'o')
            s->to = o.argument;
        if (letter == 'k')
            read_key(p, s, o.argument);
        if (letter == 't') {
            if (!o.argument[0] || o.argument[1])
                proc_die(p, "bad -t parameter");
            s->order.separator = o.argument[0];
        }
    }
    s->filter.nul_ends = s->nul;
    return argv + o.index;
}

static void feed(struct proc *p, const char *line, size_t n)
{
    struct sort *s = proc_state(p);
    n = s->nul && n && line[n - 1] != '\0' ? n : filter_chop(line, n);
    if (s->n == s->room) {
        s->room = s->room ? 2 * s->room : 64;
        s->lines = memory_array(proc_memory(p), s->lines, s->room, sizeof *s->lines);
    }
    if (s->all.len > UINT32_MAX)
        proc_die(p, "out of memory");
    s->lines[s->n++] = (uint32_t)s->all.len;
    text_add(&s->all, line, n);
    text_char_add(&s->all, '\0');
}

static const char *line_at(const struct sort *s, size_t i)
{
    return s->all.data + s->lines[i];
}

/* With -s lines that compare alike stay as they came, or the other way round. */
static int compare(struct sort *s, uint32_t x, uint32_t y)
{
    unsigned reverse = 0;
    s->turn -= s->cost;
    int order = sort_lines(&s->order, s->all.data + x, s->all.data + y, &reverse);
    if (order)
        return order;
    order = x < y ? -1 : x > y;
    return reverse && s->order.stable ? -order : order;
}

static void begin_run(struct sort *s, size_t from)
{
    s->from = s->left = s->to_at = from;
    s->right = from + s->width < s->n ? from + s->width : s->n;
}

static void swap_arrays(struct sort *s)
{
    uint32_t *lines = s->lines;
    s->lines = s->merged;
    s->merged = lines;
    s->width *= 2;
}

/* One line of two runs. Whether there was one left. */
static bool merge_one(struct sort *s)
{
    size_t middle = s->from + s->width < s->n ? s->from + s->width : s->n;
    size_t end = middle + s->width < s->n ? middle + s->width : s->n;
    if (s->to_at == end)
        return false;
    bool left = s->right == end || (s->left < middle && compare(s, s->lines[s->left], s->lines[s->right]) <= 0);
    s->merged[s->to_at++] = left ? s->lines[s->left++] : s->lines[s->right++];
    return true;
}

static void merge(struct sort *s)
{
    while (s->turn > 0 && s->width < s->n) {
        s->turn--;
        if (merge_one(s))
            continue;
        if (s->to_at == s->n) {
            swap_arrays(s);
            begin_run(s, 0);
        } else {
            begin_run(s, s->to_at);
        }
    }
    s->sorted = s->width >= s->n;
}

static void check(struct proc *p, struct sort *s)
{
    for (; s->done + 1 < s->n && s->turn > 0; s->done++) {
        unsigned reverse;
        s->turn -= s->cost;
        int order = sort_lines(&s->order, line_at(s, s->done), line_at(s, s->done + 1), &reverse);
        if (s->order.unknown)
            return;
        if (order > 0 || (s->unique && !order)) {
            err_print(p, "Check line %zu\n", s->done + 1);
            s->filter.status = 1;
            s->done = s->n;
        }
    }
}

static void open_to(struct proc *p, struct sort *s)
{
    int fd = s->to ? proc_open(p, s->to, O_WRONLY | O_CREAT | O_TRUNC, 0666) : 1;
    if (fd < 0 || (fd != 1 && proc_dup(p, fd, 1) < 0))
        proc_die_errno(p, fd, "can't open '%s'", s->to);
}

static void finish(struct proc *p)
{
    struct sort *s = proc_state(p);
    s->merged = memory_array(proc_memory(p), NULL, s->n + 1, sizeof *s->merged);
    s->cost = 16 + (int64_t)((s->all.len / (s->n + 1) + 1) * (s->order.n + 1));
    s->width = 1;
    begin_run(s, 0);
    filter_drain(p);
}

/* Of those that are alike by their keys only the first is put out; with -s no two are. */
static bool passed(struct sort *s, const char *line)
{
    unsigned reverse;
    if (!s->unique || s->order.stable || !s->done)
        return false;
    s->turn -= s->cost;
    return !sort_by_keys(&s->order, line_at(s, s->done - 1), line, &reverse);
}

static void put_lines(struct proc *p, struct sort *s)
{
    for (; s->done < s->n && s->turn > 0 && !out_full(p); s->done++) {
        const char *line = line_at(s, s->done);
        s->turn--;
        if (passed(s, line))
            continue;
        out_text(p, line);
        out_char(p, s->nul ? '\0' : '\n');
    }
}

static void drain(struct proc *p)
{
    struct sort *s = proc_state(p);
    s->turn = TURN;
    if (s->check) {
        check(p, s);
    } else if (!s->sorted) {
        merge(s);
        if (s->sorted && !s->order.unknown)
            open_to(p, s);
    } else {
        put_lines(p, s);
    }
    if (s->order.unknown)
        proc_die(p, "unknown sort type");
    proc_charge(p, (uint64_t)(TURN - s->turn) / 64);
    if (s->done < (s->check && s->n ? s->n - 1 : s->n) || (!s->check && !s->sorted))
        filter_drain(p);
}

static void failed_open(struct proc *p, int e)
{
    proc_die_errno(p, e, "%s", ((struct sort *)proc_state(p))->filter.name);
}

static const struct filter_ops ops = {
    .start = start,
    .feed = feed,
    .finish = finish,
    .drain = drain,
    .failed = filter_failed_silent,
    .missing = failed_open,
    .lines = true,
    .nul_too = true,
};

const struct applet applet_sort = {
    .name = "sort",
    .filter = &ops,
    .state = sizeof(struct sort),
    .unwritten = UNWRITTEN_OUTPUT,
};
