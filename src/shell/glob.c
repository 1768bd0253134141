#include "shell/glob.h"
#include "shell/pattern.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORK_A_STEP = 16 }; /* parts of a path that are looked up in the time of a step */

/* A part of the pattern between slashes. */
struct component {
    size_t slashes; /* that stand before it */
    const char *text;
    size_t n;
    bool pattern; /* else text is without its backslashes */
};

/* A folder that is being read for the component of its number. */
struct reading {
    size_t component;
    vfs_ino dir;
    uint64_t cursor;
    size_t n_path;
    uint8_t dots; /* of . and .., how many were tried: they are no entries */
};

struct glob {
    struct memory *memory;
    struct vfs *vfs;
    struct vfs_who who;
    vfs_ino cwd;
    char *pattern;
    struct component *components;
    size_t n_components;
    struct reading *readings;
    size_t n_readings, room_readings;
    struct text path; /* that leads to where the search is */
    char **found;
    size_t n_found, room_found;
    bool begun;
};

/* ---- The pattern's parts ---- */

static size_t unescape(char *s, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\\' && i + 1 < n)
            i++;
        s[kept++] = s[i];
    }
    return kept;
}

/* A slash parts the pattern whether a backslash stands before it or not. */
static size_t bare_slashes(char *s, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\\' && i + 1 < n && s[i + 1] != '/')
            s[kept++] = s[i++];
        else if (s[i] == '\\' && i + 1 < n)
            i++;
        s[kept++] = s[i];
    }
    return kept;
}

static size_t count_slashes(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i] == '/')
        i++;
    return i;
}

static void split(struct glob *g, char *s, size_t n)
{
    size_t room = 0;
    for (size_t i = 0; i < n || !g->n_components;) {
        if (g->n_components == room) {
            room = room ? room * 2 : 4;
            g->components = memory_array(g->memory, g->components, room, sizeof *g->components);
        }
        struct component *c = &g->components[g->n_components++];
        c->slashes = count_slashes(s + i, n - i);
        i += c->slashes;
        const char *end = memchr(s + i, '/', n - i);
        c->text = s + i;
        c->n = end ? (size_t)(end - c->text) : n - i;
        c->pattern = pattern_is(c->text, c->n);
        size_t had = c->n;
        if (!c->pattern)
            c->n = unescape(s + i, c->n);
        i += had;
    }
}

struct glob *glob_make(struct memory *m, struct vfs *v, vfs_ino cwd, struct vfs_who who,
                       const char *pattern, size_t n)
{
    struct glob *g = memory_take(m, sizeof *g);
    g->memory = m;
    g->vfs = v;
    g->who = who;
    g->cwd = cwd;
    g->path = text_of(m);
    g->pattern = memory_bytes(m, pattern, n);
    split(g, g->pattern, bare_slashes(g->pattern, n));
    return g;
}

void glob_free(struct glob *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < g->n_found; i++)
        memory_give(g->memory, g->found[i]);
    memory_give(g->memory, g->found);
    memory_give(g->memory, g->readings);
    memory_give(g->memory, g->components);
    memory_give(g->memory, g->pattern);
    text_release(&g->path);
    memory_give(g->memory, g);
}

/* ---- The search ---- */

static void add_found(struct glob *g)
{
    if (g->n_found == g->room_found) {
        size_t room = g->room_found ? g->room_found * 2 : 8;
        g->found = memory_array(g->memory, g->found, room, sizeof *g->found);
        g->room_found = room;
    }
    g->found[g->n_found] = memory_bytes(g->memory, g->path.data, g->path.len);
    g->n_found++;
}

static void add_slashes(struct glob *g, const struct component *c)
{
    for (size_t i = 0; i < c->slashes; i++)
        text_char_add(&g->path, '/');
}

static bool is_folder(struct glob *g, vfs_ino ino)
{
    struct vfs_stat st;
    return vfs_stat(g->vfs, ino, &st) == 0 && S_ISDIR(st.mode);
}

/* A component that is a name; false: it leads to nothing. The last one may be a link to nothing; of
 * a slash at the end the component is empty, and asks for a folder. */
static bool go_by_name(struct glob *g, const struct component *c, bool last, vfs_ino *dir)
{
    char name[VFS_NAME_MOST + 1];
    if (c->n > VFS_NAME_MOST || g->path.len + c->slashes + c->n >= VFS_PATH_MOST)
        return false;
    add_slashes(g, c);
    text_add(&g->path, c->text, c->n);
    if (!c->n)
        return is_folder(g, *dir);
    memcpy(name, c->text, c->n);
    name[c->n] = '\0';
    return vfs_find(g->vfs, *dir, name, !last, g->who, dir) == 0;
}

/* Along the names that follow, up to the next pattern, whose folder is then read. */
static void go(struct glob *g, vfs_ino dir, size_t i)
{
    if (!i && g->components[0].slashes)
        dir = VFS_ROOT;
    for (; i < g->n_components && !g->components[i].pattern; i++) {
        if (!go_by_name(g, &g->components[i], i + 1 == g->n_components, &dir))
            return;
    }
    if (i == g->n_components) {
        add_found(g);
        return;
    }
    if (!is_folder(g, dir) || vfs_access(g->vfs, dir, R_OK, g->who) != 0)
        return;
    if (g->path.len + g->components[i].slashes >= VFS_PATH_MOST)
        return;
    add_slashes(g, &g->components[i]);
    if (g->n_readings == g->room_readings) {
        size_t room = g->room_readings ? g->room_readings * 2 : 4;
        g->readings = memory_array(g->memory, g->readings, room, sizeof *g->readings);
        g->room_readings = room;
    }
    g->readings[g->n_readings++] =
        (struct reading){ .component = i, .dir = dir, .n_path = g->path.len };
}

static bool next_name(struct glob *g, struct reading *r, const char **ret)
{
    static const char *const dots[] = { ".", ".." };
    struct vfs_entry entry;
    if (r->dots < 2) {
        *ret = dots[r->dots++];
        return true;
    }
    if (vfs_next(g->vfs, r->dir, &r->cursor, &entry) != 1)
        return false;
    *ret = entry.name;
    return true;
}

static void try_name(struct glob *g, const struct reading *r, const char *name)
{
    const struct component *c = &g->components[r->component];
    size_t n = strlen(name);
    if (!pattern_match(c->text, c->n, name, n, PATTERN_PERIOD) || r->n_path + n >= VFS_PATH_MOST)
        return;
    text_add(&g->path, name, n);
    if (r->component + 1 == g->n_components) {
        add_found(g);
        return;
    }
    size_t next = r->component + 1;
    vfs_ino dir;
    if (vfs_find(g->vfs, r->dir, g->path.data + r->n_path, true, g->who, &dir) == 0 &&
        is_folder(g, dir))
        go(g, dir, next);
}

bool glob_run(struct glob *g, int64_t *steps)
{
    if (!g->begun) {
        g->begun = true;
        if (*g->pattern) /* the empty path is nobody's */
            go(g, g->cwd, 0);
    }
    *steps -= vfs_work(g->vfs) / WORK_A_STEP;
    while (g->n_readings) {
        struct reading *r = &g->readings[g->n_readings - 1];
        const char *name;
        g->path.len = r->n_path;
        if (!next_name(g, r, &name)) {
            g->n_readings--;
            continue;
        }
        *steps -= 2 + (int64_t)(g->components[r->component].n / 16);
        const struct reading now = *r; /* which may move */
        try_name(g, &now, name);
        *steps -= vfs_work(g->vfs) / WORK_A_STEP;
        if (*steps <= 0)
            return !g->n_readings;
    }
    return true;
}

static int in_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **glob_take(struct glob *g, size_t *ret_n)
{
    char **found = g->found;
    *ret_n = g->n_found;
    if (found)
        qsort(found, g->n_found, sizeof *found, in_order);
    g->found = NULL;
    g->n_found = g->room_found = 0;
    return found;
}
