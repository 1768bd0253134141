/*
 * The flags of ext2 and its heirs. Other file systems, as devices have them, know of none, and say
 * so; where there are some, a change is taken and has no effect.
 */
#include "shell/applets/walk.h"
#include "shell/options.h"

#include <string.h>

/* 0 where the file system keeps flags, else what its ioctl() says. */
static int has_flags(struct proc *p, const struct vfs_stat *st)
{
    static const char *const with[] = { "ext2", "ext3", "ext4", "ubifs", "btrfs", "f2fs", "xfs" };
    const struct vfs_mount *m = vfs_mount_at(proc_vfs(p), st->mount);
    for (size_t i = 0; m && i < sizeof with / sizeof with[0]; i++)
        if (strcmp(m->type, with[i]) == 0)
            return 0;
    return -ENOTTY;
}

static int change(struct proc *p, const char *path, bool recurse)
{
    struct walk w;
    int status = 0;
    walk_begin(&w, p, path, recurse ? WALK_RECURSE : 0);
    for (enum walk_event event; (event = walk_next(&w)) != WALK_END;) {
        if (event == WALK_LEAVE ||
            (event != WALK_ERROR && !S_ISREG(w.st.mode) && !S_ISDIR(w.st.mode)))
            continue;
        int e = event == WALK_ERROR ? w.error : has_flags(p, &w.st);
        if (e < 0) {
            proc_perror(p, e, event == WALK_ERROR ? "stat %s" : "reading flags on %s", w.path.data);
            status = 1;
        }
    }
    walk_end(&w);
    return status;
}

/* "+i", "-ia", "=": a word of flags. */
static bool is_change(const char *word)
{
    return strchr("+-=", word[0]) && strspn(word + 1, "AacDdijsStTu") == strlen(word + 1);
}

static int chattr_once(struct proc *p, int argc, char **argv)
{
    bool recurse = false, any = false, sets = false, others = false;
    int i = 1;
    for (; i < argc && strchr("+-=", argv[i][0]) && argv[i][0]; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--") == 0) {
            i++;
            break;
        }
        if (word[0] == '-' && word[1] && strspn(word + 1, "RVf") == strlen(word + 1)) {
            recurse |= strchr(word, 'R') != NULL;
        } else if ((strcmp(word, "-v") == 0 || strcmp(word, "-p") == 0) && i + 1 < argc) {
            options_number(p, argv[++i], 0, UINT32_MAX, NULL);
            any = true;
        } else if (is_change(word)) {
            any = true;
            sets |= word[0] == '=';
            others |= word[0] != '=';
        } else {
            proc_usage(p);
        }
    }
    if (i >= argc || !any)
        proc_usage(p);
    if (sets && others)
        proc_die(p, "= is incompatible with - and +");
    int status = 0;
    for (; i < argc; i++)
        status |= change(p, argv[i], recurse);
    return status;
}

/* ---- lsattr ---- */

enum { RECURSE = 1, ALL = 2, ITSELF = 4 };

static int show(struct proc *p, const char *path, const struct vfs_stat *st)
{
    int e = has_flags(p, st);
    if (e < 0)
        proc_perror(p, e, "reading flags on %s", path);
    else
        out_print(p, "-------------e-- %s\n", path);
    return e < 0;
}

static int list(struct proc *p, const char *path, uint32_t bits)
{
    struct walk w;
    int status = 0;
    walk_begin(&w, p, path, bits & ITSELF ? 0 : WALK_RECURSE);
    for (enum walk_event event; (event = walk_next(&w)) != WALK_END;) {
        const char *slash = event != WALK_END ? strrchr(w.path.data, '/') : NULL;
        bool hidden = w.depth > 0 && slash && slash[1] == '.' && !(bits & ALL);
        if (event == WALK_ERROR) {
            proc_perror(p, w.error, "stat %s", w.path.data);
            status = 1;
            continue;
        }
        if (event == WALK_ENTER && (hidden || (w.depth > 0 && !(bits & RECURSE))))
            walk_skip(&w);
        bool shown = w.depth > 0 || event == WALK_FILE;
        if (event != WALK_LEAVE && !hidden && shown)
            status |= show(p, w.path.data, &w.st);
    }
    walk_end(&w);
    return status;
}

static int lsattr_once(struct proc *p, int argc, char **argv)
{
    static char *here[] = { ".", NULL };
    uint32_t bits = options_bits(p, argc, argv, "Radlv", &argv);
    int status = 0;
    for (argv = *argv ? argv : here; *argv; argv++)
        status |= list(p, *argv, bits);
    return status;
}

const struct applet applet_chattr = { .name = "chattr", .once = chattr_once };
const struct applet applet_lsattr = { .name = "lsattr", .once = lsattr_once };
