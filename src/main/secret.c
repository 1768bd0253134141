#include "main/secret.h"

#include "base/own.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

static int make(const char *path, uint8_t ret[static SECRET_BYTES])
{
    auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    ssize_t n = getrandom(ret, SECRET_BYTES, 0);
    if (n == SECRET_BYTES)
        n = write(fd, ret, SECRET_BYTES);
    if (n == SECRET_BYTES && fsync(fd) == 0)
        return 0;
    int err = n < 0 ? -errno : -EIO;
    (void)unlink(path); /* half a secret is none */
    return err;
}

int secret_read(const char *state, uint8_t ret[static SECRET_BYTES])
{
    char path[PATH_MAX];
    uint8_t more[SECRET_BYTES + 1];
    if (snprintf(path, sizeof path, "%s/secret", state) >= (int)sizeof path)
        return -ENAMETOOLONG;
    auto_fd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? make(path, ret) : -errno;
    ssize_t n = read(fd, more, sizeof more);
    if (n != SECRET_BYTES)
        return n < 0 ? -errno : -EINVAL;
    for (size_t i = 0; i < SECRET_BYTES; i++)
        ret[i] = more[i];
    return 0;
}
