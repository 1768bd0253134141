#include "shell/applets/find.h"

#include "shell/applets/direct.h"
#include "shell/pattern.h"

#include <string.h>
#include <unistd.h>

enum { MODE_BITS = 07777, BATCH_MOST = (128 << 10) - 2048 };

static bool matches(const char *s, size_t n, const struct find_test *t)
{
    return pattern_match(t->pattern, strlen(t->pattern), s, n, t->flags);
}

/* The last part of a path, without the slashes behind it. */
static bool name_matches(const char *path, const struct find_test *t)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin && path[begin - 1] != '/')
        begin--;
    return begin == end ? matches(path, end, t) : matches(path + begin, end - begin, t);
}

static bool regex_matches(struct proc *p, const struct find *f, const struct find_test *t)
{
    struct regex_span spans[REGEX_GROUPS];
    uint64_t work = 0;
    enum regex_verdict v =
        regex_search(t->regex, proc_memory(p), f->path.data, f->path.len, 0, false, spans, &work);
    proc_charge(p, work);
    return v == REGEX_MATCH && spans[0].start == 0 && spans[0].end == (int64_t)f->path.len;
}

static bool compares(const struct find_test *t, uint64_t n)
{
    if (t->sign)
        return t->sign == '+' ? n > t->number : n < t->number;
    return n == t->number;
}

static bool permissions_match(const struct find_test *t, uint32_t mode)
{
    mode &= MODE_BITS;
    if (t->sign == '-')
        return (mode & t->number) == t->number;
    return t->sign ? (mode & t->number) != 0 : mode == t->number;
}

/* How long ago, in units: those that have begun after N ended are more. */
static bool time_matches(struct proc *p, const struct find *f, const struct find_test *t)
{
    static const int64_t second = 1000000;
    int64_t stamp = t->stamp == FIND_MTIME   ? f->stat.mtime
                    : t->stamp == FIND_ATIME ? f->stat.atime
                                             : f->stat.ctime;
    int64_t age = proc_now(p) / second - stamp - t->time;
    if (t->sign == '+')
        return age >= t->unit;
    return t->sign ? age < 0 : age >= 0 && age < t->unit;
}

static bool is_empty(struct proc *p, const struct find *f)
{
    if (S_ISREG(f->stat.mode))
        return !f->stat.size;
    if (!S_ISDIR(f->stat.mode))
        return false;
    char **names;
    size_t n;
    int e = proc_list(p, f->path.data, &names, &n);
    if (e)
        proc_perror(p, e, "%s", f->path.data);
    return !e && !n;
}

/* ---- Starting others ---- */

static bool start(struct proc *p, struct find *f, char **argv)
{
    f->direct = is_direct(argv[0]);
    if (!f->direct)
        out_flush(p);
    int pid = proc_spawn(p, argv, -1, -1);
    if (pid < 0) {
        proc_perror(p, pid, "%s", argv[0]);
        return false;
    }
    f->child = (uint32_t)pid;
    return true;
}

/* word with every {} replaced. */
static char *replaced(struct proc *p, const char *word, const char *path)
{
    struct text t = text_of(proc_memory(p));
    for (const char *braces; (braces = strstr(word, "{}")); word = braces + 2) {
        text_add(&t, word, (size_t)(braces - word));
        text_say(&t, path);
    }
    text_say(&t, word);
    return t.data;
}

static bool start_one(struct proc *p, struct find *f, const struct find_test *t)
{
    size_t n = 0;
    while (t->command[n])
        n++;
    char **argv = memory_array(proc_memory(p), NULL, n + 1, sizeof *argv);
    for (size_t i = 0; i < n; i++)
        argv[i] = replaced(p, t->command[i], f->path.data);
    argv[n] = NULL;
    bool started = start(p, f, argv);
    for (size_t i = 0; i < n; i++)
        memory_give(proc_memory(p), argv[i]);
    memory_give(proc_memory(p), argv);
    return started;
}

/* The words of a batch: the one with {} stands for each file's. */
static char **batch(struct proc *p, const struct find_test *t)
{
    size_t n = 0, k = 0;
    while (t->command[n])
        n++;
    char **argv = memory_array(proc_memory(p), NULL, n + t->n_files + 1, sizeof *argv);
    for (size_t i = 0; i < n; i++) {
        if (!strstr(t->command[i], "{}")) {
            argv[k++] = t->command[i];
            continue;
        }
        for (size_t file = 0; file < t->n_files; file++)
            argv[k++] = t->files[file];
    }
    argv[k] = NULL;
    return argv;
}

bool find_start_all(struct proc *p, struct find *f, struct find_test *t)
{
    if (!t->n_files)
        return false;
    char **argv = batch(p, t);
    bool started = start(p, f, argv);
    if (!started)
        f->status = 1;
    for (size_t i = 0; i < t->n_files; i++)
        memory_give(proc_memory(p), t->files[i]);
    memory_give(proc_memory(p), argv);
    t->n_files = t->bytes = 0;
    return started;
}

/* Keeps the word with {} made for this file. */
static void gather(struct proc *p, const struct find *f, struct find_test *t)
{
    if (t->n_files == t->room) {
        t->room = t->room ? t->room * 2 : 16;
        t->files = memory_array(proc_memory(p), t->files, t->room, sizeof *t->files);
    }
    char *const *word = t->command;
    while (!strstr(*word, "{}"))
        word++;
    char *file = replaced(p, *word, f->path.data);
    t->files[t->n_files++] = file;
    t->bytes += strlen(file) + 1;
}

static enum find_verdict verdict(bool held)
{
    return held ? FIND_HELD : FIND_FAILED;
}

static enum find_verdict act(struct proc *p, struct find *f, struct find_test *t)
{
    switch (t->kind) {
    case FIND_PRINT:
        out_put(p, f->path.data, f->path.len);
        out_char(p, '\n');
        break;
    case FIND_PRINT0:
        out_put(p, f->path.data, f->path.len + 1);
        break;
    case FIND_EXEC:
        return start_one(p, f, t) ? FIND_WAITS : FIND_FAILED;
    case FIND_EXEC_ALL:
        gather(p, f, t);
        if (t->bytes > BATCH_MOST)
            return find_start_all(p, f, t) ? FIND_WAITS : FIND_FAILED;
        break;
    case FIND_PRUNE:
        f->prune = true;
        break;
    default:
        f->quit = true;
        break;
    }
    return FIND_HELD;
}

enum find_verdict find_test(struct proc *p, struct find *f, struct find_test *t)
{
    proc_charge(p, 1 + f->path.len / 16);
    switch (t->kind) {
    case FIND_NAME:
        return verdict(name_matches(f->path.data, t));
    case FIND_PATH:
        return verdict(matches(f->path.data, f->path.len, t));
    case FIND_REGEX:
        return verdict(regex_matches(p, f, t));
    case FIND_TYPE:
        return verdict((f->stat.mode & S_IFMT) == t->number);
    case FIND_EXECUTABLE:
        return verdict(!proc_access(p, f->path.data, X_OK));
    case FIND_PERMISSIONS:
        return verdict(permissions_match(t, f->stat.mode));
    case FIND_TIME:
        return verdict(time_matches(p, f, t));
    case FIND_NEWER:
        return verdict(f->stat.mtime > t->time);
    case FIND_INODE:
        return verdict(f->stat.ino == t->ino);
    case FIND_SAME:
        return verdict(f->stat.ino == t->ino && f->stat.mount == t->number);
    case FIND_USER:
        return verdict(f->stat.uid == t->number);
    case FIND_GROUP:
        return verdict(f->stat.gid == t->number);
    case FIND_SIZE:
        return verdict(compares(t, f->stat.size));
    case FIND_LINKS:
        return verdict(compares(t, f->stat.links));
    case FIND_EMPTY:
        return verdict(is_empty(p, f));
    default:
        return act(p, f, t);
    }
}
