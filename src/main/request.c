#include "main/request.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void request_rings_release(struct request_rings *v)
{
    prefix_list_release(&v->own);
}

void request_release(struct request *v)
{
    request_rings_release(&v->rings);
    prefix_list_release(&v->claim.prefix);
    free(v->claim.ports);
    v->claim.ports = NULL;
}

/* ---- shapes ---- */

static void put_rings(struct buf *b, const struct request_rings *v)
{
    buf_part(b, v->interface, strlen(v->interface));
    buf_le32(b, v->n);
    buf_le32(b, v->block_kib);
    buf_le32(b, v->blocks);
    buf_u8(b, v->ignore_outgoing);
    buf_u8(b, v->promiscuous);
    prefix_list_put(b, &v->own);
}

static int get_rings(struct rd *r, struct request_rings *ret)
{
    struct rd name = rd_part(r);
    size_t n = rd_left(&name);
    if (n == 0 || n >= sizeof ret->interface)
        return 1;
    rd_copy(&name, ret->interface, n);
    if (memchr(ret->interface, '\0', n))
        return 1;
    ret->n = rd_le32(r);
    ret->block_kib = rd_le32(r);
    ret->blocks = rd_le32(r);
    ret->ignore_outgoing = rd_u8(r) != 0;
    ret->promiscuous = rd_u8(r) != 0;
    if (!rd_ok(r) || ret->n == 0 || ret->n > REQUEST_RINGS_MOST)
        return 1;
    return prefix_list_get(r, REQUEST_PREFIXES, &ret->own);
}

static int get_listen(struct rd *r, struct request_listen *ret)
{
    ret->tcp = rd_u8(r) != 0;
    ret->claimed = rd_u8(r) != 0;
    ret->n = rd_le32(r);
    int bad = addr_get(r, &ret->addr);
    ret->port = rd_le16(r);
    return bad || !rd_ok(r) || ret->n == 0 || ret->n > REQUEST_RINGS_MOST;
}

static void put_claim(struct buf *b, const struct request_claim *v)
{
    prefix_list_put(b, &v->prefix);
    buf_le32(b, v->excepts);
    for (uint32_t i = 0; i < v->excepts; i++) {
        buf_u8(b, v->except[i].addr.family != 0);
        if (v->except[i].addr.family)
            addr_put(b, &v->except[i].addr);
        buf_le16(b, v->except[i].port);
    }
    buf_le32(b, v->confirm_s);
    ports_put(b, v->ports);
}

static int get_except(struct rd *r, struct request_except *ret)
{
    bool somewhere = rd_u8(r) != 0;
    if (somewhere && addr_get(r, &ret->addr))
        return 1;
    ret->port = rd_le16(r);
    return !rd_ok(r);
}

static int get_claim(struct rd *r, struct request_claim *ret)
{
    int bad = prefix_list_get(r, REQUEST_CLAIMS, &ret->prefix);
    if (bad)
        return bad;
    ret->excepts = rd_le32(r);
    if (!rd_ok(r) || !ret->prefix.n || ret->excepts > REQUEST_EXCEPTS)
        return 1;
    for (uint32_t i = 0; i < ret->excepts; i++)
        if (get_except(r, &ret->except[i]))
            return 1;
    ret->confirm_s = rd_le32(r);
    ret->ports = calloc(1, sizeof *ret->ports);
    if (!ret->ports)
        return -ENOMEM;
    return ports_get(r, ret->ports);
}

void request_put(struct buf *b, const struct request *v)
{
    buf_u8(b, (uint8_t)v->type);
    switch (v->type) {
    case REQUEST_LIMITS:
        buf_le32(b, v->files);
        break;
    case REQUEST_RINGS:
        put_rings(b, &v->rings);
        break;
    case REQUEST_LISTEN:
        buf_u8(b, v->listen.tcp);
        buf_u8(b, v->listen.claimed);
        buf_le32(b, v->listen.n);
        addr_put(b, &v->listen.addr);
        buf_le16(b, v->listen.port);
        break;
    case REQUEST_CLAIM:
        put_claim(b, &v->claim);
        break;
    case REQUEST_BUDGET:
    case REQUEST_CONFIRM:
    case REQUEST_TYPES:
        break;
    }
}

static int get_body(struct rd *r, struct request *ret)
{
    switch (ret->type) {
    case REQUEST_LIMITS:
        ret->files = rd_le32(r);
        return !rd_ok(r);
    case REQUEST_RINGS:
        return get_rings(r, &ret->rings);
    case REQUEST_LISTEN:
        return get_listen(r, &ret->listen);
    case REQUEST_CLAIM:
        return get_claim(r, &ret->claim);
    case REQUEST_BUDGET:
    case REQUEST_CONFIRM:
        return 0;
    case REQUEST_TYPES:
        break;
    }
    return 1;
}

int request_get(struct rd r, struct request *ret)
{
    struct request v = { 0 };
    uint8_t type = rd_u8(&r);
    if (!rd_ok(&r) || type == 0 || type >= REQUEST_TYPES)
        return 1;
    v.type = (enum request_type)type;
    int err = get_body(&r, &v);
    if (!err && !rd_done(&r))
        err = 1;
    if (err)
        request_release(&v);
    else
        *ret = v;
    return err;
}

/* ---- messages ---- */

static int send_message(int fd, const void *data, size_t n, const int *pass, size_t passed)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int) * REQUEST_RINGS_MOST)];
        struct cmsghdr align;
    } control = { 0 };
    struct iovec part = { (void *)data, n };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
    if (passed) {
        m.msg_control = control.bytes;
        m.msg_controllen = CMSG_SPACE(sizeof(int) * passed);
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int) * passed);
        memcpy(CMSG_DATA(c), pass, sizeof(int) * passed);
    }
    ssize_t sent;
    do
        sent = sendmsg(fd, &m, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

int request_send(int fd, const struct request *v)
{
    struct buf b;
    /* The keeper would take it for nonsense, and end. */
    if (v->rings.own.n > REQUEST_PREFIXES || v->claim.prefix.n > REQUEST_CLAIMS || v->claim.excepts > REQUEST_EXCEPTS)
        return -E2BIG;
    buf_init(&b, REQUEST_BYTES);
    request_put(&b, v);
    int err = buf_ok(&b) ? send_message(fd, b.data, b.len, NULL, 0) : -ENOMEM;
    buf_release(&b);
    return err;
}

static void put_budget(struct buf *b, const struct request_budget *v)
{
    for (size_t i = 0; i < BUDGET_KEYS; i++)
        buf_le64(b, v->key[i]);
    buf_u8(b, v->kernel);
}

int answer_send(int fd, const struct request_answer *v, const int *pass, size_t n)
{
    struct buf b;
    if (n > REQUEST_RINGS_MOST)
        return -EINVAL;
    buf_init(&b, REQUEST_BYTES);
    buf_le32(&b, (uint32_t)v->status);
    if (v->has_budget)
        put_budget(&b, &v->budget);
    int err = buf_ok(&b) ? send_message(fd, b.data, b.len, pass, n) : -ENOMEM;
    buf_release(&b);
    return err;
}

/* Every descriptor that came is taken, so that none is left behind. */
static int take_descriptors(struct msghdr *m, int *ret_fd, size_t most, size_t *ret_n)
{
    bool sound = !(m->msg_flags & (MSG_CTRUNC | MSG_TRUNC));
    *ret_n = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
            sound = false;
            continue;
        }
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (*ret_n < most) {
                ret_fd[(*ret_n)++] = fd;
            } else {
                close(fd);
                sound = false;
            }
        }
    }
    return sound ? 0 : -EPROTO;
}

static struct request_budget get_budget(struct rd *r)
{
    struct request_budget v;
    for (size_t i = 0; i < BUDGET_KEYS; i++)
        v.key[i] = rd_le64(r);
    v.kernel = rd_u8(r) != 0;
    return v;
}

static int get_answer(const uint8_t *data, size_t n, struct request_answer *ret)
{
    struct rd r = rd_init(data, n);
    struct request_answer v = { .status = (int32_t)rd_le32(&r), .has_budget = rd_left(&r) > 0 };
    if (v.has_budget)
        v.budget = get_budget(&r);
    if (!rd_done(&r) || v.status > 0 || v.status < -4095)
        return -EPROTO;
    *ret = v;
    return 0;
}

int answer_receive(int fd, struct request_answer *ret, int *ret_fd, size_t most, size_t *ret_n)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int) * REQUEST_RINGS_MOST)];
        struct cmsghdr align;
    } control;
    uint8_t data[64];
    struct iovec part = { data, sizeof data };
    struct msghdr m = { .msg_iov = &part,
                        .msg_iovlen = 1,
                        .msg_control = control.bytes,
                        .msg_controllen = sizeof control.bytes };
    *ret_n = 0;
    ssize_t got;
    do
        got = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == ECONNRESET ? -EPIPE : -errno;
    /* Descriptors may ride on a message of no bytes, which is not the end. */
    int err = take_descriptors(&m, ret_fd, most, ret_n);
    if (!err && got == 0 && *ret_n == 0)
        return -EPIPE;
    if (!err)
        err = get_answer(data, (size_t)got, ret);
    if (!err && ret->status < 0 && *ret_n)
        err = -EPROTO;
    for (; err && *ret_n; (*ret_n)--)
        close(ret_fd[*ret_n - 1]);
    return err;
}
