#include "shell/applets/chmod-mode.h"
#include "shell/applets/walk.h"
#include "shell/options.h"

#include <string.h>

enum { RECURSE = 1, CHANGES = 2, VERBOSE = 4, QUIET = 8 };

struct changing {
    struct proc *p;
    uint32_t bits;
    const char *mode;
};

static bool change(const struct changing *c, const struct walk *w)
{
    struct vfs_stat st = w->st;
    if (S_ISLNK(st.mode)) {
        if (w->depth > 0)
            return true;
        int e = proc_stat(c->p, w->path.data, &st);
        if (e < 0) {
            proc_perror(c->p, e, "%s", w->path.data);
            return false;
        }
    }
    uint32_t mode = st.mode;
    mode_parse(c->mode, proc_umask(c->p), &mode);
    int e = proc_chmod(c->p, w->path.data, mode & 07777);
    if (e < 0) {
        if (!(c->bits & QUIET))
            proc_perror(c->p, e, "%s", w->path.data);
        return false;
    }
    char text[11];
    if (c->bits & VERBOSE || (c->bits & CHANGES && (st.mode & 07777) != (mode & 07777)))
        out_print(c->p, "mode of '%s' changed to %04o (%s)\n", w->path.data, mode & 07777,
                  mode_text(mode, text) + 1);
    return true;
}

static int change_all(const struct changing *c, const char *path)
{
    struct walk w;
    int status = 0;
    walk_begin(&w, c->p, path, c->bits & RECURSE ? WALK_RECURSE : 0);
    for (enum walk_event event; (event = walk_next(&w)) != WALK_END;) {
        if (event == WALK_ERROR) {
            proc_perror(c->p, w.error, "%s", w.path.data);
            status = 1;
        } else if (event != WALK_LEAVE && !change(c, &w)) {
            status = 1;
            if (event == WALK_ENTER) { /* said once for the directory, and once for what is in it */
                proc_perror(c->p, EPERM, "%s", w.path.data);
                walk_skip(&w);
            }
        }
    }
    walk_end(&w);
    return status;
}

/* "-x" looks like an option: the first word of its kind is hidden from them. Its place, or NULL. */
static char **hide_mode(struct proc *p, char **argv, char **ret_hidden)
{
    for (char **at = argv + 1; *at; at++)
        if ((*at)[0] == '-' && (*at)[1] && !strchr("-Rvcf", (*at)[1])) {
            *ret_hidden = *at;
            *at = memory_text(proc_memory(p), *at);
            (*at)[0] = 'a';
            return at;
        } else if (strcmp(*at, "--") == 0) {
            break;
        }
    return NULL;
}

static int once(struct proc *p, int argc, char **argv)
{
    struct changing c = { .p = p };
    char *hidden = NULL;
    char **at = hide_mode(p, argv, &hidden);
    const char *stand_in = at ? *at : NULL;
    c.bits = options_bits(p, argc, argv, "Rcvf", &argv);
    for (char **word = argv; *word; word++)
        if (*word == stand_in)
            *word = hidden;
    if (!argv[0] || !argv[1])
        proc_usage(p);
    c.mode = *argv++;
    uint32_t tried = 0;
    if (!mode_parse(c.mode, 0, &tried))
        proc_die(p, "invalid mode '%s'", c.mode);
    int status = 0;
    for (; *argv; argv++)
        status |= change_all(&c, *argv);
    return status;
}

const struct applet applet_chmod = { .name = "chmod", .once = once };
