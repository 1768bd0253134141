/* A tree from a folder: the only place where real files are read, before any visitor is there. */
#include "shell/vfs-tree.h"

#include "base/own.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MOST = 256 << 20, LINES_MOST = 64 << 20 };

/* The bytes of a file; at most `most`. */
static int read_whole(struct vfs_tree *tree, int fd, size_t most, const void **ret, size_t *ret_n)
{
    struct stat st;
    if (fstat(fd, &st))
        return -errno;
    if (!S_ISREG(st.st_mode))
        return -EINVAL;
    if ((uint64_t)st.st_size > most)
        return -EFBIG;
    size_t n = (size_t)st.st_size, got = 0;
    char *to = tree_bytes(tree, n + 1);
    if (!to)
        return -ENOMEM;
    while (got < n) {
        ssize_t k = read(fd, to + got, n - got);
        if (k < 0 && errno != EINTR)
            return -errno;
        if (k == 0)
            return -EIO;
        got += k > 0 ? (size_t)k : 0;
    }
    *ret = to;
    *ret_n = n;
    return 0;
}

static int load_file(struct tree_builder *b, int folder, struct tree_node *node)
{
    auto_fd int fd = openat(folder, node->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    size_t n = 0;
    TRY(read_whole(b->tree, fd, FILE_MOST, &node->data, &n));
    node->size = (uint32_t)n;
    return 0;
}

static int load_link(struct tree_builder *b, int folder, struct tree_node *node)
{
    char target[VFS_PATH_MOST];
    ssize_t n = readlinkat(folder, node->name, target, sizeof target);
    if (n < 0)
        return -errno;
    if ((size_t)n >= sizeof target || n == 0)
        return -ENAMETOOLONG;
    node->data = tree_text(b->tree, target, (size_t)n);
    node->size = (uint32_t)n;
    return node->data ? 0 : -ENOMEM;
}

static void take_stat(struct tree_node *node, const struct stat *st)
{
    node->mode = st->st_mode & (S_IFMT | 07777);
    node->uid = st->st_uid;
    node->gid = st->st_gid;
    node->mtime = st->st_mtime;
    node->major = (uint16_t)(st->st_rdev >> 8 & 0xfff);
    node->minor = (uint32_t)(st->st_rdev & 0xff);
}

static int load_entry(struct tree_builder *b, uint32_t dir, int folder, const char *name)
{
    struct stat st;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW))
        return -errno;
    int64_t at = tree_add(b, dir, name, strlen(name), st.st_mode);
    if (at < 0)
        return (int)at;
    struct tree_node *node = &b->drafts[at].node;
    take_stat(node, &st);
    if (S_ISREG(st.st_mode))
        return load_file(b, folder, node);
    return S_ISLNK(st.st_mode) ? load_link(b, folder, node) : 0;
}

/* Opens the folder of a draft, part by part from the top, so that no link is followed. */
static int open_draft(const struct tree_builder *b, const char *folder, uint32_t at)
{
    uint32_t way[TREE_DEPTH_MOST];
    size_t n = 0;
    for (; at; at = b->drafts[at].node.parent) {
        if (n == TREE_DEPTH_MOST)
            return -ENAMETOOLONG;
        way[n++] = at;
    }
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0 && n > 0) {
        int next = openat(fd, b->drafts[way[--n]].node.name,
                          O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int e = errno;
        close(fd);
        errno = e;
        fd = next;
    }
    return fd < 0 ? -errno : fd;
}

static int load_folder(struct tree_builder *b, const char *folder, uint32_t at)
{
    int fd = open_draft(b, folder, at);
    if (fd < 0)
        return fd;
    struct stat st;
    DIR *d = fstat(fd, &st) ? NULL : fdopendir(fd);
    if (!d) {
        int e = -errno;
        close(fd);
        return e;
    }
    take_stat(&b->drafts[at].node, &st);
    int e = 0;
    for (struct dirent *entry; e == 0 && (entry = readdir(d));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            e = load_entry(b, at, dirfd(d), entry->d_name);
    closedir(d);
    return e;
}

static int load_lines(struct tree_builder *b, const char *folder, char ret_why[static 200])
{
    size_t n = strlen(folder);
    while (n > 1 && folder[n - 1] == '/')
        n--;
    char path[VFS_PATH_MOST], why[160];
    if (snprintf(path, sizeof path, "%.*s.tsv", (int)n, folder) >= (int)sizeof path)
        return -ENAMETOOLONG;
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    const void *data = NULL;
    TRY(read_whole(b->tree, fd, LINES_MOST, &data, &n));
    int e = tree_read_lines(b, data, n, why);
    if (e > 0) {
        const char *slash = strrchr(path, '/');
        snprintf(ret_why, 200, "%.30s:%.160s", slash ? slash + 1 : path, why);
    }
    return e;
}

int vfs_tree_load(struct vfs_tree **ret, const char *folder, char ret_why[static 200])
{
    struct tree_builder b;
    ret_why[0] = '\0';
    int e = tree_begin(&b);
    for (uint32_t i = 0; e == 0 && i < b.n; i++)
        if (S_ISDIR(b.drafts[i].node.mode))
            e = load_folder(&b, folder, i);
    if (e == 0)
        e = load_lines(&b, folder, ret_why);
    if (e == 0)
        e = tree_finish(&b, ret);
    tree_release(&b);
    return e;
}
