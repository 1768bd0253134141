#include "main/calls.h"

#include "base/own.h"
#include "main/listener.h"
#include "packet/ring.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ONCE = 1,
    MANY = 4096, /* rings are made anew when an interface comes back or the config changes */
    FILES_MOST = 1 << 20,
};

/* Of the kernel's memory, in one call. */
#define RINGS_BYTES_MOST (UINT64_C(1) << 30)

/* Never lowers what is there. */
static int call_limits(struct calls *c, const struct request *v, struct call_result *ret)
{
    struct rlimit r;
    rlim_t files = v->files < FILES_MOST ? v->files : FILES_MOST;
    (void)ret;
    if (prlimit(c->supervisor, RLIMIT_NOFILE, NULL, &r) < 0)
        return -errno;
    r.rlim_cur = r.rlim_cur > files ? r.rlim_cur : files;
    r.rlim_max = r.rlim_max > files ? r.rlim_max : files;
    return prlimit(c->supervisor, RLIMIT_NOFILE, &r, NULL) < 0 ? -errno : 0;
}

static int call_rings(struct calls *c, const struct request *v, struct call_result *ret)
{
    (void)c;
    struct ring_options o = { .interface = v->rings.interface,
                              .block_kib = v->rings.block_kib,
                              .blocks = v->rings.blocks,
                              .ignore_outgoing = v->rings.ignore_outgoing,
                              .promiscuous = v->rings.promiscuous };
    uint64_t bytes = ring_bytes(&o);
    if (bytes == 0 || v->rings.n * bytes > RINGS_BYTES_MOST)
        return -EINVAL;
    TRY(ring_make_group(&o, &v->rings.own, v->rings.n, ret->fd));
    ret->n = v->rings.n;
    return 0;
}

/* What is sent to who may be forged is bounded from the first SYN on, or there is no listener. */
static int bound(const struct calls *c, const struct request_listen *v, const int *fd)
{
    for (size_t i = 0; i < v->n && v->tcp && c->made[REQUEST_BUDGET] && c->filter->four >= 0; i++)
        TRY(syn_filter_attach(c->filter, fd[i], v->addr.family == 4));
    return 0;
}

static int call_listen(struct calls *c, const struct request *v, struct call_result *ret)
{
    if (v->listen.claimed && !c->claim)
        return -EOPNOTSUPP;
    TRY(listener_make(&v->listen, ret->fd));
    int err = bound(c, &v->listen, ret->fd);
    if (!err && v->listen.claimed)
        err = claim_give(c->claim, v->listen.tcp, v->listen.addr.family == 4, ret->fd[0]);
    for (size_t i = 0; err && i < v->listen.n; i++)
        close(ret->fd[i]);
    ret->n = err ? 0 : v->listen.n;
    return err;
}

static int call_budget(struct calls *c, const struct request *v, struct call_result *ret)
{
    (void)v;
    if (!c->filter)
        return -EOPNOTSUPP;
    ret->fd[ret->n++] = take_fd(c->filter->table);
    ret->answer.has_budget = true;
    memcpy(ret->answer.budget.key, c->filter->key, sizeof c->filter->key);
    ret->answer.budget.kernel = c->filter->four >= 0;
    return 0;
}

static int call_claim(struct calls *c, const struct request *v, struct call_result *ret)
{
    (void)ret;
    return c->claim ? claim_take(c->claim, &v->claim) : -EOPNOTSUPP;
}

static int call_confirm(struct calls *c, const struct request *v, struct call_result *ret)
{
    (void)v;
    (void)ret;
    return c->claim ? claim_confirm(c->claim) : -EOPNOTSUPP;
}

static const struct call {
    unsigned most; /* times in the keeper's life that it may succeed: an interface may be away for long */
    int (*serve)(struct calls *c, const struct request *v, struct call_result *ret);
} calls[REQUEST_TYPES] = {
    [REQUEST_LIMITS] = { ONCE, call_limits },
    [REQUEST_RINGS] = { MANY, call_rings },
    [REQUEST_LISTEN] = { MANY, call_listen },
    [REQUEST_BUDGET] = { ONCE, call_budget },
    [REQUEST_CLAIM] = { ONCE, call_claim },
    [REQUEST_CONFIRM] = { ONCE, call_confirm },
};

int calls_serve(struct calls *c, struct rd message, struct call_result *ret)
{
    struct request v;
    struct call_result result = { .n = 0 };
    int err = request_get(message, &v);
    if (err)
        return err > 0 ? -EPROTO : err;
    const struct call *call = &calls[v.type];
    if (c->made[v.type] < call->most) {
        result.answer.status = call->serve(c, &v, &result);
        c->made[v.type] += result.answer.status == 0;
    } else {
        err = -EPROTO;
    }
    request_release(&v);
    if (!err)
        *ret = result;
    return err;
}

void call_result_release(struct call_result *v)
{
    for (; v->n; v->n--)
        close(v->fd[v->n - 1]);
}
