#include "shell/applets/diff.h"

#include <string.h>

/*
 * J. W. Hunt and M. D. McIlroy, An Algorithm for Differential File Comparison (1976), in H. Stone's
 * form: for each line of the first text the lines of the second that are like it are tried in order; a tip is
 * the least line of the second with which a chain of that many pairs ends.
 *
 * With -w and nothing but blank lines left in the second, the reference reads past its table, and puts out
 * a line more or what lies there; that is not followed.
 */

static void *array_of(struct diff_match *m, size_t n, size_t size)
{
    void *a = memory_array(proc_memory(m->p), NULL, n, size);
    memset(a, 0, n * size);
    return a;
}

static const char *line_at(const struct diff_match *m, size_t side, uint32_t i, size_t *ret_n)
{
    const struct diff_text *t = &m->of[side];
    *ret_n = t->lines[i + 1] - t->lines[i];
    return t->bytes.data + t->lines[i];
}

void diff_match_begin(struct diff_match *m, struct proc *p, uint32_t bits, int32_t context, struct diff_text of[static 2])
{
    *m = (struct diff_match){ .p = p, .bits = bits, .context = context, .of = of };
}

void diff_match_end(struct diff_match *m)
{
    void *all[] = { m->table, m->owners, m->first, m->members, m->links, m->tips, m->pair, m->changes };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        memory_give(proc_memory(m->p), all[i]);
    for (size_t i = 0; i < 2; i++) {
        memory_give(proc_memory(m->p), m->of[i].lines);
        memory_give(proc_memory(m->p), m->of[i].classes);
    }
}

static void add_line(struct diff_match *m, struct diff_text *t, size_t from)
{
    if (t->n_lines == t->room) {
        t->room = t->room ? 2 * t->room : 256;
        t->lines = memory_array(proc_memory(m->p), t->lines, (size_t)t->room + 1, sizeof *t->lines);
    }
    t->lines[t->n_lines] = (uint32_t)from;
}

static void begin_classes(struct diff_match *m)
{
    uint32_t n = m->of[1].n_lines;
    for (m->n_table = 64; m->n_table < 2 * (uint64_t)n;)
        m->n_table *= 2;
    m->table = array_of(m, m->n_table, sizeof *m->table);
    m->owners = array_of(m, (size_t)n + 1, sizeof *m->owners);
    m->side = 1;
    m->stage = MATCH_CLASSES;
}

/* Where the lines of one text begin. */
static void find_lines(struct diff_match *m)
{
    struct diff_text *t = &m->of[m->side];
    add_line(m, t, m->done);
    while (m->turn > 0 && m->done < t->bytes.len) {
        const char *at = t->bytes.data + m->done;
        const char *end = memchr(at, '\n', t->bytes.len - m->done);
        size_t n = end ? (size_t)(end - at) + 1 : t->bytes.len - m->done;
        m->turn -= 1 + (int64_t)(n / 64);
        m->done += (uint32_t)n;
        t->n_lines++;
        add_line(m, t, m->done);
    }
    if (m->done < t->bytes.len)
        return;
    t->classes = array_of(m, t->n_lines, sizeof *t->classes);
    m->done = 0;
    if (++m->side == 2)
        begin_classes(m);
}

/* The class of a line; of the second text one is made for it. */
static uint32_t class_of(struct diff_match *m, const char *s, size_t n)
{
    uint32_t slot = diff_hash(m->bits, s, n) & (m->n_table - 1);
    for (; m->table[slot]; slot = (slot + 1) & (m->n_table - 1)) {
        size_t n_owner;
        const char *owner = line_at(m, 1, m->owners[m->table[slot]], &n_owner);
        m->turn -= 1 + (int64_t)(n_owner / 64);
        if (diff_alike(m->bits, s, n, owner, n_owner))
            return m->table[slot];
    }
    if (m->side == 1) {
        m->table[slot] = ++m->n_classes;
        m->owners[m->n_classes] = m->done;
    }
    return m->table[slot];
}

/* First of the second text, whose lines make the classes. */
static void find_classes(struct diff_match *m)
{
    struct diff_text *t = &m->of[m->side];
    for (; m->turn > 0 && m->done < t->n_lines; m->done++) {
        size_t n;
        const char *s = line_at(m, m->side, m->done, &n);
        m->turn -= 1 + (int64_t)(n / 16);
        t->classes[m->done] = class_of(m, s, n);
    }
    if (m->done < t->n_lines)
        return;
    m->done = 0;
    if (m->side == 0)
        m->stage = MATCH_MEMBERS;
    m->side = 0;
}

/* What both begin and end with is theirs; of what is left, the members of each class in order. */
static void find_members(struct diff_match *m)
{
    const struct diff_text *a = &m->of[0], *b = &m->of[1];
    uint32_t n = a->n_lines < b->n_lines ? a->n_lines : b->n_lines;
    while (m->before < n && a->classes[m->before] == b->classes[m->before])
        m->before++;
    while (m->after < n - m->before && a->classes[a->n_lines - 1 - m->after] == b->classes[b->n_lines - 1 - m->after])
        m->after++;
    m->turn -= a->n_lines / 16 + b->n_lines / 16;

    m->first = array_of(m, (size_t)m->n_classes + 2, sizeof *m->first);
    m->members = array_of(m, b->n_lines, sizeof *m->members);
    for (uint32_t i = m->before; i < b->n_lines - m->after; i++)
        m->first[b->classes[i]]++;
    for (uint32_t i = 1; i <= m->n_classes + 1; i++)
        m->first[i] += m->first[i - 1];
    for (uint32_t i = b->n_lines - m->after; i-- > m->before;)
        m->members[--m->first[b->classes[i]]] = i;

    uint32_t middle = a->n_lines - m->before - m->after, other = b->n_lines - m->before - m->after;
    m->tips = array_of(m, (size_t)(middle < other ? middle : other) + 2, sizeof *m->tips);
    m->links_room = 256;
    m->links = array_of(m, m->links_room, sizeof *m->links);
    m->n_links = 1; /* the first is the end of all chains */
    m->done = m->before;
    m->stage = MATCH_CHAINS;
}

static uint32_t new_link(struct diff_match *m, uint32_t b, uint32_t older)
{
    if (m->n_links == m->links_room) {
        m->links_room *= 2;
        m->links = memory_array(proc_memory(m->p), m->links, m->links_room, sizeof *m->links);
    }
    m->links[m->n_links] = (struct diff_link){ m->done, b, older };
    return m->n_links++;
}

/* A line of the second as the links have it: from 1 on, as 0 is before all. */
static uint32_t tip_line(const struct diff_match *m, uint32_t link)
{
    return m->links[link].b;
}

/* The length of the shortest chain whose tip is not before b; one more than the longest where there is none. */
static uint32_t find_length(const struct diff_match *m, uint32_t b)
{
    uint32_t low = 1, high = m->longest + 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (tip_line(m, m->tips[middle]) < b)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* One line of the second that is like the line at hand. Whether others are to be tried. */
static bool try_member(struct diff_match *m, uint32_t b)
{
    m->turn -= 4;
    if (b <= tip_line(m, m->old_tip))
        return true;
    uint32_t length = find_length(m, b);
    if (length != m->old_length + 1)
        m->old_tip = m->tips[length - 1];
    if (length > m->longest) {
        m->tips[++m->longest] = new_link(m, b, m->old_tip);
        return false;
    }
    if (tip_line(m, m->tips[length]) <= b)
        return true;
    uint32_t replaced = m->tips[length];
    m->tips[length] = new_link(m, b, m->old_tip);
    m->old_tip = replaced;
    m->old_length = length;
    return true;
}

static void find_chains(struct diff_match *m)
{
    const struct diff_text *a = &m->of[0];
    uint32_t end = a->n_lines - m->after;
    for (; m->turn > 0 && m->done < end; m->inside = false, m->done++) {
        uint32_t class = a->classes[m->done];
        m->turn--;
        if (!class)
            continue;
        if (!m->inside) {
            m->member = m->first[class];
            m->old_length = m->old_tip = 0;
            m->inside = true;
        }
        bool more = m->member < m->first[class + 1];
        while (more && m->turn > 0)
            more = try_member(m, m->members[m->member++] + 1) && m->member < m->first[class + 1];
        if (more)
            return;
    }
    if (m->done == end)
        m->stage = MATCH_CHANGES;
}

static void find_pairs(struct diff_match *m)
{
    uint32_t n = m->of[0].n_lines, n_other = m->of[1].n_lines;
    m->pair = array_of(m, n, sizeof *m->pair);
    for (uint32_t i = 0; i < m->before; i++)
        m->pair[i] = i + 1;
    for (uint32_t i = 0; i < m->after; i++)
        m->pair[n - 1 - i] = n_other - i;
    for (uint32_t link = m->tips[m->longest]; link; link = m->links[link].older)
        m->pair[m->links[link].a] = m->links[link].b;
}

static void add_change(struct diff_match *m, struct diff_change c)
{
    if (m->n_changes == m->changes_room) {
        m->changes_room = m->changes_room ? 2 * m->changes_room : 64;
        m->changes = memory_array(proc_memory(m->p), m->changes, m->changes_room, sizeof *m->changes);
    }
    m->changes[m->n_changes++] = c;
}

static void find_changes(struct diff_match *m)
{
    find_pairs(m);
    uint32_t n = m->of[0].n_lines, n_other = m->of[1].n_lines;
    for (uint32_t i = 0, j = 0; i < n || j < n_other;) {
        if (i < n && m->pair[i] == j + 1) {
            i++, j++;
            continue;
        }
        struct diff_change c = { i, i, j, n_other, 1 };
        while (c.b < n && !m->pair[c.b])
            c.b++;
        if (c.b < n)
            c.d = m->pair[c.b] - 1;
        add_change(m, c);
        i = c.b;
        j = c.d;
    }
    m->turn -= n / 16 + n_other / 16;
    m->stage = MATCH_HUNKS;
}

/* Whether a change stands so near to the one before that one hunk has both. */
static bool joins(const struct diff_match *m, const struct diff_change *before, const struct diff_change *c)
{
    int32_t gap = diff_plus(2 * (int64_t)m->context, 1);
    return (int64_t)c->a + 1 <= diff_plus(before->b, gap) || (int64_t)c->c + 1 <= diff_plus(before->d, gap);
}

static bool blank(const struct diff_match *m, size_t side, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        size_t n;
        if (*line_at(m, side, i, &n) != '\n')
            return false;
    }
    return true;
}

/* With -B a hunk of which all changes are of blank lines is none. */
static bool counts(const struct diff_match *m, const struct diff_change *c, size_t n)
{
    if (!(m->bits & DIFF_BLANK_LINES))
        return true;
    for (size_t i = 0; i < n; i++)
        if (!blank(m, 0, c[i].a, c[i].b) || !blank(m, 1, c[i].c, c[i].d))
            return true;
    return false;
}

/* Changes that stand together are a hunk; the first of it knows how many they are.
 * What does not count is taken out. */
static void find_hunks(struct diff_match *m)
{
    struct diff_change *all = m->changes;
    size_t left = 0, n;
    for (size_t i = 0; i < m->n_changes; i += n) {
        for (n = 1; i + n < m->n_changes && joins(m, &all[i + n - 1], &all[i + n]);)
            n++;
        if (!counts(m, &all[i], n))
            continue;
        memmove(&all[left], &all[i], n * sizeof *all);
        all[left].together = n;
        left += n;
    }
    m->turn -= (int64_t)(m->n_changes / 16);
    m->n_changes = left;
    m->stage = MATCH_OVER;
}

bool diff_match_run(struct diff_match *m)
{
    static void (*const stages[])(struct diff_match *) = {
        [MATCH_LINES] = find_lines,     [MATCH_CLASSES] = find_classes, [MATCH_MEMBERS] = find_members,
        [MATCH_CHAINS] = find_chains,   [MATCH_CHANGES] = find_changes, [MATCH_HUNKS] = find_hunks,
    };
    while (m->turn > 0 && m->stage != MATCH_OVER)
        stages[m->stage](m);
    return m->stage == MATCH_OVER;
}
