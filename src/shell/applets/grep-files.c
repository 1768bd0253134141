#include "shell/applets/grep.h"

#include <fcntl.h>
#include <string.h>

enum { DEPTH_MOST = 64 };

void grep_path_add(struct proc *p, struct grep *g, char *path, uint32_t depth)
{
    if (g->n_paths == g->paths_room) {
        g->paths_room = g->paths_room ? g->paths_room * 2 : 8;
        g->paths = memory_array(proc_memory(p), g->paths, g->paths_room, sizeof *g->paths);
    }
    g->paths[g->n_paths++] = (struct grep_path){ path, depth };
}

/* What is in a folder comes before all that waits, in the folder's order. */
static void add_folder(struct proc *p, struct grep *g, const struct grep_path *folder)
{
    char **names;
    size_t n;
    if (folder->depth >= DEPTH_MOST)
        return;
    int e = proc_list(p, folder->path, &names, &n);
    if (e) {
        proc_perror(p, e, "%s", folder->path);
        return;
    }
    proc_charge(p, n);
    while (n-- > 0)
        grep_path_add(p, g, proc_join(p, folder->path, names[n]), folder->depth + 1);
    memory_give(proc_memory(p), names);
}

/* Of a link that leads nowhere -r says so unless it is silent, -R in any case; neither fails for
 * it. A link to a folder is followed by -R, or as an operand. */
static bool is_folder(struct proc *p, struct grep *g, const struct grep_path *path, bool *ret_skip)
{
    struct vfs_stat st;
    bool follow = path->depth == 0 || (g->flags & GREP_FOLLOW);
    int e = follow ? proc_stat(p, path->path, &st) : proc_lstat(p, path->path, &st);
    bool link = e == 0 && S_ISLNK(st.mode);
    if (link)
        e = proc_stat(p, path->path, &st);
    if (e && path->depth) {
        if (follow || !(g->flags & GREP_SILENT))
            proc_perror(p, e, "%s", path->path);
        *ret_skip = true;
    }
    if (e || !S_ISDIR(st.mode))
        return false;
    *ret_skip = link;
    return !link;
}

static bool open_file(struct proc *p, struct grep *g, const struct grep_path *path)
{
    bool standard = path->depth == 0 && strcmp(path->path, "-") == 0;
    int fd = standard ? 0 : proc_open(p, path->path, O_RDONLY, 0);
    if (fd < 0) {
        if (!(g->flags & GREP_SILENT))
            proc_perror(p, fd, "%s", path->path);
        g->failed = true;
        return false;
    }
    g->name = standard ? "(standard input)" : path->path;
    g->in = lines_of(fd, g->flags & GREP_NULS ? '\0' : '\n');
    g->number = g->matches = g->after_left = 0;
    return true;
}

bool grep_open(struct proc *p, struct grep *g)
{
    while (g->n_paths) {
        struct grep_path path = g->paths[--g->n_paths];
        bool skip = false, recurse = g->flags & (GREP_RECURSE | GREP_FOLLOW);
        proc_charge(p, 1);
        if (recurse && is_folder(p, g, &path, &skip)) {
            if (!(g->flags & GREP_NO_PREFIX))
                g->flags |= GREP_PREFIX;
            add_folder(p, g, &path);
        } else if (!skip && open_file(p, g, &path)) {
            return true;
        }
        if (path.depth)
            memory_give(proc_memory(p), path.path);
    }
    return false;
}

void grep_close(struct proc *p, struct grep *g)
{
    if (g->in.fd > 0)
        proc_close(p, g->in.fd);
    lines_free(p, &g->in);
    g->name = NULL;
}
