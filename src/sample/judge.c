#include "sample/judge.h"

#include <string.h>

const char *judge_name(enum judge j)
{
    static const char *const names[JUDGE_WAYS] = {
        [JUDGE_GLOBAL] = "global",           [JUDGE_THIS_NETWORK] = "this-network",
        [JUDGE_PRIVATE] = "private",         [JUDGE_SHARED] = "shared",
        [JUDGE_LOOPBACK] = "loopback",       [JUDGE_LINK_LOCAL] = "link-local",
        [JUDGE_PROTOCOL] = "protocol",       [JUDGE_DOCUMENTATION] = "documentation",
        [JUDGE_RELAY] = "relay",             [JUDGE_BENCHMARK] = "benchmark",
        [JUDGE_MULTICAST] = "multicast",     [JUDGE_RESERVED] = "reserved",
        [JUDGE_BROADCAST] = "broadcast",     [JUDGE_UNSPECIFIED] = "unspecified",
        [JUDGE_UNIQUE_LOCAL] = "unique-local", [JUDGE_DISCARD] = "discard",
        [JUDGE_SITE_LOCAL] = "site-local",   [JUDGE_NOT_GLOBAL] = "not-global",
        [JUDGE_TRANSLATED] = "translated",   [JUDGE_DENIED] = "denied",
    };
    return j < JUDGE_WAYS ? names[j] : "";
}

struct range {
    uint8_t bits;
    uint8_t bytes[16];
    enum judge judge;
};

/* The first that fits says it. */
static const struct range four[] = {
    { 8, { 0 }, JUDGE_THIS_NETWORK },                 /* RFC 791, section 3.2 */
    { 8, { 10 }, JUDGE_PRIVATE },                     /* RFC 1918 */
    { 10, { 100, 64 }, JUDGE_SHARED },                /* RFC 6598 */
    { 8, { 127 }, JUDGE_LOOPBACK },                   /* RFC 1122, section 3.2.1.3 */
    { 16, { 169, 254 }, JUDGE_LINK_LOCAL },           /* RFC 3927 */
    { 12, { 172, 16 }, JUDGE_PRIVATE },               /* RFC 1918 */
    { 24, { 192, 0, 0 }, JUDGE_PROTOCOL },            /* RFC 6890, section 2.1 */
    { 24, { 192, 0, 2 }, JUDGE_DOCUMENTATION },       /* RFC 5737 */
    { 24, { 192, 31, 196 }, JUDGE_RELAY },            /* AS112: RFC 7535 */
    { 24, { 192, 52, 193 }, JUDGE_RELAY },            /* AMT: RFC 7450 */
    { 24, { 192, 88, 99 }, JUDGE_RELAY },             /* 6to4: RFC 7526 */
    { 16, { 192, 168 }, JUDGE_PRIVATE },              /* RFC 1918 */
    { 24, { 192, 175, 48 }, JUDGE_RELAY },            /* AS112: RFC 7534 */
    { 15, { 198, 18 }, JUDGE_BENCHMARK },             /* RFC 2544 */
    { 24, { 198, 51, 100 }, JUDGE_DOCUMENTATION },    /* RFC 5737 */
    { 24, { 203, 0, 113 }, JUDGE_DOCUMENTATION },     /* RFC 5737 */
    { 4, { 224 }, JUDGE_MULTICAST },                  /* RFC 5771 */
    { 32, { 255, 255, 255, 255 }, JUDGE_BROADCAST },  /* RFC 919 */
    { 4, { 240 }, JUDGE_RESERVED },                   /* RFC 1112, section 4 */
};

static const struct range six[] = {
    { 128, { 0 }, JUDGE_UNSPECIFIED },                                    /* RFC 4291 */
    { 128, { [15] = 1 }, JUDGE_LOOPBACK },                                /* RFC 4291 */
    { 64, { 0x01 }, JUDGE_DISCARD },                                      /* RFC 6666 */
    { 7, { 0xfc }, JUDGE_UNIQUE_LOCAL },                                  /* RFC 4193 */
    { 10, { 0xfe, 0x80 }, JUDGE_LINK_LOCAL },                             /* RFC 4291 */
    { 10, { 0xfe, 0xc0 }, JUDGE_SITE_LOCAL },                             /* RFC 3879 */
    { 8, { 0xff }, JUDGE_MULTICAST },                                     /* RFC 4291 */
    { 32, { 0x20, 0x01, 0x0d, 0xb8 }, JUDGE_DOCUMENTATION },              /* RFC 3849 */
    { 20, { 0x3f, 0xff }, JUDGE_DOCUMENTATION },                          /* RFC 9637 */
    { 16, { 0x5f, 0x00 }, JUDGE_PROTOCOL },                               /* RFC 9602 */
    { 48, { 0x20, 0x01, 0x00, 0x02 }, JUDGE_BENCHMARK },                  /* RFC 5180 */
    { 32, { 0x20, 0x01, 0x00, 0x03 }, JUDGE_RELAY },                      /* AMT: RFC 7450 */
    { 48, { 0x20, 0x01, 0x00, 0x04, 0x01, 0x12 }, JUDGE_RELAY },          /* AS112: RFC 7535 */
    { 48, { 0x26, 0x20, 0x00, 0x4f, 0x80, 0x00 }, JUDGE_RELAY },          /* AS112: RFC 7534 */
    { 23, { 0x20, 0x01 }, JUDGE_PROTOCOL },                               /* RFC 2928; but for Teredo, which is asked before */
};

static bool has(const struct range *r, const struct addr *a)
{
    struct prefix p = { .addr = { .family = a->family }, .bits = r->bits };
    memcpy(p.addr.bytes, r->bytes, sizeof r->bytes);
    return prefix_has(&p, a);
}

static enum judge find(const struct range *table, size_t n, const struct addr *a)
{
    for (size_t i = 0; i < n; i++)
        if (has(&table[i], a))
            return table[i].judge;
    return JUDGE_GLOBAL;
}

/* ---- addresses within addresses ---- */

static const struct holder {
    uint8_t bits;
    uint8_t bytes[14];
    uint8_t at;      /* where the IPv4 address lies */
    bool inverted;
    bool routed;     /* what is sent there arrives at that address, or may */
} holders[] = {
    { 96, { [10] = 0xff, 0xff }, 12, false, false },             /* mapped: RFC 4291, section 2.5.5.2 */
    { 96, { [8] = 0xff, 0xff }, 12, false, false },              /* translated, of SIIT: RFC 2765 */
    { 96, { 0x00, 0x64, 0xff, 0x9b }, 12, false, true },         /* NAT64: RFC 6052 */
    { 48, { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 }, 12, false, false }, /* of a network's own: RFC 8215 */
    { 16, { 0x20, 0x02 }, 2, false, true },                      /* 6to4: RFC 3056 */
    { 32, { 0x20, 0x01, 0x00, 0x00 }, 4, false, true },          /* Teredo's server: RFC 4380, section 4 */
    { 32, { 0x20, 0x01, 0x00, 0x00 }, 12, true, true },          /* and who is behind it */
    { 96, { 0 }, 12, false, false },                             /* compatible: RFC 4291, section 2.5.5.1 */
};

static enum judge judge_held(const struct addr *a, size_t at, bool inverted, const struct prefix_list *deny)
{
    struct addr in = { .family = 4 };
    for (size_t i = 0; i < 4; i++)
        in.bytes[i] = (uint8_t)(a->bytes[at + i] ^ (inverted ? 0xff : 0));
    return judge_address(&in, deny);
}

/* By all that it holds; *ret_holds: whether it holds any. */
static enum judge judge_holder(const struct addr *a, const struct prefix_list *deny, bool *ret_holds)
{
    enum judge j = JUDGE_GLOBAL;
    *ret_holds = false;
    for (size_t i = 0; i < sizeof holders / sizeof *holders && j == JUDGE_GLOBAL; i++) {
        const struct holder *h = &holders[i];
        struct range r = { .bits = h->bits };
        memcpy(r.bytes, h->bytes, sizeof h->bytes);
        if (!has(&r, a))
            continue;
        *ret_holds = true;
        j = judge_held(a, h->at, h->inverted, deny);
        if (j == JUDGE_GLOBAL && !h->routed)
            j = JUDGE_TRANSLATED;
    }
    return j;
}

/* An interface of ISATAP, under any prefix: RFC 5214, section 6.1. */
static bool is_isatap(const struct addr *a)
{
    return (a->bytes[8] & ~0x02) == 0 && a->bytes[9] == 0 && a->bytes[10] == 0x5e && a->bytes[11] == 0xfe;
}

static enum judge judge_six(const struct addr *a, const struct prefix_list *deny)
{
    bool holds;
    enum judge j = find(six, 2, a); /* :: and ::1 hold nothing */
    if (j != JUDGE_GLOBAL)
        return j;
    j = judge_holder(a, deny, &holds);
    if (!holds) {
        j = find(six, sizeof six / sizeof *six, a);
        if (j == JUDGE_GLOBAL && a->bytes[0] >> 5 != 1) /* global unicast is 2000::/3 */
            j = JUDGE_NOT_GLOBAL;
    }
    return j == JUDGE_GLOBAL && is_isatap(a) ? judge_held(a, 12, false, deny) : j;
}

enum judge judge_address(const struct addr *a, const struct prefix_list *deny)
{
    enum judge j = JUDGE_RESERVED;
    if (deny && prefix_list_has(deny, a))
        return JUDGE_DENIED;
    if (a->family == 4)
        j = find(four, sizeof four / sizeof *four, a);
    else if (a->family == 6)
        j = judge_six(a, deny);
    return j;
}

enum judge judge_address_but(const struct addr *a, const struct prefix_list *deny, const struct prefix_list *allowed)
{
    if (deny && prefix_list_has(deny, a))
        return JUDGE_DENIED;
    return allowed && prefix_list_has(allowed, a) ? JUDGE_GLOBAL : judge_address(a, deny);
}
