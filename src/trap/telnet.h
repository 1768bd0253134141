#pragma once
/*
 * The server's side of Telnet (RFC 854, 855; options 857, 858, 1073, 1091, 1184), as one certain daemon
 * does it: a dialect is data. What the client negotiates is no answer to be correct about, but to be the
 * same about as that daemon, byte for byte.
 *
 * A telnet is a few words and owns nothing. Input may be cut anywhere, and what comes of it is the same: that
 * of all bytes at once, which is how the daemons mostly read them (BusyBox drops a NUL that a read ends with; that is not
 * done here). Suboptions that never end cost
 * TELNET_SUBOPTION bytes at most: what stands behind is dropped until IAC SE.
 */
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What it does with a WILL, WONT, DO or DONT of an option that its table does not name. */
enum telnet_unknown {
    TELNET_IGNORES, /* BusyBox */
    TELNET_REFUSES, /* DONT, WONT: RFC 855 */
};

/* How one option is answered. Options from 64 on have no rules. */
struct telnet_rule {
    uint8_t option;
    bool does;      /* WILL is agreed to: we have said DO, or say it now */
    bool will;      /* DO is agreed to */
    bool asks;      /* once the client WILLs: SB option SEND (terminal type, RFC 1091) */
    bool insists;   /* WONT is answered by our own WILL: netkit echoes where the client does not */
};

/* Commands that the daemon turns into a character of the terminal. */
struct telnet_keys {
    char interrupt, brk, erase, kill; /* IP, BRK, EC, EL; 0: none */
};

struct telnet_dialect {
    const char *name;        /* "busybox-1.14": what personas name */
    const uint8_t *opening;  /* what it says first, before it is asked */
    size_t n_opening;
    const uint8_t *second;   /* what it says when every DO and WILL of the opening is answered; before that it lets */
    size_t n_second;         /* nobody in: NULL, it does at once */
    enum telnet_unknown unknown;
    const struct telnet_rule *rules;
    size_t n_rules;
    const char *ayt;         /* its answer to AYT, n_ayt bytes as they are sent; %h is the host's name */
    size_t n_ayt;
    struct telnet_keys keys;
    bool cr_nul;             /* says CR NUL for a CR without an LF */
    bool doubles_iac;        /* in what it says */
    bool leaks;              /* knows of suboptions only NAWS, by its length: others' bytes are typed at the terminal */
    uint16_t since, before;  /* BusyBox's: the versions that speak so, 100 * major + minor; 0: another daemon */
};

/* NULL: there is none of the name. "busybox-1.19" is the dialect which that version speaks. */
const struct telnet_dialect *telnet_dialect_find(const char *name);
/* The i-th, NULL past the last: for listing and for tests. */
const struct telnet_dialect *telnet_dialect_at(size_t i);

enum { TELNET_TERMINAL = 32, TELNET_SPOKEN = 64, TELNET_SUBOPTION = 40 };

/* The client's commands that are told apart here. */
enum {
    TELNET_NOP = 241, TELNET_DM, TELNET_BRK, TELNET_IP, TELNET_AO, TELNET_AYT, TELNET_EC, TELNET_EL, TELNET_GA,
    TELNET_SB, TELNET_WILL, TELNET_WONT, TELNET_DO, TELNET_DONT, TELNET_IAC, TELNET_SE = 240,
};

struct telnet {
    const struct telnet_dialect *dialect;
    const char *hostname;          /* borrowed, for AYT; NULL none. Set by the owner after telnet_open() */
    uint8_t state, command, option;
    uint8_t n_sub;
    bool carriage;                 /* a CR came: its LF or NUL is none */
    uint8_t sub[TELNET_SUBOPTION];
    /* Of options 0..63, [0] what we do, [1] what the client does: no loop of answers (RFC 1143). */
    uint64_t offered[2];           /* said by us, and not answered yet */
    uint64_t agreed[2];
    uint64_t asked;                /* of the client by SB option SEND, and not told yet */
    bool ready;                    /* the log-in may begin */
    uint16_t columns, rows;        /* NAWS; 0: not told */
    char terminal[TELNET_TERMINAL]; /* printable bytes of the terminal type; "" not told */
    /* The client's negotiation as it came, for its fingerprint: (command, option) pairs, and of suboptions (SB, option). */
    uint8_t spoken[TELNET_SPOKEN];
    uint8_t n_spoken;
    bool interrupted; /* IP or BRK came (set, never cleared here), whatever the daemon makes of it: see its keys */
};

/* Begins; what the daemon says of itself goes to `out`. */
void telnet_open(struct telnet *t, const struct telnet_dialect *dialect, struct buf *out);
/* Takes what came. Bytes of the visitor's terminal (CR NUL and CR LF as the dialect's daemon hands them to its pty: as one
 * CR) go to `data`, answers to `out`. Both only grow; the caller looks at whether they are bad. */
void telnet_input(struct telnet *t, const uint8_t *from, size_t n, struct buf *data, struct buf *out);
/* What the device says, escaped. */
void telnet_output(const struct telnet *t, const void *from, size_t n, struct buf *out);
/* Words for the client's negotiation ("DO ECHO, WILL NAWS"), at most n - 1 bytes, for people. */
void telnet_spoken_text(const struct telnet *t, char *to, size_t n);
