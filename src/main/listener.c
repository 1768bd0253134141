#include "main/listener.h"

#include "base/own.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKLOG = 4096, /* the kernel has a bound of its own (net.core.somaxconn) */
    SYN_RETRIES = 1, /* a source that may be forged is answered twice at most */
    DATAGRAMS_WAIT = 16 << 20, /* bytes that the kernel keeps of datagrams (it takes twice that): some 40,000 of them */
    V4_NETWORK = 0xffffff00U, /* /24 */
    WAITING = 16 << 10, /* bytes either way that the kernel keeps of a visitor (it takes twice that): left to itself, 4 MB and 32 */
    V4_SOURCE = 12,
    V6_SOURCE = 8,
};

static int switch_on(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) < 0 ? -errno : 0;
}

/* Room for bursts: more than others may have where we may. What answers from claimed addresses of IPv6 must be told that it may. */
static int widen(int fd, int family)
{
    if (switch_on(fd, SOL_SOCKET, SO_RCVBUFFORCE, DATAGRAMS_WAIT))
        TRY(switch_on(fd, SOL_SOCKET, SO_RCVBUF, DATAGRAMS_WAIT));
    return family == AF_INET6 ? switch_on(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1) : 0;
}

static int bind_one(const struct request_listen *v, bool shared, int *ret_fd)
{
    struct sockaddr_storage at;
    socklen_t n = addr_socket(&v->addr, v->port, &at);
    auto_fd int fd = socket(at.ss_family, (v->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    /* One persona of many answers for each address: a listener for IPv6 is for IPv6 only. */
    if (at.ss_family == AF_INET6)
        TRY(switch_on(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
    if (v->claimed) /* the route to it comes later */
        TRY(v->addr.family == 4 ? switch_on(fd, IPPROTO_IP, IP_FREEBIND, 1) : switch_on(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1));
    if (v->tcp) {
        TRY(switch_on(fd, SOL_SOCKET, SO_REUSEADDR, 1));
        TRY(switch_on(fd, IPPROTO_TCP, TCP_SYNCNT, SYN_RETRIES));
        TRY(switch_on(fd, SOL_SOCKET, SO_SNDBUF, WAITING));
        TRY(switch_on(fd, SOL_SOCKET, SO_RCVBUF, WAITING));
    }
    if (!v->tcp)
        TRY(widen(fd, at.ss_family));
    if (shared)
        TRY(switch_on(fd, SOL_SOCKET, SO_REUSEPORT, 1));
    if (bind(fd, (struct sockaddr *)&at, n) < 0 || (v->tcp && listen(fd, BACKLOG) < 0))
        return -errno;
    *ret_fd = take_fd(fd);
    return 0;
}

/* Sockets that share a port would join those of another process of the same user, unseen: so one that does not share looks
 * first whether anybody is there. */
static int look(const struct request_listen *v)
{
    int fd;
    TRY(bind_one(v, false, &fd));
    close(fd);
    return 0;
}

/* The key is random, so that nobody can choose sources that all meet one socket. Of a packet the kernel shows what is
 * behind the header of its transport; what is before that is asked for from the network's header on. */
static int steer(const struct request_listen *v, int fd)
{
    uint32_t key[3], source = (uint32_t)SKF_NET_OFF + (v->addr.family == 4 ? V4_SOURCE : V6_SOURCE);
    if (getrandom(key, sizeof key, 0) != sizeof key)
        return -EIO;
    struct sock_filter op[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, v->addr.family == 4 ? source : source + 4),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, v->addr.family == 4 ? V4_NETWORK : UINT32_MAX),
        BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, key[0]),
        BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, key[1] | 1),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        v->addr.family == 4 ? (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 0)
                            : (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, source),
        BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 15), /* else networks in a row would be shared out by some keys only in part */
        BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
        BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, key[2] | 1),
        BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
        BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, v->n),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    struct sock_fprog program = { .len = sizeof op / sizeof *op, .filter = op };
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) < 0 ? -errno : 0;
}

/* Which port the first one was given, where any would do. */
static int learn_port(struct request_listen *v, int fd)
{
    struct sockaddr_storage at;
    socklen_t n = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &n) < 0)
        return -errno;
    v->port = ntohs(at.ss_family == AF_INET ? ((struct sockaddr_in *)(void *)&at)->sin_port
                                            : ((struct sockaddr_in6 *)(void *)&at)->sin6_port);
    return 0;
}

static int make(const struct request_listen *v, int *fd, uint32_t *made)
{
    struct request_listen one = *v;
    /* One of UDP at all addresses does not keep another of ours from a single one. */
    bool shared = v->n > 1 || !v->tcp;
    if (shared && v->port && !v->claimed)
        TRY(look(v));
    for (; *made < v->n; ++*made) {
        TRY(bind_one(&one, shared, &fd[*made]));
        if (!one.port)
            TRY(learn_port(&one, fd[0]));
    }
    return v->n > 1 ? steer(v, fd[0]) : 0;
}

int listener_make(const struct request_listen *v, int *ret_fd)
{
    uint32_t made = 0;
    int err = make(v, ret_fd, &made);
    while (err && made)
        close(ret_fd[--made]);
    return err;
}
