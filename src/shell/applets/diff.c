#include "shell/applets/diff.h"

#include "shell/options.h"

#include <string.h>

struct diff {
    uint32_t bits;
    const char *labels[2]; /* -L; NULL: the name itself */
    const char *from;      /* -S */
    struct diff_pair pair;
    bool comparing;
    struct diff_folder *folder; /* NULL: two files */
    int status;
};

static const struct option_long longs[] = {
    { "ignore-case", 0, 'i' },
    { "ignore-tab-expansion", 0, 'E' },
    { "ignore-space-change", 0, 'b' },
    { "ignore-all-space", 0, 'w' },
    { "ignore-blank-lines", 0, 'B' },
    { "text", 0, 'a' },
    { "unified", 1, 'U' },
    { "label", 1, 'L' },
    { "show-c-function", 0, 'p' },
    { "brief", 0, 'q' },
    { "expand-tabs", 0, 't' },
    { "initial-tab", 0, 'T' },
    { "recursive", 0, 'r' },
    { "new-file", 0, 'N' },
    { "report-identical-files", 0, 's' },
    { "starting-file", 1, 'S' },
    { "minimal", 0, 'd' },
    { NULL, 0, 0 },
};

static uint32_t bit_of(int letter)
{
    static const char letters[] = "abBdiNqrstTw";
    const char *at = strchr(letters, letter);
    return at ? 1u << (at - letters) : 0;
}

/* The third -L and more are put over the second. */
static void add_label(struct diff *d, const char *label)
{
    d->labels[d->labels[0] != NULL] = label;
}

/* The operands' index. -E, -p and -u are taken, and change nothing. */
static int read_options(struct proc *p, struct diff *d, int argc, char **argv)
{
    struct options o;
    d->pair.context = 3;
    options_begin(&o, p, argc, argv, "abdipqrstuwBEL:NS:TU:", longs);
    for (int letter; (letter = options_next(&o)) != -1;) {
        d->bits |= bit_of(letter);
        if (letter == 'L')
            add_label(d, o.argument);
        if (letter == 'S')
            d->from = o.argument;
        if (letter == 'U')
            d->pair.context = (int32_t)options_number(p, o.argument, 0, INT32_MAX, NULL);
    }
    if (argc - o.index != 2)
        proc_usage(p);
    d->pair.bits = d->bits;
    return o.index;
}

/* What cannot be looked at is the end, or with -N an absent file. */
static bool look_at(struct proc *p, const struct diff *d, const char *name, struct vfs_stat *ret)
{
    *ret = (struct vfs_stat){ 0 };
    int error = strcmp(name, "-") ? proc_stat(p, name, ret) : proc_fstat(p, 0, ret);
    if (error >= 0)
        return true;
    if (d->bits & DIFF_NEW)
        return false;
    proc_fails_with(p, 2);
    proc_die_errno(p, error, "can't stat '%s'", name);
}

/* Of a directory and a file: the file of that name in the directory. */
static const char *inside(struct proc *p, const char *folder, const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *path = proc_join(p, folder, slash ? slash + 1 : name);
    struct vfs_stat st;
    int error = proc_stat(p, path, &st);
    if (error < 0)
        proc_die_errno(p, error, "can't stat '%s'", path);
    return path;
}

static void begin_pair(struct diff *d)
{
    for (size_t i = 0; i < 2; i++)
        if (d->labels[i])
            d->pair.side[i].label = d->labels[i];
    d->pair.stage = PAIR_OPEN;
    d->comparing = true;
}

static void start(struct proc *p, int argc, char **argv)
{
    struct diff *d = proc_state(p);
    const char *names[2];
    struct vfs_stat st[2];
    bool there[2], folder[2];
    int first = read_options(p, d, argc, argv);
    for (size_t i = 0; i < 2; i++) {
        names[i] = argv[first + (int)i];
        there[i] = look_at(p, d, names[i], &st[i]);
        folder[i] = there[i] && S_ISDIR(st[i].mode);
    }
    for (size_t i = 0; i < 2; i++)
        if (folder[i] && !strcmp(names[!i], "-"))
            proc_die(p, "can't compare stdin to a directory");
    if (there[0] == there[1] && st[0].ino == st[1].ino)
        proc_exit(p, 0);
    if (folder[0] && folder[1]) {
        d->folder = diff_folder_begin(p, d->bits, names, d->from);
        return;
    }
    for (size_t i = 0; i < 2; i++)
        if (folder[i])
            names[i] = inside(p, names[i], names[!i]);
    for (size_t i = 0; i < 2; i++)
        d->pair.side[i] = (struct diff_side){ names[i], names[i], !there[i], strcmp(names[i], "-") ? -1 : 0 };
    begin_pair(d);
}

static enum applet_next compare(struct proc *p, struct diff *d)
{
    enum diff_verdict verdict;
    enum applet_next next = diff_pair_step(p, &d->pair, &verdict);
    if (next != NEXT_DONE)
        return next;
    d->comparing = false;
    if (verdict == DIFF_DIFFER)
        d->status = 1;
    if (verdict == DIFF_ALIKE && d->bits & DIFF_SAME)
        out_print(p, "Files %s and %s are identical\n", d->pair.side[0].path, d->pair.side[1].path);
    return NEXT_AGAIN;
}

static enum applet_next step(struct proc *p)
{
    struct diff *d = proc_state(p);
    if (out_full(p))
        return NEXT_AGAIN;
    if (d->comparing)
        return compare(p, d);
    bool pair;
    if (d->folder && diff_folder_step(p, d->folder, d->pair.side, &pair, &d->status) == NEXT_AGAIN) {
        if (pair)
            begin_pair(d);
        return NEXT_AGAIN;
    }
    proc_done(p, d->status);
    return NEXT_DONE;
}

const struct applet applet_diff = {
    .name = "diff",
    .start = start,
    .step = step,
    .state = sizeof(struct diff),
};
