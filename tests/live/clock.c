/*
 * Test library, preloaded: adds what stands in the file $TEITEN_TEST_CLOCK (seconds, a little-endian int64) to the
 * clock that a program sees, so that it can be set while the program runs and nobody else's time moves.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *step;

/* Before the program gives up opening files. */
__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("TEITEN_TEST_CLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *step, PROT_READ, MAP_SHARED, fd, 0);
    step = at == MAP_FAILED ? NULL : at;
    if (fd >= 0)
        close(fd);
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int err = real(clock, ret);
    if (err == 0 && clock == CLOCK_REALTIME && step)
        ret->tv_sec += *step;
    return err;
}

time_t time(time_t *ret)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (ret)
        *ret = now.tv_sec;
    return now.tv_sec;
}
