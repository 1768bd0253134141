#include "shell/applets/walk.h"

#include <string.h>

struct walk_level {
    vfs_ino dir;
    uint64_t cursor;
    size_t path; /* length of the directory's path */
    struct vfs_stat st;
};

void walk_begin(struct walk *w, struct proc *p, const char *path, unsigned flags)
{
    *w = (struct walk){
        .p = p, .flags = flags, .path = text_of(proc_memory(p)), .next = WALK_FIRST
    };
    text_add(&w->path, path, strlen(path));
}

void walk_end(struct walk *w)
{
    memory_give(proc_memory(w->p), w->levels);
    text_release(&w->path);
    w->levels = NULL;
    w->n = w->room = 0;
    w->next = WALK_OVER;
}

static void cut_path(struct walk *w, size_t n)
{
    w->path.len = n;
    w->path.data[n] = '\0';
}

/* What the path leads to now. */
static enum walk_event look(struct walk *w)
{
    bool through = w->flags & WALK_LINKS || (w->depth == 0 && w->flags & WALK_LINKS_FIRST);
    w->error =
        through ? proc_stat(w->p, w->path.data, &w->st) : proc_lstat(w->p, w->path.data, &w->st);
    if (through && w->error == -ENOENT)
        w->error = proc_lstat(w->p, w->path.data, &w->st);
    if (w->error < 0)
        return WALK_ERROR;
    if (!S_ISDIR(w->st.mode) || !(w->flags & WALK_RECURSE))
        return WALK_FILE;
    w->next = WALK_OPENS;
    return WALK_ENTER;
}

static int open_level(struct walk *w)
{
    vfs_ino dir;
    TRY(vfs_find(proc_vfs(w->p), proc_cwd(w->p), w->path.data, true, proc_who(w->p), &dir));
    TRY(vfs_access(proc_vfs(w->p), dir, 4, proc_who(w->p)));
    if (w->n == w->room) {
        w->room = w->room ? w->room * 2 : 8;
        w->levels = memory_array(proc_memory(w->p), w->levels, w->room, sizeof *w->levels);
    }
    w->levels[w->n++] = (struct walk_level){ .dir = dir, .path = w->path.len, .st = w->st };
    w->next = WALK_GOES;
    return 0;
}

static enum walk_event leave(struct walk *w)
{
    struct walk_level *level = &w->levels[--w->n];
    cut_path(w, level->path);
    w->st = level->st;
    w->depth = w->n;
    return WALK_LEAVE;
}

static enum walk_event go_on(struct walk *w)
{
    if (w->n == 0)
        return WALK_END;
    struct walk_level *level = &w->levels[w->n - 1];
    struct vfs_entry entry;
    proc_charge(w->p, 1);
    if (vfs_next(proc_vfs(w->p), level->dir, &level->cursor, &entry) <= 0)
        return leave(w);
    cut_path(w, level->path);
    if (w->path.data[w->path.len - 1] != '/')
        text_char_add(&w->path, '/');
    text_say(&w->path, entry.name);
    w->depth = w->n;
    return look(w);
}

enum walk_event walk_next(struct walk *w)
{
    switch (w->next) {
    case WALK_FIRST:
        w->next = WALK_GOES;
        return look(w);
    case WALK_OPENS:
        w->next = WALK_GOES;
        w->error = open_level(w);
        return w->error < 0 ? WALK_ERROR : go_on(w);
    case WALK_GOES:
        return go_on(w);
    case WALK_OVER:
        break;
    }
    return WALK_END;
}

void walk_skip(struct walk *w)
{
    w->next = WALK_GOES;
}
