#include "shell/applets/ls.h"

#include "shell/applets/screen.h"
#include "shell/applets/stat-text.h"
#include "shell/options.h"

#include <stdlib.h>
#include <string.h>

/* ---- Reading ---- */

/* Whether links are followed to what they lead to. */
static int look(const struct ls *ls, const char *path, bool follow, struct ls_item *ret)
{
    struct vfs_stat own;
    int e = follow ? proc_stat(ls->p, path, &ret->st) : proc_lstat(ls->p, path, &ret->st);
    ret->mode = ret->st.mode;
    if (e == 0 && follow && ls->flags & LS_COLOR && proc_lstat(ls->p, path, &own) == 0)
        ret->mode = own.mode;
    if (e == 0 && S_ISLNK(ret->st.mode) &&
        (ls->flags & (LS_COLOR | LS_CLASS) || ls->format == LS_LONG)) {
        struct vfs_stat target;
        ret->target = proc_stat(ls->p, path, &target) == 0 ? target.mode : 0;
    }
    return e;
}

static struct ls_item *read_item(struct ls *ls, const char *path, const char *name, bool follow)
{
    struct ls_item *item = memory_take(proc_memory(ls->p), sizeof *item);
    item->path = path;
    item->name = name;
    int e = look(ls, path, follow, item);
    if (e == 0)
        return item;
    proc_perror(ls->p, e, "%s", path);
    ls->status = 1;
    return NULL;
}

static bool is_shown(const struct ls *ls, const char *name)
{
    if (name[0] != '.')
        return true;
    bool dots = !name[1] || (name[1] == '.' && !name[2]);
    return dots ? ls->flags & LS_ALL : ls->flags & (LS_ALL | LS_HIDDEN);
}

struct items {
    struct ls_item **at;
    size_t n, room;
};

static void add(const struct ls *ls, struct items *to, struct ls_item *item)
{
    if (!item)
        return;
    if (to->n == to->room) {
        to->room = to->room ? to->room * 2 : 16;
        to->at = memory_array(proc_memory(ls->p), to->at, to->room, sizeof(struct ls_item *));
    }
    to->at[to->n++] = item;
}

static void read_directory(struct ls *ls, const char *path, struct items *ret)
{
    char **names;
    size_t n;
    int e = proc_list(ls->p, path, &names, &n);
    if (e < 0) {
        proc_perror(ls->p, e, "can't open '%s'", path);
        ls->status = 1;
        return;
    }
    static const char *const dots[] = { ".", ".." };
    for (size_t i = 0; i < n + 2; i++) {
        const char *name = i < 2 ? dots[i] : names[i - 2];
        if (is_shown(ls, name))
            add(ls, ret, read_item(ls, proc_join(ls->p, path, name), name, ls->flags & LS_FOLLOW));
    }
}

/* ---- Sorting ---- */

/* As strverscmp(3) has it: numbers by their value, those that begin with a zero as fractions. */
static int compare_versions(const char *a, const char *b)
{
    size_t i = 0;
    while (a[i] && a[i] == b[i])
        i++;
    size_t start = i;
    while (start > 0 && a[start - 1] >= '0' && a[start - 1] <= '9')
        start--;
    size_t zero = start;
    while (zero < i && a[zero] == '0')
        zero++;
    bool digit_a = a[i] >= '0' && a[i] <= '9', digit_b = b[i] >= '0' && b[i] <= '9';
    bool in_number = start < i,
         fraction = (in_number && a[start] == '0') || (!in_number && (a[i] == '0' || b[i] == '0'));
    int plain = (unsigned char)a[i] - (unsigned char)b[i];
    if (!digit_a && !digit_b)
        return plain;
    if (fraction && in_number && zero == i) /* zeros only so far: one more of them is less */
        return digit_a && digit_b ? plain : digit_a ? -1 : 1;
    if (fraction || (!in_number && digit_a != digit_b))
        return digit_a && digit_b ? plain : in_number ? (digit_a ? 1 : -1) : plain;
    size_t n_a = strspn(a + i, "0123456789"), n_b = strspn(b + i, "0123456789");
    return n_a == n_b ? plain : n_a > n_b ? 1 : -1;
}

static const char *extension(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot ? dot : "";
}

static int compare(const struct ls *ls, const struct ls_item *a, const struct ls_item *b)
{
    int c = 0;
    if (ls->flags & LS_DIRS_FIRST && S_ISDIR(a->st.mode) != S_ISDIR(b->st.mode))
        return S_ISDIR(a->st.mode) ? -1 : 1;
    if (ls->sort == LS_BY_SIZE)
        c = (a->st.size < b->st.size) - (a->st.size > b->st.size);
    else if (ls->sort == LS_BY_TIME)
        c = (ls_time(ls, a) < ls_time(ls, b)) - (ls_time(ls, a) > ls_time(ls, b));
    else if (ls->sort == LS_BY_VERSION)
        c = compare_versions(a->name, b->name);
    else if (ls->sort == LS_BY_EXTENSION)
        c = strcmp(extension(a->name), extension(b->name));
    if (c == 0)
        c = strcmp(a->name, b->name);
    return ls->flags & LS_REVERSE ? -c : c;
}

static int by_ls(const void *a, const void *b, void *context)
{
    return compare(context, *(struct ls_item *const *)a, *(struct ls_item *const *)b);
}

static void sort(struct ls *ls, struct items *items)
{
    proc_charge(ls->p, items->n);
    if (items->n > 1)
        qsort_r(items->at, items->n, sizeof *items->at, by_ls, ls);
}

/* ---- Directories ---- */

static void show_total(const struct ls *ls, const struct items *items)
{
    uint64_t blocks = 0;
    char text[24];
    for (size_t i = 0; i < items->n; i++)
        blocks += items->at[i]->st.blocks;
    if (ls->flags & LS_HUMAN)
        out_print(ls->p, "total %-7s\n", human_whole(blocks * 512, text));
    else
        out_print(ls->p, "total %llu\n", (unsigned long long)blocks / 2);
}

/* What is still to be listed, the next one last. */
struct waiting {
    const char **paths;
    size_t n, room;
};

static void wait(const struct ls *ls, struct waiting *w, const char *path)
{
    if (w->n == w->room) {
        w->room = w->room ? w->room * 2 : 16;
        w->paths = memory_array(proc_memory(ls->p), w->paths, w->room, sizeof *w->paths);
    }
    w->paths[w->n++] = path;
}

static void list_directory(struct ls *ls, struct waiting *w, const char *path, bool title)
{
    struct items items = { 0 };
    if (title) {
        out_print(ls->p, "%s%s:\n", ls->any ? "\n" : "", path);
        ls->any = true;
    }
    read_directory(ls, path, &items);
    sort(ls, &items);
    if (ls->format == LS_LONG || ls->flags & LS_BLOCKS)
        show_total(ls, &items);
    ls_show(ls, items.at, items.n);
    for (size_t i = items.n; ls->flags & LS_RECURSE && i-- > 0;)
        if (S_ISDIR(items.at[i]->st.mode) && strcmp(items.at[i]->name, ".") != 0 &&
            strcmp(items.at[i]->name, "..") != 0)
            wait(ls, w, items.at[i]->path);
}

static void list(struct ls *ls, char **paths)
{
    static char *here[] = { ".", NULL };
    struct items files = { 0 }, folders = { 0 };
    struct waiting w = { 0 };
    bool itself = ls->format == LS_LONG || ls->flags & (LS_CLASS | LS_INODE | LS_BLOCKS);
    bool follow = ls->flags & (LS_FOLLOW | LS_FOLLOW_FIRST) || !itself;
    bool title = ls->flags & LS_RECURSE || (paths[0] && paths[1]);
    for (paths = *paths ? paths : here; *paths; paths++) {
        struct ls_item *item = read_item(ls, *paths, *paths, follow);
        if (item)
            add(ls, S_ISDIR(item->st.mode) && !(ls->flags & LS_ITSELF) ? &folders : &files, item);
    }
    sort(ls, &files);
    ls_show(ls, files.at, files.n);
    ls->any = files.n > 0;
    sort(ls, &folders);
    while (folders.n > 0)
        wait(ls, &w, folders.at[--folders.n]->path);
    while (w.n > 0)
        list_directory(ls, &w, w.paths[--w.n], title);
}

/* ---- Options ---- */

enum { FULL_TIME = 256, DIRECTORIES_FIRST, COLOR };

static const struct {
    int letter;
    uint32_t flags;
} letters[] = {
    { 'a', LS_ALL | LS_HIDDEN },
    { 'A', LS_HIDDEN },
    { 'd', LS_ITSELF },
    { 'L', LS_FOLLOW },
    { 'H', LS_FOLLOW_FIRST },
    { 'R', LS_RECURSE },
    { 'i', LS_INODE },
    { 's', LS_BLOCKS },
    { 'n', LS_NUMERIC },
    { 'g', LS_NO_OWNER },
    { 'h', LS_HUMAN },
    { 'p', LS_SLASH },
    { 'F', LS_CLASS },
    { 'Q', LS_QUOTES },
    { FULL_TIME, LS_FULL_TIME },
    { 'r', LS_REVERSE },
    { DIRECTORIES_FIRST, LS_DIRS_FIRST },
    { 'u', LS_ATIME },
    { 'c', LS_CTIME },
};

static void set_color(struct ls *ls, const char *when)
{
    bool always = !when || strcmp(when, "always") == 0 || strcmp(when, "yes") == 0 ||
                  strcmp(when, "force") == 0;
    bool never = when && (strcmp(when, "never") == 0 || strcmp(when, "no") == 0 ||
                          strcmp(when, "none") == 0);
    if (always || (!never && proc_isatty(ls->p, 1)))
        ls->flags |= LS_COLOR;
    else
        ls->flags &= ~(uint32_t)LS_COLOR;
}

static void set_option(struct ls *ls, int c, const char *argument)
{
    static const struct {
        int letter, value;
    } formats[] = { { 'l', LS_LONG },       { 'n', LS_LONG },    { 'g', LS_LONG },
                    { FULL_TIME, LS_LONG }, { 'C', LS_COLUMNS }, { 'x', LS_ACROSS } },
      sorts[] = {
          { 'S', LS_BY_SIZE }, { 't', LS_BY_TIME }, { 'v', LS_BY_VERSION }, { 'X', LS_BY_EXTENSION }
      };
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
        if (letters[i].letter == c)
            ls->flags |= letters[i].flags;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (formats[i].letter == c)
            ls->format = (enum ls_format)formats[i].value;
    for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++)
        if (sorts[i].letter == c)
            ls->sort = (enum ls_sort)sorts[i].value;
    if (c == '1' && ls->format != LS_LONG)
        ls->format = LS_LINES;
    if (c == 'w')
        ls->width = options_number(ls->p, argument, 0, UINT32_MAX, NULL);
    if (c == COLOR)
        set_color(ls, argument);
}

static bool speaks_unicode(struct proc *p)
{
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (size_t i = 0; i < 3; i++) {
        const char *value = proc_getenv(p, names[i]);
        if (value && *value)
            return strstr(value, "UTF-8") || strstr(value, ".utf8");
    }
    return false;
}

static int once(struct proc *p, int argc, char **argv)
{
    static const struct option_long longs[] = { { "full-time", 0, FULL_TIME },
                                                { "group-directories-first", 0, DIRECTORIES_FIRST },
                                                { "color", 2, COLOR },
                                                { NULL, 0, 0 } };
    struct ls ls = { .p = p, .width = screen_size(p, 0).columns, .unicode = speaks_unicode(p) };
    if (proc_isatty(p, 1))
        ls.format = LS_COLUMNS;
    struct options o;
    options_begin(&o, p, argc, argv, "Cadi1lgnsxhrSXvctukpFRLHQAT:w:", longs);
    for (int c; (c = options_next(&o)) != -1;)
        set_option(&ls, c, o.argument);
    list(&ls, argv + o.index);
    return ls.status;
}

const struct applet applet_ls = { .name = "ls", .once = once };
