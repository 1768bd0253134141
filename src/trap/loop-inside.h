#pragma once
/* What the files of the loop share: loop.c times, turns and connections, loop-udp.c datagrams. */
#include "trap/loop.h"

#include <sys/socket.h>

enum {
    LISTENERS = TRAP_LISTENERS,
    TABLE = 4096, /* of counts by source and by network */
};

enum handle { HANDLE_LISTENER = 1, HANDLE_WATCHED, HANDLE_VISITOR };

struct visitor {
    uint8_t handle; /* HANDLE_VISITOR, first: what epoll hands back points here */
    bool running, wants_out, ended, heard; /* heard: its end has come */
    uint32_t armed;               /* what epoll is to tell of */
    int fd;
    struct conn *conn;
    int64_t wakes;
    size_t heap_at;               /* its place in the heap */
    struct crowd *crowd;          /* that it is one of */
    struct watched *door;         /* of an exchange of datagrams: where it is; NULL: it has a connection */
    struct exchange *exchange;    /* then: who with whom */
    uint32_t source, network;     /* their places in the crowd's tables of counts */
    size_t memory;                /* after its last turn */
    struct visitor *newer, *older; /* by when they spoke last */
    struct visitor *next, *previous; /* of those that want a turn */
    struct visitor *waiting;      /* the next one of those who wait for what others fetch; one of them is in the list, too */
    bool waits;
    uint64_t session;
};

struct watched {
    uint8_t handle;
    uint8_t service; /* of a listener: enum trap_service */
    bool datagrams;
    uint16_t port;   /* of those: where it is bound, and at which address */
    struct addr at;
    uint32_t lost;   /* of those, by the kernel, before we were here */
    int fd;
};

/* Those who are there, by when they spoke last, and how many are of a source and of a network. */
struct crowd {
    struct visitor *newest, *oldest;
    uint32_t n;
    uint32_t sources[TABLE], networks[TABLE];
};

struct loop {
    struct loop_options options;
    int epoll;
    struct watched listeners[LISTENERS], watched;
    size_t n_listeners;
    bool paused;
    int64_t crowded_until; /* no descriptor was to be had: nobody is accepted before; 0: all is well */
    struct visitor **heap;
    size_t n_heap, room_heap;
    struct visitor *turn;
    struct visitor *waiting;
    struct crowd callers, exchanges; /* over connections; by datagrams, whose sources may be anybody */
    struct udp *udp;                 /* NULL: there are no datagrams */
    const struct persona *netis;     /* one that has that door, of those there are; NULL */
    struct loop_counts counts;
};

/* ---- loop.c ---- */
static inline int64_t loop_now(const struct loop *l)
{
    return l->options.now(l->options.world->context);
}
struct addr loop_addr(const struct sockaddr_storage *s, uint16_t *ret_port);
/* The connection of a visitor whose crowd, door and options' addresses are set: -EACCES where too many of there are here, -ENOENT
 * where nothing answers. */
int must_check loop_begin(struct loop *l, struct visitor *v, struct conn_options *o);
int must_check loop_add(struct loop *l, struct visitor *v); /* 0 or -ENOMEM */
void loop_spoke(struct visitor *v);
/* A turn, and what comes of it. The visitor may be gone afterwards. */
void loop_take_turn(struct loop *l, struct visitor *v);

/* ---- loop-udp.c ---- */
int must_check udp_listen(struct loop *l, struct watched *door);
void udp_hear(struct loop *l, struct watched *door);
void udp_send(struct loop *l, struct visitor *v);
void udp_forget(struct loop *l, struct visitor *v);
void udp_free(struct loop *l);
uint64_t udp_lost(const struct loop *l); /* datagrams that the kernel had no room for */
