#include "shell/applets/stat-text.h"
#include "shell/applets/walk.h"
#include "shell/options.h"

#include <string.h>

enum {
    ALL = 1,
    FIRST_LINKS = 2,
    LINKS = 4,
    TOTAL = 8,
    EACH_LINK = 16,
    ONE_MOUNT = 32,
    APPARENT = 64,
    HUMAN = 128,
    MEGA = 256,
    UNITS = HUMAN | MEGA
};

/* Files of several names that were counted. */
struct seen {
    uint64_t *ids; /* a table, 0: free */
    size_t n, room;
};

struct du {
    struct proc *p;
    uint32_t bits;
    bool unit; /* was asked for */
    uint64_t depth;
    struct seen seen;
    uint64_t *sums; /* of the directories on the way, by depth */
    size_t room;
    int status;
};

static void insert(uint64_t *ids, size_t room, uint64_t id)
{
    size_t i = (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (room - 1);
    while (ids[i] && ids[i] != id)
        i = (i + 1) & (room - 1);
    ids[i] = id;
}

static bool seen_before(struct proc *p, struct seen *s, uint64_t id)
{
    for (size_t i = (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 32);
         s->room && s->ids[i & (s->room - 1)]; i++)
        if (s->ids[i & (s->room - 1)] == id)
            return true;
    if (s->n * 2 >= s->room) {
        size_t room = s->room ? s->room * 2 : 32;
        uint64_t *ids = memory_take(proc_memory(p), room * sizeof *ids);
        for (size_t i = 0; i < s->room; i++)
            if (s->ids[i])
                insert(ids, room, s->ids[i]);
        memory_give(proc_memory(p), s->ids);
        s->ids = ids;
        s->room = room;
    }
    insert(s->ids, s->room, id);
    s->n++;
    return false;
}

/* Blocks fill units whole, bytes count by halves. */
static void show(const struct du *du, uint64_t size, const char *path)
{
    char text[24];
    uint64_t bytes = du->bits & APPARENT ? size : size * 512,
             unit = du->bits & MEGA ? 1048576 : 1024;
    if (du->bits & HUMAN)
        out_print(du->p, "%s\t%s\n", human_text(bytes, text), path);
    else if (du->bits & APPARENT && !du->unit)
        out_print(du->p, "%llu\t%s\n", (unsigned long long)bytes, path);
    else
        out_print(
            du->p, "%llu\t%s\n",
            (unsigned long long)((bytes + (du->bits & APPARENT ? unit / 2 : unit - 1)) / unit),
            path);
}

static uint64_t size_of(const struct du *du, const struct vfs_stat *st)
{
    return du->bits & APPARENT ? st->size : st->blocks;
}

static uint64_t *sum_at(struct du *du, size_t depth)
{
    if (depth >= du->room) {
        size_t room = du->room ? du->room * 2 : 16;
        du->sums = memory_array(proc_memory(du->p), du->sums, room > depth ? room : depth + 1,
                                sizeof *du->sums);
        du->room = room > depth ? room : depth + 1;
    }
    return &du->sums[depth];
}

static void add_to_parent(struct du *du, size_t depth, uint64_t size, uint64_t *total)
{
    if (depth > 0)
        *sum_at(du, depth - 1) += size;
    else
        *total += size;
}

/* By one of its names, or a directory by another operand. */
static bool is_counted(struct du *du, const struct vfs_stat *st)
{
    return !(du->bits & EACH_LINK) && st->links > 1 &&
           seen_before(du->p, &du->seen, (uint64_t)(st->mount + 1) << 32 | st->ino);
}

static void on_file(struct du *du, const struct walk *w, uint64_t *total)
{
    uint64_t size = size_of(du, &w->st);
    if (is_counted(du, &w->st))
        return;
    add_to_parent(du, w->depth, size, total);
    if (w->depth == 0 || (du->bits & ALL && w->depth <= du->depth))
        show(du, size, w->path.data);
}

static void count(struct du *du, const char *path, uint64_t *total)
{
    struct walk w;
    uint32_t mount = 0;
    struct vfs_stat st;
    /* With -H a link that is followed makes those in it be followed, too. */
    bool through = du->bits & LINKS || (du->bits & FIRST_LINKS &&
                                        proc_lstat(du->p, path, &st) == 0 && S_ISLNK(st.mode));
    walk_begin(&w, du->p, path, WALK_RECURSE | (through ? WALK_LINKS : 0));
    for (enum walk_event event; (event = walk_next(&w)) != WALK_END;) {
        if (w.depth == 0 && event != WALK_ERROR)
            mount = w.st.mount;
        bool other = du->bits & ONE_MOUNT && w.st.mount != mount;
        if (event == WALK_ERROR) {
            if (proc_lstat(du->p, w.path.data, &st) == 0 && S_ISDIR(st.mode))
                proc_perror(du->p, w.error, "can't open '%s'", w.path.data);
            else
                proc_perror(du->p, w.error, "%s", w.path.data);
            du->status = 1;
        } else if (event == WALK_ENTER && (other || is_counted(du, &w.st))) {
            walk_skip(&w);
        } else if (event == WALK_ENTER) {
            *sum_at(du, w.depth) = size_of(du, &w.st);
        } else if (event == WALK_LEAVE) {
            uint64_t size = *sum_at(du, w.depth);
            add_to_parent(du, w.depth, size, total);
            if (w.depth <= du->depth)
                show(du, size, w.path.data);
        } else if (!other) {
            on_file(du, &w, total);
        }
    }
    walk_end(&w);
}

static void set_option(struct du *du, int c, const char *argument)
{
    static const struct {
        char letter;
        uint32_t bits;
    } letters[] = { { 'a', ALL },      { 'H', FIRST_LINKS }, { 'L', LINKS },
                    { 'c', TOTAL },    { 'l', EACH_LINK },   { 'x', ONE_MOUNT },
                    { 'b', APPARENT }, { 'h', HUMAN },       { 'm', MEGA } };
    if (c == 'h' || c == 'm' || c == 'k') {
        du->bits &= ~(uint32_t)UNITS;
        du->unit = true;
    }
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if (letters[i].letter == c)
            du->bits |= letters[i].bits;
    if (c == 's')
        du->depth = 0;
    if (c == 'd')
        du->depth = options_number(du->p, argument, 0, INT32_MAX, NULL);
}

static int once(struct proc *p, int argc, char **argv)
{
    static char *here[] = { ".", NULL };
    struct du du = { .p = p, .depth = UINT64_MAX };
    struct options o;
    options_begin(&o, p, argc, argv, "aHLd:clsxhmkb", NULL);
    for (int c; (c = options_next(&o)) != -1;)
        set_option(&du, c, o.argument);
    argv += o.index;
    uint64_t total = 0;
    for (argv = *argv ? argv : here; *argv; argv++)
        count(&du, *argv, &total);
    if (du.bits & TOTAL)
        show(&du, total, "total");
    return du.status;
}

const struct applet applet_du = { .name = "du", .once = once, .unwritten = UNWRITTEN_OUTPUT };
