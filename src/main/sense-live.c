/*
 * Live capture. A delta holds whole blocks of the ring, and a block goes back to the kernel only when the
 * delta that holds it lies wholly in the channel's socket: there it survives us, and the supervisor finds in
 * it the number of the block that our successor is to begin with. So we may die at any instant, and each
 * frame is told once.
 *
 * Politeness ends where it would cost packets: when more than half of the ring waits for a supervisor that
 * does not read, blocks are given back as soon as they are folded.
 */
#include "main/sense.h"

#include "base/time.h"
#include "main/fds.h"
#include "packet/ring.h"

#include <poll.h>
#include <signal.h>

enum {
    DELTA_MS = 500,
    SILENCE_MS = 5000,         /* a silent sensor tells of itself this often */
    NAP_MS = 20,               /* between looks at a ring that cannot be polled */
    REST_MS = 200,             /* twice the time after which a block is handed over */
    LIVE_GAP = 30,             /* seconds that the clock may leap before they count as not observed */
    LIVE_BACK = 2,             /* and by which it may be set back */
    BLOCKS_A_TURN = 64,
    LOOSE_MOST = 8 << 20,      /* bytes of a delta before it ends though another waits */
    WAITING_MOST = 32 << 20,   /* bytes for a supervisor that does not read */
};

#define NS_A_MS UINT64_C(1000000)

/* Observed is [start, seen]: of the clock, not of packets, for silence is observed, too. */
struct live {
    struct ring *ring;
    uint64_t packets_before, given_up_before; /* of the periods before this one */
    uint64_t told_block; /* the first one that the last delta does not hold */
    int64_t start, seen;
    bool running; /* a period is */
    bool more;    /* the ring has more, ready */
    bool down, gone; /* the interface */
    bool told_down;
    uint64_t due, told; /* time_mono() of the next delta, and of the last */
};

/* ---- what was observed ---- */

static int64_t live_now(const struct sense *s)
{
    return time_now() + s->setup.clock_offset;
}

static bool leaps(int64_t from, int64_t now)
{
    return now > from + LIVE_GAP || now < from - LIVE_BACK;
}

static void begin_period(struct live *l, int64_t start)
{
    l->running = true;
    l->start = l->seen = start;
}

/* The kernel's drops are the supervisor's to ask for: it outlives us. */
static int put_period(struct sense *s, struct live *l)
{
    struct record_coverage v = { l->start, l->seen, s->packets - l->packets_before,
                                 ring_given_up(l->ring) - l->given_up_before };
    return l->running ? record_put_coverage(&s->channel, &v) : 0;
}

static int end_period(struct sense *s, struct live *l)
{
    TRY(put_period(s, l));
    l->running = false;
    l->packets_before = s->packets;
    l->given_up_before = ring_given_up(l->ring);
    return 0;
}

/* Where the clock stepped or the machine slept, and while the interface is down, nothing was observed. */
static int note_time(struct sense *s, struct live *l)
{
    int64_t now = live_now(s);
    if (l->running && (l->down || leaps(l->seen, now)))
        TRY(end_period(s, l));
    if (l->down)
        return 0;
    if (!l->running)
        begin_period(l, now);
    l->seen = now > l->seen ? now : l->seen;
    return 0;
}

/* The ring was there before there was anybody to read it. */
static void take_over(struct sense *s, struct live *l)
{
    int64_t until = s->setup.observed_until;
    if (until && !leaps(until, live_now(s)))
        begin_period(l, until);
}

/* ---- packets ---- */

static int take_frames(struct sense *s, struct frame *frame, int n)
{
    for (int i = 0; i < n; i++) {
        frame[i].sec += s->setup.clock_offset;
        TRY(sense_take(s, &frame[i]));
    }
    s->packets += (uint64_t)n;
    return 0;
}

static int note_trouble(struct sense *s, struct live *l, int err)
{
    if (err != -ENETDOWN && err != -ENODEV)
        return err;
    l->down = true;
    l->gone = err == -ENODEV;
    return sense_warn(s, WARNING_INTERFACE_DOWN, 0, 0, &l->told_down);
}

/* Where the supervisor is slow, what waits for it is bounded: from there on the kernel drops, and counts. */
static bool is_full(const struct sense *s)
{
    return channel_waiting(&s->channel) > WAITING_MOST;
}

/* A whole block: 1; 0 where none is ready. */
static int take_block(struct sense *s, struct live *l)
{
    struct frame frame[READER_BATCH];
    do {
        int n = ring_next(l->ring, frame);
        if (n <= 0)
            return n;
        TRY(take_frames(s, frame, n));
    } while (!ring_between_blocks(l->ring));
    l->down = l->told_down = false;
    if (ring_held(l->ring) > ring_blocks(l->ring) / 2)
        ring_release(l->ring, ring_at(l->ring));
    return 1;
}

/* What lies ready; for a while only, for time goes on. */
static int take_ring(struct sense *s, struct live *l)
{
    int got = 1;
    for (int i = 0; got > 0 && i < BLOCKS_A_TURN && !is_full(s); i++)
        got = take_block(s, l);
    l->more = got > 0;
    return got < 0 ? note_trouble(s, l, got) : 0;
}

/* ---- deltas ---- */

static int put_delta(struct sense *s, struct live *l)
{
    TRY(fold_flush(s->fold));
    TRY(put_period(s, l));
    l->told = time_mono();
    l->due = l->told + DELTA_MS * NS_A_MS;
    l->told_block = ring_at(l->ring);
    s->loose = 0;
    struct record_commit commit = { .sequence = ++s->sequence, .block = l->told_block };
    return record_put_commit(&s->channel, &commit);
}

/* Long before so much is held that it would have to be given back untold. */
static bool holds_much(const struct live *l)
{
    return ring_held(l->ring) > ring_blocks(l->ring) / 4;
}

/*
 * A delta is due when there is something to tell, and now and then to say that all is silent. While the one
 * before still waits for the supervisor the next one grows, but not beyond measure.
 */
static bool delta_due(const struct sense *s, const struct live *l)
{
    uint64_t now = time_mono();
    if ((now < l->due && !holds_much(l)) || is_full(s) ||
        (channel_waiting(&s->channel) && s->loose < LOOSE_MOST))
        return false;
    return ring_at(l->ring) != l->told_block || channel_waiting(&s->channel) ||
           now - l->told >= SILENCE_MS * NS_A_MS;
}

static int tell(struct sense *s, struct live *l)
{
    if (delta_due(s, l))
        TRY(put_delta(s, l));
    TRY(channel_flush(&s->channel));
    if (!channel_waiting(&s->channel))
        ring_release(l->ring, l->told_block);
    return 0;
}

/* ---- from start to stop ---- */

/* The ring and the channel, at most that long. A ring of which a block is held is ready for ever, and so is
 * not polled. The supervisor ends a worker by closing its side. */
static int wait_live(struct sense *s, struct live *l, uint64_t until, bool *ret_stop)
{
    bool naps = ring_held(l->ring) > 0;
    uint64_t now = time_mono();
    int wait = now >= until || l->more ? 0 : (int)((until - now) / NS_A_MS) + 1;
    struct pollfd p[2] = { { .fd = naps || is_full(s) ? -1 : ring_fd(l->ring), .events = POLLIN },
                           { .fd = ret_stop ? s->channel.fd : -1, .events = POLLIN } };
    if (channel_waiting(&s->channel))
        p[1].events |= POLLOUT;
    if (poll(p, 2, naps && wait > NAP_MS ? NAP_MS : wait) < 0 && errno != EINTR)
        return -errno;
    if (ret_stop)
        *ret_stop = l->gone || (p[1].revents & (POLLIN | POLLHUP));
    return 0;
}

/* Until when there is time to sleep. */
static uint64_t next_turn(const struct live *l)
{
    uint64_t now = time_mono();
    return now >= l->due ? now + DELTA_MS * NS_A_MS : l->due;
}

/* The block that is being filled is handed over in a moment, with what came before the end. */
static int take_rest(struct sense *s, struct live *l)
{
    uint64_t end = time_mono() + REST_MS * NS_A_MS;
    while (!l->gone && !is_full(s) && time_mono() < end) {
        TRY(wait_live(s, l, end, NULL));
        TRY(take_ring(s, l));
    }
    return note_time(s, l);
}

static int run_live(struct sense *s, struct live *l)
{
    bool stop = false;
    TRY(channel_nonblocking(&s->channel));
    take_over(s, l);
    while (!stop) {
        TRY(take_ring(s, l));
        TRY(note_time(s, l));
        TRY(tell(s, l));
        TRY(wait_live(s, l, next_turn(l), &stop));
    }
    TRY(take_rest(s, l));
    TRY(channel_blocking(&s->channel));
    TRY(channel_flush(&s->channel));
    TRY(put_delta(s, l));
    return channel_flush(&s->channel);
}

int sense_live(struct sense *s)
{
    struct live l = { 0 };
    struct ring_options o = { .block_kib = s->setup.block_kib, .blocks = s->setup.blocks };
    /* A service manager tells every process of the service to end; ours end when the supervisor says so. */
    signal(SIGTERM, SIG_IGN);
    TRY(ring_map(&l.ring, FD_INPUT, &o, s->setup.first_block));
    l.told_block = ring_at(l.ring);
    int err = run_live(s, &l);
    ring_unmap(l.ring);
    return err;
}
