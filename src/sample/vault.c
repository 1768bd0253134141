#include "sample/vault.h"

#include "base/own.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PLACE = 3 + SHA256_HEX }; /* "ab/" and the name */

static void place_of(const uint8_t sha256[static SHA256_BYTES], char ret[static PLACE])
{
    char hex[SHA256_HEX];
    sha256_hex(sha256, hex);
    snprintf(ret, PLACE, "%.2s/%s", hex, hex);
}

/* ---- opening ---- */

static int open_folder(int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 ? -errno : fd;
}

/* What root makes must not shut out whose state it is. */
static int hand_over(const struct vault *v, int fd)
{
    return geteuid() == 0 && v->uid != 0 && fchown(fd, v->uid, v->gid) < 0 ? -errno : 0;
}

/* 1 where it was there before. */
static int make_folder(const struct vault *v, int at, const char *name)
{
    if (mkdirat(at, name, 0700) < 0)
        return errno == EEXIST ? 1 : -errno;
    auto_fd int fd = open_folder(at, name);
    TRY(fd);
    return hand_over(v, fd);
}

/* Each name of a folder but those with a dot before them; its descriptor, or -errno, is taken. */
static int for_each(int folder, int (*take)(void *context, int folder, const char *name), void *context)
{
    TRY(folder);
    DIR *d = fdopendir(folder);
    int err = 0;
    if (!d) {
        err = -errno;
        close(folder);
        return err;
    }
    for (const struct dirent *e; !err && (e = readdir(d));)
        if (e->d_name[0] != '.')
            err = take(context, folder, e->d_name);
    closedir(d);
    return err;
}

static int sweep(void *context, int folder, const char *name)
{
    (void)context;
    return unlinkat(folder, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

static int weigh(void *context, int folder, const char *name)
{
    struct vault *v = context;
    struct stat st;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode)) {
        v->bytes += (uint64_t)st.st_size;
        v->files++;
    }
    return 0;
}

static int weigh_folder(void *context, int folder, const char *name)
{
    if (strlen(name) != 2)
        return 0;
    return for_each(open_folder(folder, name), weigh, context);
}

static int prepare(struct vault *v)
{
    TRY(make_folder(v, v->fd, "tmp"));
    v->tmp = open_folder(v->fd, "tmp");
    TRY(v->tmp);
    if (flock(v->tmp, LOCK_EX | LOCK_NB) == 0)
        TRY(for_each(open_folder(v->fd, "tmp"), sweep, NULL));
    if (flock(v->tmp, LOCK_SH) < 0)
        return -errno;
    return for_each(open_folder(v->fd, "."), weigh_folder, v);
}

int vault_open(struct vault *ret, const char *state, enum vault_mode mode)
{
    *ret = (struct vault){ .fd = -1, .tmp = -1 };
    auto_fd int folder = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -errno;
    struct stat st;
    if (fstat(folder, &st) < 0)
        return -errno;
    ret->uid = st.st_uid;
    ret->gid = st.st_gid;
    if (mode == VAULT_WRITE)
        TRY(make_folder(ret, folder, "vault"));
    ret->fd = open_folder(folder, "vault");
    TRY(ret->fd);
    int err = mode == VAULT_WRITE ? prepare(ret) : 0;
    if (err)
        vault_close(ret);
    return err;
}

void vault_close(struct vault *v)
{
    if (v->fd >= 0)
        close(v->fd);
    if (v->tmp >= 0)
        close(v->tmp);
    *v = (struct vault){ .fd = -1, .tmp = -1 };
}

/* ---- writing ---- */

int vault_begin(struct vault_file *ret, struct vault *v)
{
    *ret = (struct vault_file){ .vault = v };
    sha256_begin(&ret->hash);
    snprintf(ret->name, sizeof ret->name, "tmp/%d-%llu", (int)getpid(), (unsigned long long)v->next++);
    ret->fd = openat(v->fd, ret->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
    return ret->fd < 0 ? -errno : 0;
}

int vault_add(struct vault_file *f, const void *data, size_t n)
{
    const uint8_t *at = data;
    sha256_add(&f->hash, data, n);
    f->size += n;
    while (n) {
        ssize_t wrote = write(f->fd, at, n);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return -errno;
        at += wrote;
        n -= (size_t)wrote;
    }
    return 0;
}

void vault_drop(struct vault_file *f)
{
    if (f->fd < 0)
        return;
    close(f->fd);
    f->fd = -1;
    (void)unlinkat(f->vault->fd, f->name, 0);
}

static int sync_folder(int at, const char *name)
{
    auto_fd int fd = open_folder(at, name);
    TRY(fd);
    return fsync(fd) < 0 ? -errno : 0;
}

/* On the disk before it has its name, and its name before anybody is told. */
static int settle(struct vault_file *f, const char place[static PLACE])
{
    const struct vault *v = f->vault;
    const char folder[3] = { place[0], place[1] };
    TRY(hand_over(v, f->fd));
    if (fchmod(f->fd, 0400) < 0 || fsync(f->fd) < 0)
        return -errno;
    int old = make_folder(v, v->fd, folder);
    TRY(old);
    if (renameat(v->fd, f->name, v->fd, place) < 0)
        return -errno;
    TRY(sync_folder(v->fd, folder));
    return old ? 0 : sync_folder(v->fd, ".");
}

int vault_keep(struct vault_file *f, uint8_t ret_sha256[static SHA256_BYTES])
{
    char place[PLACE];
    sha256_end(&f->hash, ret_sha256);
    place_of(ret_sha256, place);
    int err = vault_has(f->vault, ret_sha256) ? 1 : settle(f, place);
    if (err) {
        vault_drop(f);
        return err > 0 ? 0 : err;
    }
    f->vault->bytes += f->size;
    f->vault->files++;
    close(f->fd);
    f->fd = -1;
    return 0;
}

int vault_put(struct vault *v, const void *data, size_t n, uint8_t ret_sha256[static SHA256_BYTES])
{
    struct vault_file f;
    TRY(vault_begin(&f, v));
    int err = vault_add(&f, data, n);
    if (!err)
        return vault_keep(&f, ret_sha256);
    vault_drop(&f);
    return err;
}

/* ---- reading, removing ---- */

bool vault_has(const struct vault *v, const uint8_t sha256[static SHA256_BYTES])
{
    char place[PLACE];
    struct stat st;
    place_of(sha256, place);
    return fstatat(v->fd, place, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int vault_read(const struct vault *v, const uint8_t sha256[static SHA256_BYTES])
{
    char place[PLACE];
    place_of(sha256, place);
    int fd = openat(v->fd, place, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 ? -errno : fd;
}

int vault_remove(struct vault *v, const uint8_t sha256[static SHA256_BYTES])
{
    char place[PLACE];
    struct stat st;
    place_of(sha256, place);
    if (fstatat(v->fd, place, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (unlinkat(v->fd, place, 0) < 0)
        return -errno;
    v->bytes -= (uint64_t)st.st_size < v->bytes ? (uint64_t)st.st_size : v->bytes;
    v->files -= v->files > 0;
    return 0;
}
