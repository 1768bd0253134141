/*
 * A compromised supervisor against the keeper: messages, each le16 length and bytes, in a network
 * namespace of our own where nobody is met. The keeper may do what its table says or end; it never
 * keeps a descriptor.
 */
#include "main/calls.h"

#include "packet/ring.h"

#include <assert.h>
#include <dirent.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    MESSAGES_MOST = 64,
    RINGS_MIB = 16 /* of the kernel's memory, so that the machine bears it */
};

static size_t open_files(void)
{
    size_t n = 0;
    DIR *d = opendir("/proc/self/fd");
    if (!d)
        abort();
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static bool enter_namespace(void)
{
    if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) {
        puts("skipped: no network namespace to be had");
        return false;
    }
    struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) < 0)
        abort();
    close(fd);
    return true;
}

static bool is_too_large(struct rd message)
{
    struct request v;
    if (request_get(message, &v))
        return false;
    struct ring_options o = { .block_kib = v.rings.block_kib, .blocks = v.rings.blocks };
    bool large = v.type == REQUEST_RINGS && ring_bytes(&o) * v.rings.n > (uint64_t)RINGS_MIB << 20;
    request_release(&v);
    return large;
}

/* False where the keeper ends. */
static bool serve(struct calls *c, struct rd message)
{
    struct call_result result;
    if (is_too_large(message))
        return true;
    size_t before = open_files();
    int err = calls_serve(c, message, &result);
    assert(err == 0 || err == -EPROTO);
    if (err) {
        assert(open_files() == before);
        return false;
    }
    assert(result.answer.status <= 0 && result.answer.status >= -4095);
    assert(result.n <= REQUEST_RINGS_MOST && (!result.answer.status || !result.n));
    assert(open_files() == before + result.n);
    call_result_release(&result);
    assert(open_files() == before);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool tried, alone;
    struct calls c = { .supervisor = getpid() };
    struct rd r = rd_init(data, size);
    if (!tried)
        alone = enter_namespace();
    tried = true;
    for (unsigned i = 0; alone && i < MESSAGES_MOST && rd_left(&r); i++) {
        struct rd message = rd_sub(&r, rd_le16(&r));
        if (!rd_ok(&message) || !serve(&c, message))
            break;
    }
    return 0;
}
