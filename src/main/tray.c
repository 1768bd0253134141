#include "main/tray.h"

#include "event/sample.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { KEEP = 1 << 20 }; /* bytes whose pages stay for the next one */

static int make(struct tray *t)
{
    t->fd = memfd_create("tray", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (t->fd < 0 || ftruncate(t->fd, SAMPLE_BYTES) < 0)
        return -errno;
    t->memory = mmap(NULL, SAMPLE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, t->fd, 0);
    if (t->memory == MAP_FAILED) {
        t->memory = NULL;
        return -errno;
    }
    /* From here on nobody maps it for writing any more. */
    return fcntl(t->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) < 0 ? -errno : 0;
}

int tray_make(struct tray *ret)
{
    *ret = (struct tray){ .fd = -1 };
    int err = make(ret);
    if (err)
        tray_release(ret);
    return err;
}

void tray_release(struct tray *t)
{
    if (!t->memory && t->fd <= 0)
        return;
    if (t->memory)
        munmap(t->memory, SAMPLE_BYTES);
    close(t->fd);
    *t = (struct tray){ .fd = -1 };
}

void tray_clear(struct tray *t)
{
    if (t->size > KEEP)
        (void)madvise(t->memory, SAMPLE_BYTES, MADV_REMOVE);
    t->size = 0;
}

int tray_lay(struct tray *t, int fd)
{
    t->size = 0;
    for (;;) {
        ssize_t got = pread(fd, t->memory + t->size, SAMPLE_BYTES - t->size, (off_t)t->size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        t->size += (size_t)got;
        if (got == 0)
            return 0;
        if (t->size == SAMPLE_BYTES) {
            uint8_t more;
            return pread(fd, &more, 1, SAMPLE_BYTES) == 0 ? 0 : -EFBIG;
        }
    }
}
