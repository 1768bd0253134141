#pragma once
/*
 * Claims: whole prefixes, of which every address is answered, as the keeper holds them. Three things make one:
 *
 * - routes (AnyIP: local PREFIX), by which the kernel takes all addresses for its own. They lead to a TUN device of ours, which
 *   is there as long as its descriptor is open, and with which they go. A route of the same prefix that is there before is not
 *   touched: the claim is refused. An address that is the host's own needs none;
 * - a program that gives what comes to open ports to the trap's listeners (main/claim-lookup.h), there as long as its link is.
 *   Every kernel from 5.9 on can do this, so there is no second way;
 * - sockets that swallow the datagrams that nobody answers, and the SYNs to devices that answer nothing where no port is open.
 *
 * All of it is this process's alone: whatever ends it, `kill -9` and all, ends the claim, and nobody has to clean up. Connections
 * that stand are never touched.
 *
 * At addresses of the host's own the host's services stay reachable: ports where somebody listens (UDP: has a socket), whatever
 * address he is bound to, those that the kernel gives to clients (net.ipv4.ip_local_port_range, as it was at the start), and
 * trap.except are left out. Who listens is looked up every second: for up to so long after a service began to listen at a port that
 * the trap plays, its new visitors meet the trap. Addresses that the host gets later, within a claim, are looked up so, too.
 */
#include "main/claim-lookup.h"
#include "main/request.h"

struct claim {
    int err;              /* why there can be none; else 0 */
    int tun, route, diag, netns;
    int sink[2], mute[2]; /* IPv4, IPv6: UDP, TCP */
    unsigned interface;
    uint16_t local_first, local_last;
    struct claim_lookup lookup;
    bool stands, given_up;
    uint64_t until;       /* time_mono(); 0: for good */
    uint64_t looked;      /* time_mono() */
    bool blind;           /* the host's listeners could not be looked up, and it is said */
};

/* Before the keeper confines itself: all but the claim. `tun` is /dev/net/tun, owned from here on; the next descriptors are, in this
 * order, `route`, `diag`, `netns`. Where it cannot be had, claim_take() says why; the log, which may be NULL, says more. */
void claim_prepare(struct claim *ret, int tun, char *log, uint32_t log_room);
void claim_release(struct claim *c);

/* A listener, or one of those that share its port, for what comes to claimed addresses. 0 or -errno. */
int must_check claim_give(struct claim *c, bool tcp, bool v4, int fd);
/* 0 or -errno; -EINVAL: a prefix is shorter than /8, of IPv6 /32, or not one that visitors have; -EEXIST: there is a route of it. */
int must_check claim_take(struct claim *c, const struct request_claim *v);
/* 0; -ENOENT: there is none; -ETIMEDOUT: its time was over. */
int must_check claim_confirm(struct claim *c);
/* What has to be done every second. */
void claim_tick(struct claim *c, uint64_t now);
