#include "main/fetch-slot.h"

#include "base/own.h"
#include "base/pass.h"
#include "base/text.h"
#include "base/time.h"

#include <sys/socket.h>
#include <unistd.h>

enum {
    WHOLE_S = 60,      /* that all of it may take */
    STEP_MS = 15000,   /* a step of the dial's */
    LEAVE_MS = 200,
    POLL_DIAL = 0, POLL_HAND, POLL_FETCH,
};

void slot_init(struct fetch_slot *s, const struct slot_tools *tools)
{
    *s = (struct fetch_slot){ .tools = tools, .hand = -1, .more = -1 };
}

/* ---- ends ---- */

/* The programs see their channels close, and go. */
static void end_programs(struct fetch_slot *s)
{
    if (s->hand >= 0)
        channel_release(&s->dial);
    close_fd(&s->hand);
    close_fd(&s->more);
    if (s->fetching)
        worker_kill(&s->fetch);
    s->fetching = false;
    if (s->writing)
        vault_drop(&s->file);
    s->writing = false;
}

void slot_clear(struct fetch_slot *s)
{
    end_programs(s);
    s->state = SLOT_FREE;
}

static void finish(struct fetch_slot *s, int status)
{
    s->result.status = status;
    end_programs(s);
    s->state = SLOT_DONE;
}

static void finish_as(struct fetch_slot *s, enum fetch_end how, const char *why)
{
    s->result.ended.how = how;
    text_copy(s->result.ended.why, sizeof s->result.ended.why, why);
    finish(s, 0);
}

/* ---- dialling ---- */

static int ask_dial(struct fetch_slot *s)
{
    const struct sample_plan *p = s->tools->plan;
    struct dial_ask ask = { .servers = p->servers, .first_port = p->first_port,
                            .last_port = (uint16_t)(p->first_port + FETCH_PORTS - 1), .milliseconds = STEP_MS,
                            .deny = p->deny };
    memcpy(ask.server, p->server, sizeof ask.server);
    text_copy(ask.host, sizeof ask.host, s->ask.host);
    TRY(record_put_dial(&s->dial, &ask));
    TRY(channel_nonblocking(&s->dial));
    return channel_flush(&s->dial);
}

int slot_begin(struct fetch_slot *s, const struct slot_ask *ask)
{
    int channel, hand;
    TRY(dialler_ask(s->tools->dialler, &channel, &hand));
    channel_init(&s->dial, channel);
    s->hand = hand;
    s->ask = *ask;
    s->found = (struct dial_found){ 0 };
    s->result = (struct slot_result){ 0 };
    s->until = time_mono() + WHOLE_S * NS_A_S;
    s->state = SLOT_RESOLVES;
    int err = ask_dial(s);
    if (err)
        slot_clear(s);
    return err;
}

static void go(struct fetch_slot *s, const struct dial_go *g, enum slot_state next)
{
    s->state = next;
    if (record_put_dial_go(&s->dial, g) || channel_flush(&s->dial))
        finish(s, -EPIPE);
}

void slot_connect(struct fetch_slot *s, const struct addr *to)
{
    const struct endpoint *proxy = &s->tools->plan->proxy;
    struct dial_go g = { .to = { *to, s->ask.port }, .tftp = s->ask.tftp, .proxy = proxy->port != 0 };
    s->result.address = *to;
    if (g.proxy)
        g.to = *proxy;
    text_copy(g.file, sizeof g.file, s->ask.file);
    go(s, &g, SLOT_CONNECTS);
}

/* Judged, and pinned: it is the address of the first connection. However much a fetch that was taken over may want, there are no
 * more than its protocol needs. */
static void connect_more(struct fetch_slot *s, uint16_t port)
{
    if (s->ask.more-- == 0) {
        finish_as(s, FETCHED_NONSENSE, "it wanted more connections than it may have");
        return;
    }
    const struct dial_go g = { .to = { s->result.address, port } };
    go(s, &g, SLOT_ADDS);
}

static void hear_dial(struct fetch_slot *s)
{
    uint8_t type;
    struct rd record;
    int got = channel_fill(&s->dial);
    if (got == -EAGAIN)
        return;
    if (got <= 0) {
        finish(s, -EPIPE);
        return;
    }
    while (s->state == SLOT_RESOLVES && (got = channel_next(&s->dial, &type, &record)) == 1)
        if (type != RECORD_DIALLED || record_get_dialled(record, &s->found))
            finish(s, -EPROTO);
        else if (s->found.status)
            finish(s, s->found.status);
        else
            s->state = SLOT_RESOLVED;
}

/* ---- fetching ---- */

static int ask_fetch(struct fetch_slot *s)
{
    struct fetch_ask ask = { .address = s->result.address, .bytes = SAMPLE_BYTES, .proxied = s->tools->plan->proxy.port != 0 };
    uint64_t now = time_mono();
    ask.milliseconds = now < s->until ? (uint32_t)((s->until - now) / (NS_A_S / 1000)) + 1 : 1;
    text_copy(ask.url, sizeof ask.url, s->ask.url);
    text_copy(ask.agent, sizeof ask.agent, s->ask.agent);
    TRY(record_put_fetch(&s->fetch.channel, &ask));
    TRY(channel_nonblocking(&s->fetch.channel));
    return channel_flush(&s->fetch.channel);
}

/* It speaks over what was connected, and more sockets come to it by a pair of ours. */
static int start_fetch(struct fetch_slot *s, int socket)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    const int fd[] = { socket, pair[1] };
    int err = worker_start(&s->fetch, s->tools->fetch, fd, 2);
    close(pair[1]);
    s->more = pair[0];
    TRY(err);
    s->fetching = true;
    TRY(vault_begin(&s->file, s->tools->vault));
    s->writing = true;
    return ask_fetch(s);
}

/* A socket, or why there is none. */
static void hear_hand(struct fetch_slot *s)
{
    int status, fd, err = pass_receive(s->hand, &status, &fd);
    if (err == -EAGAIN)
        return;
    if (err || (s->state != SLOT_CONNECTS && s->state != SLOT_ADDS)) {
        if (!err && fd >= 0)
            close(fd);
        finish(s, err ? err : -EPROTO);
        return;
    }
    if (s->state == SLOT_ADDS) {
        err = pass_send(s->more, status, fd);
        s->state = SLOT_FETCHES;
    } else if (status == 0) {
        s->state = SLOT_FETCHES;
        err = start_fetch(s, fd);
    } else {
        err = status;
    }
    if (fd >= 0)
        close(fd);
    if (err)
        finish(s, err);
}

/* The end of it is the programs', too: so of what came nothing is written any more. */
static void take_end(struct fetch_slot *s, const struct fetch_ended *e)
{
    s->result.ended = *e;
    if (e->how == FETCHED_ALL && s->result.size) {
        s->writing = false;
        int err = vault_keep(&s->file, s->result.sha256);
        s->result.kept = err == 0;
        if (err) {
            finish(s, err);
            return;
        }
    }
    finish(s, 0);
}

static void take_data(struct fetch_slot *s, struct rd record)
{
    size_t n = rd_left(&record);
    s->result.size += n;
    if (n > FETCH_PIECE || s->result.size > SAMPLE_BYTES) {
        finish_as(s, FETCHED_LARGE, "larger than is kept");
        return;
    }
    int err = vault_add(&s->file, record.p, n);
    if (err)
        finish(s, err);
}

static void take(struct fetch_slot *s, uint8_t type, struct rd record)
{
    struct fetch_ended e;
    struct record_ready ready;
    uint16_t port;
    if (type == RECORD_FETCH_DATA)
        take_data(s, record);
    else if (type == RECORD_FETCH_END && record_get_fetch_end(record, &e) == 0)
        take_end(s, &e);
    else if (type == RECORD_FETCH_WANTS && s->state == SLOT_FETCHES && record_get_fetch_wants(record, &port) == 0)
        connect_more(s, port);
    else if (type != RECORD_READY || record_get_ready(record, &ready))
        finish_as(s, FETCHED_NONSENSE, "teiten-fetch spoke nonsense");
}

static void hear_fetch(struct fetch_slot *s)
{
    uint8_t type;
    struct rd record;
    int got = channel_fill(&s->fetch.channel);
    if (got == -EAGAIN)
        return;
    if (got <= 0) {
        s->fetching = false;
        finish_as(s, FETCHED_NONSENSE, worker_status_text(worker_end(&s->fetch, LEAVE_MS)));
        return;
    }
    while (s->state != SLOT_DONE && (got = channel_next(&s->fetch.channel, &type, &record)) == 1)
        take(s, type, record);
    if (s->state != SLOT_DONE && got < 0)
        finish_as(s, FETCHED_NONSENSE, "teiten-fetch spoke nonsense");
}

/* ---- polling ---- */

void slot_listen(const struct fetch_slot *s, struct pollfd *ret)
{
    bool dials = s->hand >= 0;
    ret[POLL_DIAL] = (struct pollfd){ .fd = dials ? s->dial.fd : -1, .events = POLLIN };
    ret[POLL_HAND] = (struct pollfd){ .fd = dials ? s->hand : -1, .events = POLLIN };
    ret[POLL_FETCH] = (struct pollfd){ .fd = s->fetching ? s->fetch.channel.fd : -1, .events = POLLIN };
}

void slot_hear(struct fetch_slot *s, const struct pollfd *p)
{
    if (s->state == SLOT_FREE || s->state == SLOT_DONE)
        return;
    if (s->hand >= 0 && p[POLL_HAND].fd == s->hand && p[POLL_HAND].revents)
        hear_hand(s);
    if (s->state != SLOT_DONE && s->hand >= 0 && p[POLL_DIAL].fd == s->dial.fd && p[POLL_DIAL].revents)
        hear_dial(s);
    if (s->state != SLOT_DONE && s->fetching && p[POLL_FETCH].fd == s->fetch.channel.fd && p[POLL_FETCH].revents)
        hear_fetch(s);
    if (s->state != SLOT_DONE && time_mono() > s->until)
        finish_as(s, FETCHED_SLOW, "it took longer than a minute");
}
