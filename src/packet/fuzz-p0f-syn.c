#include "packet/p0f-internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* One byte of choices, then a packet from its IP header on, against a small file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* clang-format off */
static const char sigs[] =
    "classes = unix,win\n"
    "[tcp:request]\n"
    "label = s:unix:A:times\n"
    "sig = *:64:0:*:mss*20,7:mss,sok,ts,nop,ws:df,id+:0\n"
    "sig = *:64:0:*:%512,*:mss,sok,ts,nop,ws:df,id+,ecn:*\n"
    "label = g:unix:A:any\n"
    "sig = *:64:0:*:*,*:mss,sok,ts,nop,ws:df,id+:0\n"
    "sig = *:255:0:*:*,*:mss,nop,eol+2::*\n"
    "label = s:win:B:mtu\n"
    "sig = 4:128:4:*:mtu*2,*:mss,nop,ws,nop,nop,sok:df,id+:0\n"
    "sig = 6:128:8:*:mtu*2,*:mss,nop,ws,nop,nop,sok:flow:+\n"
    "label = s:!:T:tool\n"
    "sig = *:64-:0:1460:1024,0:mss::0\n"
    "sig = *:64-:0:0:*,*:?77,sack:bad:*\n"
    "sig = *:64-:0:0:*,*:eol+3:opt+:*\n"
    "sig = *:64-:0:0:*,*:ws,nop:exws,seq-:*\n";
/* clang-format on */
static const char bare[] = "label = s:!:T:bare\nsig = *:64-:0:0:*,*:::0\n";

static struct p0f *load(const char *more)
{
    static char text[sizeof sigs + sizeof bare];
    struct p0f *p = NULL;
    unsigned line;
    strcpy(text, sigs);
    strcat(text, more);
    if (p0f_load(&p, text, strlen(text), &line))
        abort();
    return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct p0f *files[2];
    if (!files[0]) {
        files[0] = load("");
        files[1] = load(bare);
    }
    if (size < 1)
        return 0;
    /* 1: the second file; 2: IPv6; the rest, times four: IPv4 options or IPv6 extension headers. */
    struct p0f *p = files[data[0] & 1];
    bool v6 = data[0] & 2;
    size_t header = v6 ? 40 + (size_t)(data[0] >> 2) * 4 : 20 + (size_t)(data[0] >> 2) % 11 * 4;
    size_t n = size - 1;
    if (n < header)
        return 0;
    uint8_t *packet = malloc(n ? n : 1); /* exactly as long as it is, for the sanitizer */
    if (!packet)
        return 0;
    memcpy(packet, data + 1, n);
    struct p0f_syn syn = { .ip = packet,
                           .tcp = packet + header,
                           .end = packet + n,
                           .payload = n > header + 60 ? 1 : 0,
                           .version = v6 ? 6 : 4 };
    unsigned number = p0f_match(p, &syn);
    assert(number <= p0f_labels(p));
    assert(p0f_match(p, &syn) == number && p0f_match_uncached(p, &syn) == number);
    free(packet);
    return 0;
}
