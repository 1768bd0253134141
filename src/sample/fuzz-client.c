/* What a server answers to a fetch: the first byte chooses HTTP or FTP, the rest is what it says, and no connection more is to be
 * had. Whatever it says, the fetch ends, and no more bytes come than may. */
#include "sample/client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 4096 };

static int no_more(void *context, uint16_t port)
{
    (void)context;
    (void)port;
    return -ECONNREFUSED;
}

static int take(void *context, const void *data, size_t n)
{
    (void)data;
    *(size_t *)context += n;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool prepared;
    int pair[2];
    size_t came = 0;
    struct fetch_ask ask = { .address = { 4, { 192, 0, 2, 1 } }, .agent = "Wget", .bytes = MOST, .milliseconds = 300 };
    struct fetch_ended ended;
    if (size < 1 || size > 32 << 10)
        return 0;
    if (!prepared && client_prepare())
        abort();
    prepared = true;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 || send(pair[1], data + 1, size - 1, MSG_NOSIGNAL) < 0 ||
        shutdown(pair[1], SHUT_WR) < 0)
        abort();
    memcpy(ask.url, data[0] & 1 ? "ftp://192.0.2.1/f" : "http://192.0.2.1/f", 18);
    const struct client c = { .context = &came, .socket = pair[0], .more = no_more, .data = take };
    client_fetch(&c, &ask, &ended);
    assert(ended.how < FETCHED_WAYS && came <= MOST && ended.bytes == came);
    assert(!memchr(ended.location, '\n', strlen(ended.location)));
    close(pair[1]);
    return 0;
}
