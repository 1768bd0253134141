/*
 * teiten-keeper: the only program with rights. A private program that the supervisor starts while it still
 * may; its descriptor 3 is the pair over which it is asked (main/request.h). It does what main/calls.c has a
 * row for and nothing else, and ends, undoing what it set up, when the other side does.
 *
 * What it gives to the kernel's BPF machine is made before it confines itself; from then on it could not.
 */
#include "base/confine.h"
#include "base/log.h"
#include "base/time.h"
#include "main/calls.h"
#include "main/hook.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FD_ASKED = 3, FD_TUN = CONFINE_TUN };

/* The next message: its length; 0 at the end; -errno, -EAGAIN after a second. One that is too long is none of ours. */
static ssize_t receive(uint8_t *data, size_t room)
{
    ssize_t got;
    do
        got = recv(FD_ASKED, data, room, MSG_TRUNC);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == ECONNRESET ? 0 : -errno;
    return (size_t)got > room ? -EPROTO : got;
}

static int serve_one(struct calls *c, const uint8_t *data, size_t n)
{
    struct call_result result;
    TRY(calls_serve(c, rd_init(data, n), &result));
    int err = answer_send(FD_ASKED, &result.answer, result.fd, result.n);
    call_result_release(&result);
    return err;
}

static int serve(struct calls *c, uint8_t *data)
{
    ssize_t n;
    while ((n = receive(data, REQUEST_BYTES)) > 0 || n == -EAGAIN) {
        if (n > 0)
            TRY(serve_one(c, data, (size_t)n));
        if (c->claim)
            claim_tick(c->claim, time_mono());
    }
    return (int)n;
}

/* Handed /dev/net/tun, it is to claim prefixes. Its list of calls names what it does it with by number. */
static bool prepare_claim(struct claim *ret)
{
    const struct timeval second = { .tv_sec = 1 };
    struct stat st;
    if (fstat(FD_TUN, &st) < 0 || !S_ISCHR(st.st_mode))
        return false;
    claim_prepare(ret, FD_TUN, NULL, 0);
    if (!ret->err && (ret->route != CONFINE_ROUTE || ret->diag != CONFINE_DIAG || ret->netns != CONFINE_NETNS ||
                      setsockopt(FD_ASKED, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second) < 0))
        ret->err = -EBADF;
    return true;
}

int main(void)
{
    struct calls c = { .supervisor = getppid() };
    struct syn_filter filter;
    struct claim claim;
    uint8_t *data = malloc(REQUEST_BYTES);
    unsigned confined;
    if (prepare_claim(&claim))
        c.claim = &claim;
    if (syn_filter_make(&filter, NULL, 0) == 0)
        c.filter = &filter;
    enum confine_program as = c.claim && !claim.err ? CONFINE_CLAIMER : CONFINE_KEEPER;
    int err = data ? confine_enter(as, NULL, 0, 0, &confined) : -ENOMEM;
    if (!err) {
        CONFINE_HOOK();
        err = serve(&c, data);
    }
    if (err && err != -EPIPE)
        log_error("keeper-failed", LOG_ERRNO(err));
    free(data);
    return err ? 1 : 0;
}
