#pragma once
/*
 * The exchange on 53413/UDP of Netis routers, as data: what a datagram is, and the bytes that answer it. No state, no socket.
 *
 * A datagram is a head of four numbers of 16 bits, big-endian (whose it is, what it is, which of its kind, nothing), then text
 * to its end or a NUL. A short one counts as filled up with zeros. An answer has the head of what it answers, with another
 * `what` and the next number; one that ends something has a result of 32 bits before its text.
 *
 * Facts: shared/corpus/udp53413.md. No answer is longer than NETIS_ANSWER bytes, whatever a real device says.
 */
#include "base/rd.h"

enum {
    NETIS_ANSWER = 64,
    NETIS_HEAD = 8,
    NETIS_END = NETIS_HEAD + 4,                   /* an answer without text */
    NETIS_BLOCK = NETIS_ANSWER - NETIS_HEAD,      /* bytes of a command's output in one datagram */
    NETIS_TEXT = 1400,                            /* of a command; longer ones are other */
};

enum netis_class {
    NETIS_PROBE,       /* ends of lines, and nothing else */
    NETIS_LOGIN,       /* "netcore" */
    NETIS_VERSION,     /* "?" */
    NETIS_GET_VERSION, /* "$GetVersion" */
    NETIS_HELP,
    NETIS_SETTING,     /* another word with a $ */
    NETIS_COMMAND,     /* a line for the shell */
    NETIS_READ,        /* a file is asked for */
    NETIS_WRITE,       /* or is to come */
    NETIS_OTHER,
    NETIS_CLASSES,
};
const char *netis_class_name(enum netis_class c); /* "probe" */

struct netis_request {
    enum netis_class class;
    uint16_t id, what, number, rest;
    const uint8_t *text; /* borrowed; without what ends it, and blanks around it */
    size_t n;
};
void netis_read(const void *data, size_t n, struct netis_request *ret);

/* The answer to a request of one who has logged in or not, and how long it is; 0: there is none, or not yet, for it is a
 * command's and one who is in asks. `version`: the device's, as $GetVersion tells it. */
size_t netis_answer(const struct netis_request *r, bool in, const char *version, uint8_t ret[static NETIS_ANSWER]);
/* What a command says, at most NETIS_BLOCK bytes, the first with number 1; then its end. */
size_t netis_block(const struct netis_request *r, uint16_t number, const void *data, size_t n, uint8_t ret[static NETIS_ANSWER]);
size_t netis_end(const struct netis_request *r, uint16_t number, uint32_t status, uint8_t ret[static NETIS_ANSWER]);
