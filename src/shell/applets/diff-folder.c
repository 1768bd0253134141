#include "shell/applets/diff.h"

#include "shell/applets/walk.h"

#include <stdlib.h>
#include <string.h>

/* The names in one directory, with -r those of all files below it. */
struct list {
    const char *folder;
    char **names;
    size_t n, room, at;
};

struct diff_folder {
    uint32_t bits;
    const char *from; /* -S, or NULL */
    struct list lists[2];
    struct walk walk;
    size_t side; /* 2: both are known */
    bool walking;
};

struct diff_folder *diff_folder_begin(struct proc *p, uint32_t bits, const char *const names[2], const char *from)
{
    struct diff_folder *f = memory_take(proc_memory(p), sizeof *f);
    f->bits = bits;
    f->from = from;
    for (size_t i = 0; i < 2; i++)
        f->lists[i].folder = names[i];
    return f;
}

/* A path below the folder, from there on. */
static const char *below(const struct diff_folder *f)
{
    const char *s = f->walk.path.data + strlen(f->lists[f->side].folder);
    return s + strspn(s, "/");
}

static void add_name(struct proc *p, struct diff_folder *f)
{
    struct list *l = &f->lists[f->side];
    if (l->n == l->room) {
        l->room = l->room ? 2 * l->room : 32;
        l->names = memory_array(proc_memory(p), l->names, l->room, sizeof *l->names);
    }
    l->names[l->n++] = memory_text(proc_memory(p), below(f));
}

/* A directory that the other side lacks is not gone into, and that it lacks it shows in the status alone. */
static void enter(struct proc *p, struct diff_folder *f, int *status)
{
    if (f->walk.depth == 0)
        return;
    if (!(f->bits & DIFF_RECURSE)) {
        add_name(p, f);
        walk_skip(&f->walk);
    } else if (!(f->bits & DIFF_NEW)) {
        struct vfs_stat st;
        char *other = proc_join(p, f->lists[!f->side].folder, below(f));
        if (proc_stat(p, other, &st) < 0 || !S_ISDIR(st.mode)) {
            *status = 1;
            walk_skip(&f->walk);
        }
        memory_give(proc_memory(p), other);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void end_walk(struct proc *p, struct diff_folder *f)
{
    struct list *l = &f->lists[f->side++];
    walk_end(&f->walk);
    f->walking = false;
    if (l->n)
        qsort(l->names, l->n, sizeof *l->names, by_name);
    proc_charge(p, l->n);
    while (f->from && l->at < l->n && strcmp(l->names[l->at], f->from) < 0)
        l->at++;
}

static void walk_some(struct proc *p, struct diff_folder *f, int *status)
{
    if (!f->walking)
        walk_begin(&f->walk, p, f->lists[f->side].folder, WALK_RECURSE | WALK_LINKS);
    f->walking = true;
    struct vfs_stat st;
    int error;
    for (size_t i = 0; i < 64; i++) {
        switch (walk_next(&f->walk)) {
        case WALK_END:
            end_walk(p, f);
            return;
        case WALK_FILE:
            /* A link that leads nowhere was looked at itself. */
            error = S_ISLNK(f->walk.st.mode) ? proc_stat(p, f->walk.path.data, &st) : 0;
            if (error < 0)
                proc_perror(p, error, "%s", f->walk.path.data);
            else
                add_name(p, f);
            break;
        case WALK_ENTER:
            enter(p, f, status);
            break;
        case WALK_ERROR:
            proc_perror(p, f->walk.error, "%s", f->walk.path.data);
            break;
        case WALK_LEAVE:
            break;
        }
    }
}

static const char *kind(const struct vfs_stat *st)
{
    return S_ISDIR(st->mode) ? "directory" : "regular file";
}

/* Something of that name is in both, or what is in one alone counts as an empty one in the other (-N).
 * Whether both are files. */
static bool look_at_both(struct proc *p, const struct diff_folder *f, struct diff_side side[static 2])
{
    struct vfs_stat st[2];
    for (size_t i = 0; i < 2; i++)
        if (!side[i].absent && proc_stat(p, side[i].path, &st[i]) < 0)
            return false;
    for (size_t i = 0; i < 2; i++)
        if (side[i].absent)
            st[i] = st[!i];
    for (size_t i = 0; i < 2; i++) {
        if (!S_ISREG(st[i].mode) && !S_ISDIR(st[i].mode)) {
            out_print(p, "File %s is not a regular file or directory and was skipped\n", side[i].path);
            return false;
        }
    }
    if (S_ISREG(st[0].mode) && S_ISREG(st[1].mode))
        return true;
    if (!S_ISDIR(st[0].mode) || !S_ISDIR(st[1].mode))
        out_print(p, "File %s is a %s while file %s is a %s\n", side[0].path, kind(&st[0]), side[1].path, kind(&st[1]));
    else if (!(f->bits & DIFF_RECURSE))
        out_print(p, "Common subdirectories: %s and %s\n", side[0].path, side[1].path);
    return false;
}

/* The next name of either. Whether it is of two files. */
static bool next_name(struct proc *p, struct diff_folder *f, struct diff_side side[static 2], int *status)
{
    struct list *a = &f->lists[0], *b = &f->lists[1];
    int order = a->at == a->n ? 1 : b->at == b->n ? -1 : strcmp(a->names[a->at], b->names[b->at]);
    const char *name = order > 0 ? b->names[b->at] : a->names[a->at];
    bool has[] = { order <= 0, order >= 0 };
    for (size_t i = 0; i < 2; i++)
        f->lists[i].at += has[i];
    if (order && !(f->bits & DIFF_NEW)) {
        out_print(p, "Only in %s: %s\n", f->lists[order > 0].folder, name);
        *status = 1;
        return false;
    }
    for (size_t i = 0; i < 2; i++) {
        const char *path = proc_join(p, f->lists[i].folder, name);
        side[i] = (struct diff_side){ path, has[i] ? path : "/dev/null", !has[i], -1 };
    }
    return look_at_both(p, f, side);
}

enum applet_next diff_folder_step(struct proc *p, struct diff_folder *f, struct diff_side side[static 2],
                                  bool *ret_pair, int *status)
{
    *ret_pair = false;
    if (f->side < 2) {
        walk_some(p, f, status);
        return NEXT_AGAIN;
    }
    if (f->lists[0].at == f->lists[0].n && f->lists[1].at == f->lists[1].n)
        return NEXT_DONE;
    proc_charge(p, 1);
    *ret_pair = next_name(p, f, side, status);
    return NEXT_AGAIN;
}
