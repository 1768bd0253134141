#include "shell/applets/find-words.h"

#include "shell/options.h"
#include "shell/pattern.h"

#include <limits.h>
#include <string.h>

static const char *argument(struct find_words *w)
{
    const char *name = *w->at++;
    if (!*w->at)
        proc_die(w->p, "%s requires an argument", name);
    return *w->at++;
}

/* ---- The tests ---- */

static void take_pattern(struct find_words *w, struct find_test *t)
{
    t->pattern = argument(w);
}

static void take_pattern_case(struct find_words *w, struct find_test *t)
{
    t->pattern = argument(w);
    t->flags = PATTERN_ICASE;
}

static void take_regex(struct find_words *w, struct find_test *t)
{
    const char *why, *s = argument(w);
    t->regex = regex_make(proc_memory(w->p), s, strlen(s), 0, &why);
    if (!t->regex)
        proc_die(w->p, "bad regex '%s': %s", s, why);
}

static void take_type(struct find_words *w, struct find_test *t)
{
    static const char letters[] = "fdlbcsp";
    static const uint32_t types[] = {
        S_IFREG, S_IFDIR, S_IFLNK, S_IFBLK, S_IFCHR, S_IFSOCK, S_IFIFO
    };
    const char *s = argument(w);
    const char *known = *s && !s[1] ? strchr(letters, *s) : NULL;
    if (!known)
        proc_die(w->p, "invalid argument '%s' to '-type'", s);
    t->number = types[known - letters];
}

static const char *take_sign(struct find_words *w, struct find_test *t)
{
    const char *s = argument(w);
    if (*s == '+' || *s == '-')
        t->sign = *s++;
    return s;
}

static void take_permissions(struct find_words *w, struct find_test *t)
{
    const char *s = argument(w);
    if (*s == '+' || *s == '-' || *s == '/')
        t->sign = *s++;
    uint32_t mode;
    if (!find_mode(s, proc_umask(w->p), &mode))
        proc_die(w->p, "invalid mode '%s'", s);
    t->number = mode;
}

static void take_time(struct find_words *w, struct find_test *t, enum find_stamp stamp,
                      int64_t unit)
{
    const char *s = take_sign(w, t);
    t->kind = FIND_TIME;
    t->stamp = stamp;
    t->unit = unit;
    t->time = (int64_t)options_number(w->p, s, 0, INT_MAX, NULL) * unit;
}

enum { DAY = 86400, MINUTE = 60 };

static void take_mtime(struct find_words *w, struct find_test *t)
{
    take_time(w, t, FIND_MTIME, DAY);
}
static void take_atime(struct find_words *w, struct find_test *t)
{
    take_time(w, t, FIND_ATIME, DAY);
}
static void take_ctime(struct find_words *w, struct find_test *t)
{
    take_time(w, t, FIND_CTIME, DAY);
}
static void take_mmin(struct find_words *w, struct find_test *t)
{
    take_time(w, t, FIND_MTIME, MINUTE);
}
static void take_amin(struct find_words *w, struct find_test *t)
{
    take_time(w, t, FIND_ATIME, MINUTE);
}
static void take_cmin(struct find_words *w, struct find_test *t)
{
    take_time(w, t, FIND_CTIME, MINUTE);
}

static void stat_argument(struct find_words *w, struct vfs_stat *ret)
{
    const char *s = argument(w);
    int e = proc_stat(w->p, s, ret);
    if (e)
        proc_die_errno(w->p, e, "can't stat '%s'", s);
}

static void take_newer(struct find_words *w, struct find_test *t)
{
    struct vfs_stat st;
    stat_argument(w, &st);
    t->time = st.mtime;
}

static void take_same(struct find_words *w, struct find_test *t)
{
    struct vfs_stat st;
    stat_argument(w, &st);
    t->ino = st.ino;
    t->number = st.mount;
}

static void take_inode(struct find_words *w, struct find_test *t)
{
    t->ino = options_number(w->p, argument(w), 0, ULONG_MAX, NULL);
}

static bool all_digits(const char *s)
{
    return *s && strspn(s, "0123456789") == strlen(s);
}

static void take_user(struct find_words *w, struct find_test *t)
{
    const char *s = argument(w);
    uint32_t uid, gid;
    if (!proc_user_id(w->p, s, &uid, &gid))
        t->number = uid;
    else if (all_digits(s))
        t->number = options_number(w->p, s, 0, UINT32_MAX, NULL);
    else
        proc_die(w->p, "unknown user %s", s);
}

static void take_group(struct find_words *w, struct find_test *t)
{
    const char *s = argument(w);
    uint32_t gid;
    if (!proc_group_id(w->p, s, &gid))
        t->number = gid;
    else if (all_digits(s))
        t->number = options_number(w->p, s, 0, UINT32_MAX, NULL);
    else
        proc_die(w->p, "unknown group %s", s);
}

static void take_size(struct find_words *w, struct find_test *t)
{
    static const struct options_suffix units[] = {
        { "c", 1 }, { "w", 2 }, { "b", 512 }, { "k", 1024 }, { "", 0 }
    };
    const char *s = take_sign(w, t);
    t->number = options_number(w->p, s, 0, ULONG_MAX, units);
    if (all_digits(s) && __builtin_mul_overflow(t->number, 512, &t->number))
        proc_die(w->p, "invalid number '%s'", s);
}

static void take_links(struct find_words *w, struct find_test *t)
{
    t->number = options_number(w->p, take_sign(w, t), 0, INT_MAX, NULL);
}

static void take_nothing(struct find_words *w, struct find_test *t)
{
    (void)t;
    w->at++;
}

static void take_action(struct find_words *w, struct find_test *t)
{
    w->f->acts = true;
    take_nothing(w, t);
}

static size_t count_braces(char *const *words, size_t n)
{
    size_t braces = 0;
    for (size_t i = 0; i < n; i++) {
        for (const char *s = words[i]; (s = strstr(s, "{}")); s += 2)
            braces++;
    }
    return braces;
}

static void take_exec(struct find_words *w, struct find_test *t)
{
    const char *name = *w->at++;
    size_t n = 0;
    w->f->acts = true;
    while (w->at[n] && strcmp(w->at[n], ";") != 0 && strcmp(w->at[n], "+") != 0)
        n++;
    if (!w->at[n] || !n)
        proc_die(w->p, "%s requires an argument", name);
    t->command = memory_array(proc_memory(w->p), NULL, n + 1, sizeof *t->command);
    memcpy(t->command, w->at, n * sizeof *t->command);
    t->command[n] = NULL;
    if (*w->at[n] == '+') {
        t->kind = FIND_EXEC_ALL;
        if (count_braces(t->command, n) != 1)
            proc_die(w->p, "only one '{}' allowed for -exec +");
    }
    w->at += n + 1;
}

/* ---- Options, which hold wherever they stand ---- */

static void take_follow(struct find_words *w, struct find_test *t)
{
    w->f->follow = true;
    take_nothing(w, t);
}
static void take_xdev(struct find_words *w, struct find_test *t)
{
    w->f->one_mount = true;
    take_nothing(w, t);
}
static void take_depth(struct find_words *w, struct find_test *t)
{
    w->f->deepest_first = true;
    take_nothing(w, t);
}
static void take_least(struct find_words *w, struct find_test *t)
{
    (void)t;
    w->f->depth_least = options_number(w->p, argument(w), 0, INT_MAX, NULL);
}
static void take_most(struct find_words *w, struct find_test *t)
{
    (void)t;
    w->f->depth_most = options_number(w->p, argument(w), 0, INT_MAX, NULL);
}

enum { OPTION = -1 }; /* no test */

static const struct name {
    const char *name;
    int kind;
    void (*take)(struct find_words *w, struct find_test *t);
} names[] = {
    { "-follow", OPTION, take_follow },
    { "-xdev", OPTION, take_xdev },
    { "-depth", OPTION, take_depth },
    { "-mindepth", OPTION, take_least },
    { "-maxdepth", OPTION, take_most },
    { "-print", FIND_PRINT, take_action },
    { "-print0", FIND_PRINT0, take_action },
    { "-exec", FIND_EXEC, take_exec },
    { "-quit", FIND_QUIT, take_nothing },
    { "-prune", FIND_PRUNE, take_nothing },
    { "-name", FIND_NAME, take_pattern },
    { "-iname", FIND_NAME, take_pattern_case },
    { "-path", FIND_PATH, take_pattern },
    { "-wholename", FIND_PATH, take_pattern },
    { "-ipath", FIND_PATH, take_pattern_case },
    { "-regex", FIND_REGEX, take_regex },
    { "-type", FIND_TYPE, take_type },
    { "-executable", FIND_EXECUTABLE, take_nothing },
    { "-perm", FIND_PERMISSIONS, take_permissions },
    { "-mtime", FIND_TIME, take_mtime },
    { "-atime", FIND_TIME, take_atime },
    { "-ctime", FIND_TIME, take_ctime },
    { "-mmin", FIND_TIME, take_mmin },
    { "-amin", FIND_TIME, take_amin },
    { "-cmin", FIND_TIME, take_cmin },
    { "-newer", FIND_NEWER, take_newer },
    { "-inum", FIND_INODE, take_inode },
    { "-samefile", FIND_SAME, take_same },
    { "-user", FIND_USER, take_user },
    { "-group", FIND_GROUP, take_group },
    { "-size", FIND_SIZE, take_size },
    { "-links", FIND_LINKS, take_links },
    { "-empty", FIND_EMPTY, take_nothing },
};

enum find_primary find_primary(struct find_words *w, struct find_test *ret)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(*w->at, names[i].name) != 0)
            continue;
        *ret = (struct find_test){ .kind = (enum find_kind)names[i].kind };
        names[i].take(w, ret);
        return names[i].kind == OPTION ? FIND_OPTION : FIND_TEST;
    }
    proc_error(w->p, "unrecognized: %s", *w->at);
    proc_usage(w->p);
}
