#include "shell/applets/ed.h"

#include <fcntl.h>
#include <string.h>

/* Lines that are put in one by one where the reference puts them apart. */
enum { FILE_MOST = 64 << 20, APART_MOST = 256 };

bool ed_range(struct proc *p, const struct ed *e, int64_t from, int64_t to, const char *what)
{
    if (from >= 1 && to <= e->last && from <= to)
        return true;
    proc_error(p, "bad line range for %s", what);
    return false;
}

/* The index of what is taken for a line: from the nearest of the first, the last and the current one. Lines stand in a ring,
 * and behind the last one is an empty one that is none. */
static size_t index_of(struct ed *e, int64_t number)
{
    if (e->now < 1) {
        e->now = 1;
        e->shift = 0;
    }
    bool by_now = number >= e->now / 2 && number <= (e->now + e->last) / 2;
    int64_t i = number - 1 + (by_now ? e->shift : 0), around = e->last + 1;
    return (size_t)((i % around + around) % around);
}

static void go_to(struct ed *e, int64_t number)
{
    int64_t i = (int64_t)index_of(e, number);
    e->now = number;
    e->shift = i - (number - 1);
}

static struct ed_line *line_at(struct ed *e, size_t i)
{
    i %= (size_t)e->last + 1;
    return i < (size_t)e->last ? &e->lines[i] : &e->none;
}

static void make_room(struct proc *p, struct ed *e, size_t i, size_t n)
{
    size_t needed = (size_t)e->last + n, behind = (size_t)e->last - i;
    if (needed > e->room) {
        e->room = needed > 2 * e->room ? needed + 64 : 2 * e->room;
        e->lines = memory_array(proc_memory(p), e->lines, e->room, sizeof *e->lines);
    }
    memmove(e->lines + i + n, e->lines + i, behind * sizeof *e->lines);
    proc_charge(p, behind / 64);
    e->last += (int64_t)n;
}

bool ed_insert(struct proc *p, struct ed *e, int64_t number, const char *s, size_t n)
{
    if (number < 1 || number > e->last + 1) {
        proc_error(p, "inserting at bad line number");
        return false;
    }
    size_t i = number > e->last ? (size_t)e->last : index_of(e, number);
    e->shift += e->now > 0 && (int64_t)i <= e->now - 1 + e->shift;
    make_room(p, e, i, 1);
    e->lines[i] = (struct ed_line){ memory_bytes(proc_memory(p), s, n), n };
    go_to(e, number);
    e->dirty = true;
    return true;
}

bool ed_delete(struct proc *p, struct ed *e, int64_t from, int64_t to)
{
    if (!ed_range(p, e, from, to, "delete"))
        return false;
    int64_t i = (int64_t)index_of(e, from), n = to - from + 1;
    if (e->now >= from && e->now <= to) {
        if (to < e->last)
            go_to(e, to + 1);
        else if (from > 1)
            go_to(e, from - 1);
        else
            e->now = e->shift = 0;
    }
    int64_t current = e->now - 1 + e->shift;
    if (e->now > to)
        e->now -= n;
    struct ed_line *gone = e->lines + i;
    n = n < e->last - i ? n : e->last - i;
    for (int64_t k = 0; k < n; k++)
        memory_give(proc_memory(p), gone[k].s);
    int64_t behind = e->last - i - n;
    memmove(gone, gone + n, (size_t)behind * sizeof *gone);
    proc_charge(p, (uint64_t)(n + behind) / 64);
    e->last -= n;
    current = current >= i + n ? current - n : current < i ? current : i;
    e->shift = e->now ? current - (e->now - 1) : 0;
    e->dirty = true;
    return true;
}

static size_t count_lines(const char *data, size_t n)
{
    size_t count = n && data[n - 1] != '\n';
    for (const char *end = data + n; data < end && (data = memchr(data, '\n', (size_t)(end - data))); data++)
        count++;
    return count;
}

/* The first shows where the others go: behind it, or each behind a line that was there. */
static void take_lines(struct proc *p, struct ed *e, int64_t number, const char *data, size_t n)
{
    size_t count = count_lines(data, n);
    bool one_by_one = true;
    for (size_t i = 0; i < count; i++) {
        const char *end = memchr(data, '\n', n);
        size_t length = end ? (size_t)(end - data) + 1 : n;
        if (i == 1 && (!e->shift || count > APART_MOST)) {
            one_by_one = false;
            make_room(p, e, (size_t)number, count - 1);
        }
        if (one_by_one)
            ed_insert(p, e, number + (int64_t)i, data, length);
        else
            e->lines[(size_t)number + i - 1] = (struct ed_line){ memory_bytes(proc_memory(p), data, length), length };
        data += length;
        n -= length;
    }
    if (!one_by_one)
        go_to(e, number + (int64_t)count - 1);
}

bool ed_read(struct proc *p, struct ed *e, const char *name, int64_t number)
{
    if (number < 1 || number > e->last + 1) {
        proc_error(p, "bad line for read");
        return false;
    }
    char *data;
    size_t n;
    int error = proc_read_file(p, name, FILE_MOST, &data, &n);
    if (error < 0) {
        proc_perror(p, error, "%s", name);
        return false;
    }
    take_lines(p, e, number, data, n);
    memory_give(proc_memory(p), data);
    e->dirty = true;
    out_print(p, "%zu\n", n);
    return true;
}

bool ed_write(struct proc *p, struct ed *e, const char *name, int64_t from, int64_t to)
{
    if (!ed_range(p, e, from, to, "write"))
        return false;
    int fd = proc_open(p, name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int64_t error = fd;
    struct text all = text_of(proc_memory(p));
    for (size_t i = index_of(e, from), end = i + (size_t)(to - from); fd >= 0 && i <= end; i++)
        text_add(&all, line_at(e, i)->s, line_at(e, i)->n);
    size_t n = all.len;
    if (fd >= 0) {
        error = proc_write(p, fd, all.data, n);
        (void)proc_close(p, fd);
    }
    text_release(&all);
    if (error < 0) {
        proc_perror(p, (int)error, "%s", name);
        return false;
    }
    out_print(p, "%zu\n", n);
    return true;
}

static void put_visible(struct proc *p, const struct ed_line *l)
{
    size_t n = l->n && l->s[l->n - 1] == '\n' ? l->n - 1 : l->n;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)l->s[i];
        if (c & 0x80)
            out_text(p, "M-");
        c &= 0x7f;
        if (c < ' ' || c == 0x7f) {
            out_char(p, '^');
            c ^= 0x40;
        }
        out_char(p, (char)c);
    }
    out_text(p, "$\n");
}

bool ed_print(struct proc *p, struct ed *e, int64_t from, int64_t to, bool visible)
{
    if (!ed_range(p, e, from, to, "print"))
        return false;
    for (size_t i = index_of(e, from); from <= to; i++) {
        const struct ed_line *l = line_at(e, i);
        if (visible)
            put_visible(p, l);
        else
            out_put(p, l->s, l->n);
        go_to(e, from++);
    }
    return true;
}

static void keep_sought(struct proc *p, struct ed *e, const char *text)
{
    char *copy = memory_text(proc_memory(p), text);
    memory_give(proc_memory(p), e->sought);
    e->sought = copy;
}

/* What is looked for: the text, or where it is empty the last. */
static bool take_sought(struct proc *p, struct ed *e, const char *text)
{
    if (*text)
        keep_sought(p, e, text);
    else if (!e->sought)
        proc_error(p, "no previous search string");
    return e->sought;
}

bool ed_find(struct proc *p, struct ed *e, const char *text, int64_t from, int64_t *ret)
{
    if (!ed_range(p, e, from, e->last, "search") || !take_sought(p, e, text))
        return false;
    size_t i = index_of(e, from);
    for (*ret = from; *ret <= e->last; ++*ret) {
        const struct ed_line *l = line_at(e, i++);
        proc_charge(p, 1 + l->n / 64);
        if (memmem(l->s, l->n, e->sought, strlen(e->sought)))
            return true;
    }
    proc_error(p, "can't find string \"%s\"", e->sought);
    return false;
}

/* Whether there was something to be replaced. */
static bool substitute_line(struct proc *p, struct ed *e, struct ed_line *l, const char *with, bool all)
{
    const char *at = l->s, *end = l->s + l->n, *found;
    struct text to = text_of(proc_memory(p));
    bool any = false;
    size_t n = strlen(e->sought);
    while ((all || !any) && (found = memmem(at, (size_t)(end - at), e->sought, n))) {
        text_add(&to, at, (size_t)(found - at));
        text_say(&to, with);
        at = found + n;
        any = true;
    }
    proc_charge(p, 1 + l->n / 64);
    if (!any)
        return false;
    text_add(&to, at, (size_t)(end - at));
    memory_give(proc_memory(p), l->s);
    *l = (struct ed_line){ to.data, to.len };
    return true;
}

/* Cuts words at the delimiter; what follows it, or NULL. */
static char *cut(char *words, char delimiter)
{
    char *end = strchr(words, delimiter);
    if (end)
        *end++ = '\0';
    return end;
}

bool ed_substitute(struct proc *p, struct ed *e, char *words, int64_t from, int64_t to)
{
    if (!ed_range(p, e, from, to, "substitute"))
        return false;
    char delimiter = *words;
    if (!delimiter || delimiter == ' ' || delimiter == '\t') {
        proc_error(p, "bad delimiter for substitute");
        return false;
    }
    char *with = cut(words + 1, delimiter);
    if (!with) {
        proc_error(p, "missing 2nd delimiter for substitute");
        return false;
    }
    const char *flags = cut(with, delimiter);
    flags = flags ? flags : "";
    if (flags[strspn(flags, "gp")]) {
        proc_error(p, "unknown option for substitute");
        return false;
    }
    if (!take_sought(p, e, words + 1))
        return false;
    bool any = false;
    for (size_t i = index_of(e, from); from <= to; i++, from++) {
        if (!substitute_line(p, e, line_at(e, i), with, strchr(flags, 'g')))
            continue;
        any = e->dirty = true;
        if (strchr(flags, 'p'))
            ed_print(p, e, from, from, false);
    }
    if (!any)
        proc_error(p, "no substitutions found for \"%s\"", e->sought);
    return any;
}
