#include "trap/loop-inside.h"

#include "base/hash.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    TURN = 2000,     /* steps of a shell: a few milliseconds */
    SHORT_TURN = 200, /* the same, of one whose source may be nobody's */
    EVENTS = 256,
    ACCEPT_MOST = 64, /* of a listener in one step: others have their turn */
    PIECE = 4096,    /* bytes that are read at once */
    LAST_WORDS = 5 * 1000000, /* microseconds that what is left to be sent may take */
    LATER = 100000,
    CROWDED = 1000000,        /* until a descriptor is tried for again */
    UNREAD_MOST = 16,         /* pieces that are taken of a visitor who is left, so that it reads our last words */
};

/* ---- Times ---- */

static void heap_put(struct loop *l, size_t at, struct visitor *v)
{
    l->heap[at] = v;
    v->heap_at = at;
}

static void heap_move(struct loop *l, struct visitor *v)
{
    size_t at = v->heap_at;
    for (size_t up; at && l->heap[up = (at - 1) / 2]->wakes > v->wakes; at = up)
        heap_put(l, at, l->heap[up]);
    for (size_t down; (down = 2 * at + 1) < l->n_heap; at = down) {
        down += down + 1 < l->n_heap && l->heap[down + 1]->wakes < l->heap[down]->wakes;
        if (l->heap[down]->wakes >= v->wakes)
            break;
        heap_put(l, at, l->heap[down]);
    }
    heap_put(l, at, v);
}

static int heap_add(struct loop *l, struct visitor *v)
{
    if (l->n_heap == l->room_heap) {
        size_t room = l->room_heap * 2 + 64;
        struct visitor **more = realloc(l->heap, room * sizeof(struct visitor *));
        if (!more)
            return -ENOMEM;
        l->heap = more;
        l->room_heap = room;
    }
    heap_put(l, l->n_heap++, v);
    heap_move(l, v);
    return 0;
}

static void heap_remove(struct loop *l, struct visitor *v)
{
    struct visitor *last = l->heap[--l->n_heap];
    if (last == v)
        return;
    heap_put(l, v->heap_at, last);
    heap_move(l, last);
}

/* ---- Who spoke when ---- */

static void age_remove(struct visitor *v)
{
    struct crowd *w = v->crowd;
    *(v->older ? &v->older->newer : &w->oldest) = v->newer;
    *(v->newer ? &v->newer->older : &w->newest) = v->older;
    v->older = v->newer = NULL;
}

static void age_add(struct visitor *v)
{
    struct crowd *w = v->crowd;
    v->older = w->newest;
    v->newer = NULL;
    *(w->newest ? &w->newest->newer : &w->oldest) = v;
    w->newest = v;
}

void loop_spoke(struct visitor *v)
{
    age_remove(v);
    age_add(v);
}

/* ---- Who wants a turn ---- */

static void turn_add(struct loop *l, struct visitor *v)
{
    if (v->next)
        return;
    if (!l->turn) {
        l->turn = v->next = v->previous = v;
        return;
    }
    v->next = l->turn;
    v->previous = l->turn->previous;
    v->previous->next = v->next->previous = v;
}

static void turn_remove(struct loop *l, struct visitor *v)
{
    if (!v->next)
        return;
    if (l->turn == v)
        l->turn = v->next == v ? NULL : v->next;
    v->previous->next = v->next;
    v->next->previous = v->previous;
    v->next = v->previous = NULL;
}

/* ---- Who waits for what others fetch ---- */

/* Few do, so nobody is looked for far. */
static void wait_remove(struct loop *l, struct visitor *v)
{
    struct visitor **at = &l->waiting;
    while (v->waits && *at != v)
        at = &(*at)->waiting;
    if (v->waits)
        *at = v->waiting;
    v->waits = false;
}

static void wait_note(struct loop *l, struct visitor *v)
{
    bool waits = conn_awaits(v->conn);
    if (waits && !v->waits) {
        v->waiting = l->waiting;
        l->waiting = v;
        v->waits = true;
    } else if (!waits) {
        wait_remove(l, v);
    }
}

static struct visitor *wait_find(const struct loop *l, uint64_t session)
{
    struct visitor *v = l->waiting;
    while (v && v->session != session)
        v = v->waiting;
    return v;
}

/* ---- Ends ---- */

/* A socket that is closed with something unread takes back what was sent. Of one whose end has come nothing is. */
static void leave(const struct visitor *v)
{
    uint8_t data[PIECE];
    if (!v->heard)
        (void)shutdown(v->fd, SHUT_WR);
    for (int i = 0; !v->heard && i < UNREAD_MOST && recv(v->fd, data, sizeof data, MSG_DONTWAIT) > 0; i++)
        ;
    close(v->fd);
}

static void drop(struct loop *l, struct visitor *v, const char *why)
{
    turn_remove(l, v);
    wait_remove(l, v);
    age_remove(v);
    heap_remove(l, v);
    v->crowd->sources[v->source]--;
    v->crowd->networks[v->network]--;
    v->crowd->n--;
    l->counts.memory -= v->memory;
    conn_free(v->conn, why, loop_now(l));
    if (v->door)
        udp_forget(l, v);
    else
        leave(v);
    free(v);
}

/* ---- One visitor ---- */

/* Of input that would not be read epoll is not to tell, or it would tell again and again. */
static int set_events(struct loop *l, struct visitor *v, int how)
{
    if (v->door)
        return 0;
    bool reads = !v->heard && !v->ended && conn_reads(v->conn);
    struct epoll_event e = { .events = (reads ? EPOLLIN : 0) | (v->wants_out ? EPOLLOUT : 0), .data.ptr = v };
    if (how == EPOLL_CTL_MOD && e.events == v->armed)
        return 0;
    v->armed = e.events;
    return epoll_ctl(l->epoll, how, v->fd, &e) < 0 ? -errno : 0;
}

/* Sends what it can. false: the visitor is gone. */
static bool send_some(struct visitor *v)
{
    for (;;) {
        size_t n;
        const uint8_t *data = conn_output(v->conn, &n);
        bool wanted = n > 0;
        ssize_t sent = n ? send(v->fd, data, n, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
        if (sent > 0) {
            conn_sent(v->conn, (size_t)sent);
            continue;
        }
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN)
            return false;
        v->wants_out = wanted;
        return true;
    }
}

static void weigh(struct loop *l, struct visitor *v)
{
    l->counts.memory -= v->memory;
    v->memory = sizeof *v + conn_memory(v->conn);
    l->counts.memory += v->memory;
}

void loop_take_turn(struct loop *l, struct visitor *v)
{
    int64_t now = loop_now(l);
    enum conn_state state = v->ended ? CONN_ENDED : conn_run(v->conn, v->door ? SHORT_TURN : TURN, now);
    size_t left;
    if (v->door) {
        udp_send(l, v);
    } else if (!send_some(v)) {
        drop(l, v, "lost");
        return;
    }
    (void)conn_output(v->conn, &left);
    if (state == CONN_ENDED && (!left || (v->ended && now >= v->wakes))) {
        drop(l, v, "closed");
        return;
    }
    if (state == CONN_ENDED && !v->ended) {
        v->ended = true;
        v->wakes = now + LAST_WORDS;
    }
    if (set_events(l, v, EPOLL_CTL_MOD)) {
        drop(l, v, "lost");
        return;
    }
    if (!v->ended)
        v->wakes = conn_wakes(v->conn);
    wait_note(l, v);
    weigh(l, v);
    heap_move(l, v);
    if (state == CONN_RUNNING)
        turn_add(l, v);
    else
        turn_remove(l, v);
}

/* Reads once: a level-triggered epoll tells of the rest. */
static void hear(struct loop *l, struct visitor *v)
{
    uint8_t data[PIECE];
    if (!conn_reads(v->conn)) { /* so nothing but its end was told of */
        drop(l, v, "lost");
        return;
    }
    ssize_t n = recv(v->fd, data, sizeof data, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0) {
        drop(l, v, "lost");
        return;
    }
    if (n == 0) {
        v->heard = true;
        conn_input_end(v->conn);
    } else {
        conn_input(v->conn, data, (size_t)n, loop_now(l));
        loop_spoke(v);
    }
    loop_take_turn(l, v);
}

/* ---- New ones ---- */

struct addr loop_addr(const struct sockaddr_storage *s, uint16_t *ret_port)
{
    struct endpoint e;
    addr_of_socket(s, &e);
    *ret_port = e.port;
    return e.addr;
}

/* The place in a table of counts: of so many of an address's bytes, by a hash that strangers cannot foresee. Two that share a
 * place share its cap. */
static uint32_t place_of(const struct loop *l, const struct addr *a, size_t n)
{
    uint8_t bytes[16 + 8] = { 0 };
    memcpy(bytes, l->options.key, 16);
    memcpy(bytes + 16, a->bytes, n);
    return (uint32_t)(hash64(bytes, sizeof bytes, n) % TABLE);
}

static const uint32_t default_total = 4096, default_source = 64, default_network = 512;
static const uint64_t default_memory = 512 << 20;

static bool is_over_cap(const struct loop *l, const struct visitor *v)
{
    const struct loop_caps *c = &l->options.caps;
    return v->crowd->sources[v->source] >= (c->source ? c->source : default_source) ||
           v->crowd->networks[v->network] >= (c->network ? c->network : default_network);
}

/* The one that has said nothing for longest makes room. */
static bool shed(struct loop *l, struct crowd *w)
{
    if (!w->oldest)
        return false;
    drop(l, w->oldest, "shed");
    l->counts.shed++;
    return true;
}

/* What comes to a socket at one address, and is for another, was steered there: that one is claimed (main/claim.h). */
static bool is_claimed(const struct watched *door, const struct addr *destination)
{
    static const struct addr any4 = { .family = 4 }, any6 = { .family = 6 };
    return addr_cmp(&door->at, &any4) != 0 && addr_cmp(&door->at, &any6) != 0 && addr_cmp(&door->at, destination) != 0;
}

/* Where we are told to answer at 53413/UDP, and the device that is there has no such door, it is another. A claimed address is
 * one device whatever is asked of it: then there is none. */
static bool choose_persona(const struct loop *l, const struct visitor *v, struct conn_options *o)
{
    const struct loop_options *a = &l->options;
    if (a->pinned)
        persona_here_as(a->pinned, a->key, &o->destination, o->now, &o->here);
    else
        persona_here(a->personas, a->key, &o->destination, o->now, &o->here);
    if (o->service != SERVICE_NETIS || *o->here.persona->netis)
        return true;
    if (!l->netis || is_claimed(v->door, &o->destination))
        return false;
    persona_here_as(l->netis, a->key, &o->destination, o->now, &o->here);
    return true;
}

int loop_begin(struct loop *l, struct visitor *v, struct conn_options *o)
{
    o->world = l->options.world;
    o->now = loop_now(l);
    v->source = place_of(l, &o->source, o->source.family == 4 ? 4 : 8);
    v->network = place_of(l, &o->source, o->source.family == 4 ? 3 : 6);
    if (is_over_cap(l, v))
        return -EACCES;
    if (!choose_persona(l, v, o))
        return -ENOENT;
    o->id = v->session = l->options.new_id(l->options.world->context);
    o->seed = hash64(&o->id, sizeof o->id, (uint64_t)o->now);
    return conn_make(&v->conn, o);
}

int loop_add(struct loop *l, struct visitor *v)
{
    TRY(heap_add(l, v));
    age_add(v);
    v->crowd->sources[v->source]++;
    v->crowd->networks[v->network]++;
    v->crowd->n++;
    return 0;
}

/* The kernel refuses what is closed; but who is on this host may find where the listener is bound itself. */
static bool choose_service(const struct loop *l, struct conn_options *o)
{
    if (o->service != SERVICE_BY_PORT)
        return true;
    int service = l->options.ports ? ports_service(l->options.ports, &o->destination, o->destination_port) : PORTS_CLOSED;
    if (service != PORTS_CLOSED)
        o->service = (enum trap_service)service;
    return service != PORTS_CLOSED;
}

static int begin(struct loop *l, struct visitor *v, const struct watched *door, const struct sockaddr_storage *from)
{
    struct sockaddr_storage to;
    socklen_t n = sizeof to;
    struct conn_options o = { .service = door->service };
    if (getsockname(v->fd, (struct sockaddr *)&to, &n) < 0)
        return -errno;
    o.source = loop_addr(from, &o.source_port);
    o.destination = loop_addr(&to, &o.destination_port);
    if (!choose_service(l, &o))
        return -ECONNREFUSED;
    int err = loop_begin(l, v, &o);
    l->counts.refused += err == -EACCES;
    return err;
}

static void prove(const struct loop *l, const struct sockaddr_storage *from)
{
    uint16_t port;
    struct addr source = loop_addr(from, &port);
    if (l->options.budget)
        budget_prove(l->options.budget, budget_prefix(&source), budget_now());
}

/* What was accepted becomes a visitor, or is closed. */
static void welcome(struct loop *l, int fd, const struct watched *door, const struct sockaddr_storage *from)
{
    struct visitor *v = calloc(1, sizeof *v);
    prove(l, from);
    if (v) {
        v->handle = HANDLE_VISITOR;
        v->fd = fd;
        v->crowd = &l->callers;
    }
    if (!v || begin(l, v, door, from)) {
        close(fd);
        free(v);
        return;
    }
    if (set_events(l, v, EPOLL_CTL_ADD) || loop_add(l, v)) {
        conn_free(v->conn, "memory", 0);
        close(fd);
        free(v);
        return;
    }
    l->counts.accepted++;
    loop_take_turn(l, v);
}

static void set_listeners(struct loop *l)
{
    for (size_t i = 0; i < l->n_listeners; i++) {
        bool deaf = !l->listeners[i].datagrams && (l->paused || l->crowded_until); /* datagrams are counted at least */
        struct epoll_event e = { .events = deaf ? 0 : EPOLLIN, .data.ptr = &l->listeners[i] };
        (void)epoll_ctl(l->epoll, EPOLL_CTL_MOD, l->listeners[i].fd, &e);
    }
}

/* Where descriptors have run out, accept() says so whether somebody waits or not. */
static bool somebody_waits(int listener)
{
    struct pollfd p = { .fd = listener, .events = POLLIN };
    return poll(&p, 1, 0) > 0;
}

static void accept_some(struct loop *l, const struct watched *door)
{
    uint32_t most = l->options.caps.total ? l->options.caps.total : default_total;
    for (int i = 0; i < ACCEPT_MOST && !l->paused; i++) {
        struct sockaddr_storage from;
        socklen_t n = sizeof from;
        int fd = accept4(door->fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            welcome(l, fd, door, &from);
            if (l->callers.n > most) /* who is refused makes nobody go */
                (void)shed(l, &l->callers);
            continue;
        }
        if (errno == EAGAIN)
            return;
        l->counts.failed += errno != EINTR && errno != ECONNABORTED;
        bool full = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        if (full && !somebody_waits(door->fd))
            return;
        if (full && !shed(l, &l->callers)) {
            l->crowded_until = loop_now(l) + CROWDED;
            set_listeners(l);
            return;
        }
    }
}

/* ---- The loop ---- */

static int wait_for(const struct loop *l, int wait)
{
    int64_t due = l->n_heap ? l->heap[0]->wakes : INT64_MAX;
    if (l->turn)
        return 0;
    if (l->crowded_until && l->crowded_until < due)
        due = l->crowded_until;
    if (due == INT64_MAX)
        return wait;
    int64_t left = (due - loop_now(l) + 999) / 1000;
    left = left < 0 ? 0 : left > 60000 ? 60000 : left;
    return wait < 0 || left < wait ? (int)left : wait;
}

static void take_turns(struct loop *l)
{
    size_t n = 0;
    for (struct visitor *v = l->turn; v && (!n || v != l->turn); v = v->next)
        n++;
    for (; n && l->turn; n--) {
        struct visitor *v = l->turn;
        l->turn = v->next;
        loop_take_turn(l, v);
    }
}

static void wake_due(struct loop *l)
{
    int64_t now = loop_now(l);
    if (l->crowded_until && now >= l->crowded_until) {
        l->crowded_until = 0;
        set_listeners(l);
    }
    for (size_t n = l->n_heap; n && l->n_heap && l->heap[0]->wakes <= now; n--) {
        struct visitor *v = l->heap[0];
        int64_t was = v->wakes;
        loop_take_turn(l, v);
        if (l->n_heap && l->heap[0] == v && v->wakes == was) { /* what it was to wake for does not come: others' times do */
            v->wakes = now + LATER;
            heap_move(l, v);
        }
    }
}

/* Not within a visitor's turn: others may be in what epoll told of. */
static void shed_weight(struct loop *l)
{
    uint64_t most = l->options.caps.memory ? l->options.caps.memory : default_memory;
    while (l->counts.memory > most && (shed(l, &l->exchanges) || shed(l, &l->callers)))
        ;
}

int loop_step(struct loop *l, int wait)
{
    struct epoll_event events[EVENTS];
    int watched = 0, n = epoll_wait(l->epoll, events, EVENTS, wait_for(l, wait));
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    /* Visitors before listeners: accepting may drop a visitor that an event behind it is of. */
    for (int i = 0; i < n; i++) {
        const uint8_t *handle = events[i].data.ptr;
        watched |= *handle == HANDLE_WATCHED;
        if (*handle != HANDLE_VISITOR)
            continue;
        struct visitor *v = events[i].data.ptr;
        bool gone = events[i].events & (EPOLLHUP | EPOLLERR);
        if (gone && (v->heard || v->ended))
            drop(l, v, "lost");
        else if (gone || events[i].events & EPOLLIN)
            hear(l, v);
        else
            loop_take_turn(l, v);
    }
    for (int i = 0; i < n; i++)
        for (size_t k = 0; k < l->n_listeners; k++)
            if (events[i].data.ptr == &l->listeners[k] && l->listeners[k].datagrams)
                udp_hear(l, &l->listeners[k]);
            else if (events[i].data.ptr == &l->listeners[k])
                accept_some(l, &l->listeners[k]);
    take_turns(l);
    wake_due(l);
    shed_weight(l);
    return watched;
}

void loop_told(struct loop *l, const struct trap_told *t)
{
    struct visitor *v = wait_find(l, t->session);
    if (!v)
        return;
    conn_told(v->conn, t);
    turn_add(l, v);
}

void loop_told_bytes(struct loop *l, uint64_t session, uint64_t ticket, const void *data, size_t n)
{
    struct visitor *v = wait_find(l, session);
    if (!v)
        return;
    conn_told_bytes(v->conn, ticket, data, n);
    turn_add(l, v);
}

static int add(struct loop *l, struct watched *w)
{
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = w };
    return epoll_ctl(l->epoll, EPOLL_CTL_ADD, w->fd, &e) < 0 ? -errno : 0;
}

int loop_listen(struct loop *l, int fd, enum trap_service service)
{
    struct watched *w = &l->listeners[l->n_listeners];
    if (l->n_listeners == LISTENERS)
        return -ENOSPC;
    *w = (struct watched){ HANDLE_LISTENER, (uint8_t)service, .fd = fd };
    if (service == SERVICE_NETIS)
        TRY(udp_listen(l, w));
    TRY(add(l, w));
    l->n_listeners++;
    return 0;
}

int loop_watch(struct loop *l, int fd)
{
    l->watched = (struct watched){ HANDLE_WATCHED, .fd = fd };
    return add(l, &l->watched);
}

void loop_pause(struct loop *l, bool paused)
{
    if (l->paused == paused)
        return;
    l->paused = paused;
    set_listeners(l);
}

struct loop_counts loop_counts(const struct loop *l)
{
    struct loop_counts c = l->counts;
    c.open = l->callers.n + l->exchanges.n;
    c.lost = udp_lost(l);
    return c;
}

int loop_make(struct loop **ret, const struct loop_options *options)
{
    struct loop *l = calloc(1, sizeof *l);
    if (!l)
        return -ENOMEM;
    l->options = *options;
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (l->epoll < 0) {
        int e = -errno;
        free(l);
        return e;
    }
    *ret = l;
    return 0;
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    while (l->callers.oldest)
        drop(l, l->callers.oldest, "stopped");
    while (l->exchanges.oldest)
        drop(l, l->exchanges.oldest, "stopped");
    udp_free(l);
    close(l->epoll);
    free(l->heap);
    free(l);
}
