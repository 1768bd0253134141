/*
 * teiten-fetch: speaks HTTP, HTTPS, FTP or TFTP over what it was handed, for one thing that is fetched. A private program that
 * the supervisor starts, with its descriptors already open:
 *
 *   3 the record channel, 4 a connected socket, 5 what further ones come by (base/pass.h)
 *
 * It confines itself before it reads the first byte of the answer: it can make no socket, and connect none.
 */
#include "base/confine.h"
#include "base/log.h"
#include "base/pass.h"
#include "base/text.h"
#include "base/time.h"
#include "event/record-sample.h"
#include "main/fds.h"
#include "main/hook.h"
#include "sample/client.h"
#include "sample/tftp.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define MEMORY_MOST ((size_t)512 << 20)

static struct channel channel;

static int put_data(void *context, const void *data, size_t n)
{
    const uint8_t *at = data;
    (void)context;
    for (size_t piece; n; at += piece, n -= piece) {
        piece = n < FETCH_PIECE ? n : FETCH_PIECE;
        TRY(record_put_fetch_data(&channel, at, piece));
        TRY(channel_flush(&channel));
    }
    return 0;
}

static int get_more(void *context, uint16_t port)
{
    int status, fd;
    (void)context;
    if (port == 0)
        return -EINVAL;
    TRY(record_put_fetch_wants(&channel, port));
    TRY(channel_flush(&channel));
    TRY(pass_receive(FD_MORE_SOCKETS, &status, &fd));
    return status ? status : fd;
}

/* ---- TFTP ---- */

enum { AGAIN_MS = 1000, AGAINS = 6 };

static void end_as(struct fetch_ended *e, enum fetch_end how, const char *why)
{
    e->how = how;
    text_copy(e->why, sizeof e->why, why);
}

static void acknowledge(const struct tftp *t)
{
    uint8_t ack[TFTP_ACK];
    tftp_ack(t, ack);
    (void)!send(FD_SOCKET, ack, sizeof ack, MSG_NOSIGNAL | MSG_DONTWAIT); /* what is lost is asked for again */
}

/* true: it has ended. */
static bool take_datagram(struct tftp *t, const struct fetch_ask *ask, struct fetch_ended *e)
{
    uint8_t datagram[TFTP_DATAGRAM + 1];
    const uint8_t *data;
    size_t n;
    ssize_t got = recv(FD_SOCKET, datagram, sizeof datagram, MSG_DONTWAIT);
    if (got < 0)
        return false;
    enum tftp_said said = tftp_take(t, datagram, (size_t)got, &data, &n);
    if (said == TFTP_ERROR) {
        e->status = t->error;
        end_as(e, FETCHED_STATUS, t->why);
        return true;
    }
    if (said == TFTP_NOTHING)
        return false;
    acknowledge(t);
    e->bytes += n;
    if (e->bytes > ask->bytes) {
        e->bytes -= n;
        end_as(e, FETCHED_LARGE, "larger than is kept");
        return true;
    }
    if (n && put_data(NULL, data, n))
        end_as(e, FETCHED_NONSENSE, "nobody takes it");
    return said == TFTP_ENDED || e->how == FETCHED_NONSENSE;
}

static void fetch_tftp(const struct fetch_ask *ask, struct fetch_ended *e)
{
    struct tftp t;
    uint64_t until = time_mono() + ask->milliseconds * UINT64_C(1000000);
    unsigned silent = 0;
    tftp_begin(&t);
    *e = (struct fetch_ended){ .how = FETCHED_ALL };
    while (silent < AGAINS) {
        struct pollfd p = { .fd = FD_SOCKET, .events = POLLIN };
        int n = poll(&p, 1, AGAIN_MS);
        if (time_mono() > until) {
            end_as(e, FETCHED_SLOW, "it took too long");
            return;
        }
        if (n > 0 && take_datagram(&t, ask, e))
            return;
        silent = n > 0 && !(p.revents & POLLERR) ? 0 : silent + 1;
        if (n == 0 && t.block)
            acknowledge(&t);
    }
    end_as(e, FETCHED_CUT, "the server fell silent");
}

/* ---- */

static int receive(struct fetch_ask *ret)
{
    uint8_t type;
    struct rd r;
    TRY(channel_wait(&channel, &type, &r));
    return type == RECORD_FETCH && record_get_fetch(r, ret) == 0 ? 0 : -EPROTO;
}

static int set_up(void)
{
    struct record_ready ready;
    channel_init(&channel, FD_CHANNEL);
    TRY(client_prepare());
    TRY(confine_enter(CONFINE_FETCH, NULL, 0, MEMORY_MOST, &ready.confined));
    TRY(record_put_ready(&channel, &ready));
    return channel_flush(&channel);
}

static int work(void)
{
    struct fetch_ask ask;
    struct fetch_ended ended;
    const struct client client = { .socket = FD_SOCKET, .more = get_more, .data = put_data };
    TRY(receive(&ask));
    if (strncasecmp(ask.url, "tftp:", 5) == 0)
        fetch_tftp(&ask, &ended);
    else
        client_fetch(&client, &ask, &ended);
    TRY(record_put_fetch_end(&channel, &ended));
    return channel_flush(&channel);
}

int main(void)
{
    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    int err = set_up();
    if (!err) {
        CONFINE_HOOK();
        err = work();
    }
    if (err && err != -EPIPE)
        log_error("fetch-failed", LOG_ERRNO(err));
    channel_release(&channel);
    return err && err != -EPIPE;
}
