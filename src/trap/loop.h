#pragma once
/*
 * The event loop of a trap worker: listeners that were given to it, connections over them, one epoll, one
 * heap of times. One thread; nothing blocks but loop_step().
 *
 * What strangers can make it hold is capped: connections in all, of a source (an IPv4 address, an IPv6 /64), of a network
 * (/24, /48). Where there is no more room, or no more descriptors, the connection that has said nothing for longest goes
 * first, and is counted. It also does where all of them hold more memory than they may. Exchanges of datagrams make room for
 * nobody and nobody for them (trap/loop-udp.c).
 */
#include "trap/budget.h"
#include "trap/conn.h"
#include "trap/ports.h"

struct loop;

struct loop_caps {
    uint32_t total, source, network; /* connections at once; 0: 4096, 64, 512 */
    uint64_t memory;                 /* bytes that they may hold together; 0: 512 MiB */
};

struct loop_counts {
    uint64_t accepted, refused /* over a cap of its source or network */, shed /* made room for others */, failed /* accept() did */;
    uint64_t memory; /* bytes held */
    uint32_t open;
    /* Of datagrams: all, and what they were; answers that were sent; those of which nobody is told more than that; those that the
     * kernel had no room for. */
    uint64_t datagrams, probes, logins, commands, others, answered, untold, lost;
};

struct loop_options {
    const struct conn_world *world;     /* outlives it, and so do all that follow */
    const struct personas *personas;
    const struct persona *pinned;       /* NULL: by address */
    uint8_t key[16];                    /* secret, of the observatory */
    struct loop_caps caps;
    const struct ports *ports;          /* what answers at SERVICE_BY_PORT; NULL: nothing does */
    const struct prefix_list *own;      /* whose datagrams are not answered; NULL */
    const struct budget *budget;        /* who completes a handshake has proven himself there; NULL */
    uint64_t (*new_id)(void *context);  /* unique; context is the world's */
    int64_t (*now)(void *context);      /* microseconds since 1970 */
};

/* 0 or -errno. */
int must_check loop_make(struct loop **ret, const struct loop_options *options);
/* All connections end; the listeners stay open. NULL is fine. */
void loop_free(struct loop *l);
/* A listening TCP socket and what answers there, or SERVICE_BY_PORT; borrowed; non-blocking. 0 or -errno. */
int must_check loop_listen(struct loop *l, int fd, enum trap_service service);
/* Another descriptor that wakes loop_step(): a channel. */
int must_check loop_watch(struct loop *l, int fd);
/* Waits for at most `wait` milliseconds (-1: without end) and does what there is. 1: a watched descriptor is ready; 0; -errno. */
int must_check loop_step(struct loop *l, int wait);
/* What was asked for by a session's ticket (conn_world.ask): the visitor has a turn where it is all there. One who is gone
 * hears nothing. */
void loop_told(struct loop *l, const struct trap_told *t);
void loop_told_bytes(struct loop *l, uint64_t session, uint64_t ticket, const void *data, size_t n);
/* No connection is accepted until it is told otherwise; those that wait stay in the kernel. */
void loop_pause(struct loop *l, bool paused);
struct loop_counts loop_counts(const struct loop *l);
