#include "cell.h"
#include "wire.h"

#include "base/own.h"
#include "base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static int trouble(const char *what)
{
    int e = errno ? errno : EINVAL;
    fprintf(stderr, "cell: %s: %s\n", what, strerror(e));
    return -e;
}

/* ---- Loading ---- */

static int load_content(struct cell_entry *e, const char *folder)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/root/%s", folder, e->path);
    auto_file FILE *f = fopen(path, "rb");
    struct stat st;
    if (!f || fstat(fileno(f), &st))
        return trouble(path);
    e->n_content = (size_t)st.st_size;
    e->content = malloc(e->n_content + 1);
    if (!e->content || fread(e->content, 1, e->n_content, f) != e->n_content)
        return trouble(path);
    return 0;
}

static int split(char *line, char **field, int most)
{
    line[strcspn(line, "\n")] = '\0';
    int n = 0;
    for (char *at = line; at && n < most; n++)
        field[n] = strsep(&at, "\t");
    return n;
}

static int load_entry(struct cell_tree *tree, const char *folder, char *line)
{
    char *field[7];
    if (split(line, field, 7) != 7)
        return trouble("root.tsv: a line without its seven fields");
    struct cell_entry *more = reallocarray(tree->entries, tree->n_entries + 1, sizeof *more);
    if (!more)
        return trouble("root.tsv");
    tree->entries = more;
    struct cell_entry *e = &more[tree->n_entries++];
    *e = (struct cell_entry){
        .path = strdup(field[0] + (*field[0] == '/')),
        .type = *field[1],
        .mode = (uint32_t)strtoul(field[2], NULL, 8),
        .uid = (uint32_t)strtoul(field[3], NULL, 10),
        .gid = (uint32_t)strtoul(field[4], NULL, 10),
        .time = strtoll(field[5], NULL, 10),
        .target = strdup(field[6]),
    };
    return e->type == 'f' ? load_content(e, folder) : 0;
}

static int load_mount(struct cell_tree *tree, const char *folder, char *line)
{
    (void)folder;
    char *field[6];
    if (split(line, field, 6) < 5)
        return trouble("mounts.tsv: a line without its fields");
    struct cell_mount *more = reallocarray(tree->mounts, tree->n_mounts + 1, sizeof *more);
    if (!more)
        return trouble("mounts.tsv");
    tree->mounts = more;
    more[tree->n_mounts++] = (struct cell_mount){ .path = strdup(field[1]),
                                                  .type = strdup(field[2]),
                                                  .options = strdup(field[3]),
                                                  .size = strtoull(field[4], NULL, 10) };
    return 0;
}

static int load_lines(struct cell_tree *tree, const char *folder, const char *name,
                      int (*load)(struct cell_tree *, const char *, char *))
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    auto_file FILE *f = fopen(path, "r");
    if (!f)
        return trouble(path);
    auto_free char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, f) > 0) {
        if (*line != '#')
            TRY(load(tree, folder, line));
    }
    return 0;
}

int cell_tree_load(struct cell_tree *ret, const char *folder)
{
    *ret = (struct cell_tree){ 0 };
    TRY(load_lines(ret, folder, "root.tsv", load_entry));
    return load_lines(ret, folder, "mounts.tsv", load_mount);
}

/* ---- Building ---- */

static const struct cell_mount *mount_of(const struct cell_tree *tree, const char *path)
{
    for (size_t i = 0; i < tree->n_mounts; i++) {
        if (!strcmp(tree->mounts[i].path + 1, path))
            return &tree->mounts[i];
    }
    return NULL;
}

/* What is to be read-only at last must be filled first. */
static int mount_at(const struct cell_mount *m, const char *path)
{
    bool exec = !strstr(m->options, "noexec");
    unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOATIME | (exec ? 0 : MS_NOEXEC);
    char data[100];
    snprintf(data, sizeof data, "mode=755,size=%llu", (unsigned long long)m->size);
    return mount("none", path, m->type, flags, data) ? trouble(path) : 0;
}

static int bind_device(const char *from, const char *to)
{
    int fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return trouble(to);
    close(fd);
    return mount(from, to, NULL, MS_BIND, NULL) ? trouble(to) : 0;
}

static int build_file(const struct cell_entry *e, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return trouble(path);
    ssize_t n = write(fd, e->content, e->n_content);
    close(fd);
    return n == (ssize_t)e->n_content ? 0 : trouble(path);
}

static int build_directory(const struct cell_tree *tree, const struct cell_entry *e,
                           const char *path)
{
    if (mkdir(path, 0700))
        return trouble(path);
    const struct cell_mount *m = mount_of(tree, e->path); /* /proc comes with each cell */
    return m && strcmp(m->type, "proc") != 0 ? mount_at(m, path) : 0;
}

static int build_entry(const struct cell_tree *tree, const struct cell_entry *e, const char *path,
                       const char *device)
{
    switch (e->type) {
    case 'd':
        return build_directory(tree, e, path);
    case 'l':
        return symlink(e->target, path) ? trouble(path) : 0;
    case 'p':
        return mkfifo(path, 0600) ? trouble(path) : 0;
    case 'c':
        return bind_device(device, path);
    default:
        return build_file(e, path);
    }
}

/* The names of an entry here and of its device; false where it is a device, whose rights are the
 * host's. */
static bool names_of(const struct cell_entry *e, const char *at, const char *devices,
                     char path[static PATH_MAX], char device[static PATH_MAX])
{
    const char *base = strrchr(e->path, '/');
    snprintf(path, PATH_MAX, "%s/%s", at, e->path);
    snprintf(device, PATH_MAX, "%s/%s", devices, base ? base + 1 : e->path);
    return e->type != 'c';
}

static int own_entry(const struct cell_entry *e, const char *path)
{
    if (e->uid + e->gid > 0 && lchown(path, e->uid, e->gid))
        return trouble(path);
    return e->type != 'l' && chmod(path, e->mode) ? trouble(path) : 0;
}

static int date_entry(const struct cell_entry *e, const char *path)
{
    struct timespec times[2] = { { .tv_sec = e->time }, { .tv_sec = e->time } };
    return utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) ? trouble(path) : 0;
}

static int seal_mounts(const struct cell_tree *tree, const char *at)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < tree->n_mounts; i++) {
        const struct cell_mount *m = &tree->mounts[i];
        if (strncmp(m->options, "ro", 2) != 0)
            continue;
        snprintf(path, sizeof path, "%s%s", at, m->path);
        if (mount(NULL, path, NULL,
                  MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOATIME, NULL))
            return trouble(path);
    }
    return 0;
}

int cell_tree_build(const struct cell_tree *tree, const char *at, const char *devices)
{
    char path[PATH_MAX], device[PATH_MAX];
    for (size_t i = 0; i < tree->n_entries; i++) {
        const struct cell_entry *e = &tree->entries[i];
        bool owned = names_of(e, at, devices, path, device);
        TRY(build_entry(tree, e, path, device));
        if (owned)
            TRY(own_entry(e, path));
    }
    for (size_t i = tree->n_entries; i-- > 0;) {
        if (names_of(&tree->entries[i], at, devices, path, device))
            TRY(date_entry(&tree->entries[i], path));
    }
    return seal_mounts(tree, at);
}

/* ---- Listing ---- */

static void list_content(const char *path, struct wire_entry *e, char **ret)
{
    if (S_ISLNK(e->mode)) {
        *ret = malloc(PATH_MAX);
        ssize_t n = *ret ? readlink(path, *ret, PATH_MAX) : -1;
        e->content = *ret;
        e->n_content = n < 0 ? 0 : (size_t)n;
        return;
    }
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    *ret = malloc(e->size + 1);
    if (fd < 0 || !*ret)
        return;
    ssize_t n = read(fd, *ret, e->size);
    e->content = *ret;
    e->n_content = n < 0 ? 0 : (size_t)n;
}

static void list_folder(struct buf *to, char *path, size_t n_at);

static void list_entry(struct buf *to, char *path, size_t n_at)
{
    struct stat st;
    if (!strcmp(path + n_at, "/proc") || lstat(path, &st))
        return;
    auto_free char *content = NULL;
    struct wire_entry e = {
        .path = path + n_at,
        .mode = st.st_mode,
        .uid = st.st_uid,
        .gid = st.st_gid,
        .links = (uint32_t)st.st_nlink,
        .major = major(st.st_rdev),
        .minor = minor(st.st_rdev),
        .size = (uint64_t)st.st_size,
        .time = st.st_mtime,
    };
    bool large = e.size > WIRE_LARGE && e.time < WIRE_OLD; /* as it was made; see wire.h */
    if ((S_ISREG(e.mode) && !large) || S_ISLNK(e.mode))
        list_content(path, &e, &content);
    wire_entry(to, &e);
    if (S_ISDIR(e.mode))
        list_folder(to, path, n_at);
}

/* path has room for PATH_MAX bytes and comes back as it was. /proc is left out. */
static void list_folder(struct buf *to, char *path, size_t n_at)
{
    struct dirent **names = NULL;
    size_t len = strlen(path);
    int n = scandir(path, &names, NULL, NULL);
    for (int i = 1; i < n; i++) { /* by bytes; folders are small */
        for (int j = i; j > 0 && strcmp(names[j]->d_name, names[j - 1]->d_name) < 0; j--) {
            struct dirent *other = names[j];
            names[j] = names[j - 1];
            names[j - 1] = other;
        }
    }
    for (int i = 0; i < n; i++) {
        const char *name = names[i]->d_name;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
            len + strlen(name) + 2 < PATH_MAX) {
            snprintf(path + len, PATH_MAX - len, "/%s", name);
            list_entry(to, path, n_at);
            path[len] = '\0';
        }
        free(names[i]);
    }
    free(names);
}

void cell_tree_list(struct buf *to, const char *at)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s", at);
    list_folder(to, path, strlen(at));
}

/* ---- Mending ---- */

struct line {
    const char *s;
    size_t n, n_path;
};

/* The next line; false at the end. */
static bool next_line(const struct buf *list, size_t *at, struct line *ret)
{
    if (*at >= list->len)
        return false;
    const char *s = (const char *)list->data + *at;
    const char *end = memchr(s, '\n', list->len - *at);
    const char *tab = memchr(s, '\t', list->len - *at);
    *ret = (struct line){ s, (size_t)(end - s), (size_t)(tab - s) };
    *at += ret->n + 1;
    return true;
}

static int compare_paths(const struct line *a, const struct line *b)
{
    size_t n = a->n_path < b->n_path ? a->n_path : b->n_path;
    int order = memcmp(a->s, b->s, n);
    return order ? order : (a->n_path > b->n_path) - (a->n_path < b->n_path);
}

/* The first three columns after the path (type, mode, owner) decide what may be mended: a folder
 * alone. */
static bool folder_alike(const struct line *a, const struct line *b)
{
    const char *end = a->s + a->n_path;
    for (int tabs = 0; end < a->s + a->n && tabs < 5; end++)
        tabs += *end == '\t';
    size_t n = (size_t)(end - a->s);
    return a->s[a->n_path + 1] == 'd' && n <= b->n && !memcmp(a->s, b->s, n);
}

static void path_of(const char *at, const struct line *l, char path[static PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s%.*s", at, (int)l->n_path, l->s);
}

static bool remove_added(const char *at, const struct line *l)
{
    char path[PATH_MAX];
    path_of(at, l, path);
    /* A name that is shown escaped is not taken back into bytes. */
    return !memchr(l->s, '\\', l->n_path) && remove(path) == 0;
}

static bool date_folder(const struct cell_tree *tree, const char *at, const struct line *l)
{
    char path[PATH_MAX];
    path_of(at, l, path);
    for (size_t i = 0; i < tree->n_entries; i++) {
        if (!strcmp(tree->entries[i].path, path + strlen(at) + 1))
            return date_entry(&tree->entries[i], path) == 0;
    }
    return false;
}

/* Goes through both lists from their ends, so that a folder comes after what is in it. */
static bool mend_lines(const struct cell_tree *tree, const char *at, const struct line *was,
                       size_t n_was, const struct line *is, size_t n_is)
{
    while (n_was || n_is) {
        int order = !n_is ? 1 : !n_was ? -1 : compare_paths(&was[n_was - 1], &is[n_is - 1]);
        if (order > 0)
            return false; /* something is gone */
        if (order < 0) {
            if (!remove_added(at, &is[--n_is]))
                return false;
            continue;
        }
        const struct line *a = &was[--n_was], *b = &is[--n_is];
        if (a->n == b->n && !memcmp(a->s, b->s, a->n))
            continue;
        if (!folder_alike(a, b) || !date_folder(tree, at, a))
            return false;
    }
    return true;
}

static struct line *lines_of(const struct buf *list, size_t *ret_n)
{
    struct line *lines = calloc(list->len / 4 + 1, sizeof *lines);
    size_t at = 0;
    *ret_n = 0;
    while (lines && next_line(list, &at, &lines[*ret_n]))
        ++*ret_n;
    return lines;
}

static int by_path(const void *a, const void *b)
{
    return compare_paths(a, b);
}

bool cell_tree_mend(const struct cell_tree *tree, const char *at, const struct buf *was,
                    const struct buf *is)
{
    if (was->len == is->len && !memcmp(was->data, is->data, is->len))
        return true;
    size_t n_was, n_is;
    auto_free struct line *lines_was = lines_of(was, &n_was);
    auto_free struct line *lines_is = lines_of(is, &n_is);
    if (!lines_was || !lines_is)
        return false;
    qsort(lines_was, n_was, sizeof *lines_was, by_path);
    qsort(lines_is, n_is, sizeof *lines_is, by_path);
    return mend_lines(tree, at, lines_was, n_was, lines_is, n_is);
}
