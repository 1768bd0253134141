#pragma once
/*
 * Which protocol a visitor speaks, by his first bytes: a table of signs (protocol.c). Pure, bounded, no memory but what it is
 * given. Naming is steady: what is named of some bytes has that name whatever follows them, and so has what is not known.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PROTOCOL_LOOKS = 4096, /* bytes that are looked at; of more it never wants more */
    PROTOCOL_WORDS = 256,
};

enum protocol_verdict {
    PROTOCOL_NAMED,
    PROTOCOL_MORE,    /* it may be one or another still */
    PROTOCOL_UNKNOWN, /* none that is known */
};

/* Bytes as the visitor sent them; whoever shows them escapes them. */
struct protocol_words {
    uint16_t n;
    char text[PROTOCOL_WORDS]; /* no NUL behind it */
};

struct protocol {
    const char *name;            /* "tls" */
    struct protocol_words host;  /* whom he asks for: the name in a ClientHello, Host, what a proxy is to reach, a question */
    struct protocol_words agent; /* what he says of himself: an SSH banner, User-Agent, versions of TLS, a client's name */
};

/* over: no more will come, so that it is never PROTOCOL_MORE. ret is filled where it is named. */
enum protocol_verdict protocol_name(const void *data, size_t n, bool over, struct protocol *ret);
