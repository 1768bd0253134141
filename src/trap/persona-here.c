/*
 * What differs from address to address. Which device it is goes by the address's class (ports.h),
 * so that the kernel can look it up; all else is drawn from SHA-256 of the key and the address, so
 * that who does not know the key can work out nothing of one address by others, nor tell that they
 * are made.
 */
#include "trap/persona-inside.h"

#include "base/hash.h"
#include "base/sha256.h"
#include "trap/ports.h"

#include <math.h>
#include <string.h>

enum { PID_SPREAD = 9000, PID_MOST = 32000 };
static const int64_t day = INT64_C(86400) * 1000000;

/* What is drawn for an address, 64 bits a purpose. */
enum { DRAW_NAME = 1, DRAW_BODY, DRAW_PHASE, DRAWS }; /* the first has no use any more; the others stay what they were */

static void draw(const uint8_t key[static 16], const struct addr *address,
                 uint64_t ret[static DRAWS])
{
    uint8_t hash[SHA256_BYTES];
    struct sha256 h;
    sha256_begin(&h);
    sha256_add_part(&h, key, 16);
    sha256_add_part(&h, "persona", 7);
    sha256_add_part(&h, address->bytes, address->family == 4 ? 4 : 16);
    sha256_end(&h, hash);
    memcpy(ret, hash, DRAWS * sizeof *ret);
}

/*
 * Each persona draws a number, the heavier the better its chances, and the smallest has the class
 * (rendezvous hashing): of the others' numbers, one that is added changes none.
 */
static double score(const struct persona *p, uint64_t seed)
{
    uint64_t drawn = hash64(p->id, strlen(p->id), seed);
    double unit = ((double)(drawn >> 11) + 0.5) * 0x1p-53;
    return -log(unit) / p->weight;
}

size_t persona_of_class(const struct personas *all, const uint8_t key[static 16], unsigned class)
{
    size_t best = 0;
    double least = INFINITY;
    uint8_t in[18] = { [16] = (uint8_t)class, [17] = (uint8_t)(class >> 8) };
    memcpy(in, key, 16);
    uint64_t seed = hash64(in, sizeof in, 0);
    for (size_t i = 0; i < all->n; i++) {
        double s = score(all->list[i], seed);
        if (s < least) {
            best = i;
            least = s;
        }
    }
    return best;
}

/* ---- Names ---- */

struct naming {
    char *to;
    size_t n; /* so far */
    bool good;
};

static void put_char(struct naming *name, char c)
{
    name->good = name->good && name->n + 1 < PERSONA_HOSTNAME;
    if (name->good)
        name->to[name->n++] = c;
}

static void put_digits(struct naming *name, uint64_t value, unsigned base, unsigned n,
                       bool capitals)
{
    char digits[9];
    const char *all = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
    for (unsigned i = n; i-- > 0; value /= base)
        digits[i] = all[value % base];
    for (unsigned i = 0; i < n; i++)
        put_char(name, digits[i]);
}

static bool put_mark(struct naming *name, const char *mark, uint64_t digits,
                     const uint8_t mac[static 6])
{
    uint64_t address = 0;
    unsigned n = (unsigned)(mark[0] - '0');
    if (mark[0] < '1' || mark[0] > '9' || !mark[1] || !strchr("dxXmM", mark[1]))
        return false;
    for (size_t i = 0; i < 6; i++)
        address = address << 8 | mac[i];
    bool of_mac = (mark[1] | 32) == 'm';
    put_digits(name, of_mac ? address : digits, mark[1] == 'd' ? 10 : 16, n, !(mark[1] & 32));
    return true;
}

bool persona_hostname(const char *pattern, uint64_t digits, const uint8_t mac[static 6],
                      char ret[static PERSONA_HOSTNAME])
{
    struct naming name = { .to = ret, .good = true };
    for (const char *at = pattern; *at; at++) {
        if (*at < ' ' || *at > '~')
            name.good = false;
        if (*at != '%')
            put_char(&name, *at);
        else if (put_mark(&name, at + 1, digits, mac))
            at += 2;
        else
            name.good = false;
        if (!name.good)
            break;
    }
    ret[name.n] = '\0';
    return name.good && name.n;
}

static unsigned digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

static void put_mac(const char *oui, uint64_t drawn, uint8_t mac[static 6])
{
    for (size_t i = 0; i < 3; i++) {
        mac[i] = (uint8_t)(digit(oui[3 * i]) << 4 | digit(oui[3 * i + 1]));
        mac[3 + i] = (uint8_t)(drawn >> (8 * i));
    }
}

/* ---- Time ---- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/*
 * Time is cut in periods of (least + most) / 2 days, from a moment of the address's own, and in
 * each of them the device starts once, somewhere in its first (most - least) / 2 days. So a start
 * is at least `least` and at most `most` days after the one before; it does not move with `now`,
 * and nothing has to be remembered.
 */
static int64_t started(const struct persona *p, const uint8_t key[static 16], uint64_t phase,
                       int64_t k)
{
    int64_t period = (p->uptime_least + (int64_t)p->uptime_most) * day / 2;
    int64_t spread = (p->uptime_most - (int64_t)p->uptime_least) * day / 2;
    uint64_t in[3] = { phase, (uint64_t)k, 0 };
    memcpy(&in[2], key, sizeof in[2]);
    uint64_t jitter = spread ? hash64(in, sizeof in, phase) % (uint64_t)spread : 0;
    return k * period + (int64_t)(phase % (uint64_t)period) + (int64_t)jitter;
}

static int64_t last_start(const struct persona *p, const uint8_t key[static 16], uint64_t phase,
                          int64_t now)
{
    int64_t period = (p->uptime_least + (int64_t)p->uptime_most) * day / 2;
    int64_t k = floor_div(now - (int64_t)(phase % (uint64_t)period), period);
    int64_t at = started(p, key, phase, k);
    return at <= now ? at : started(p, key, phase, k - 1);
}

static void fill(const struct persona *p, const uint8_t key[static 16],
                 const uint64_t drawn[static DRAWS], int64_t now, struct persona_here *ret)
{
    uint32_t first = p->machine->pid_first + (uint32_t)((drawn[DRAW_BODY] >> 32) % PID_SPREAD);
    *ret = (struct persona_here){ .persona = p, .pid_first = first < PID_MOST ? first : PID_MOST };
    put_mac(p->oui, drawn[DRAW_BODY], ret->mac);
    (void)persona_hostname(p->hostname, drawn[DRAW_NAME], ret->mac,
                           ret->hostname); /* the loader tried it */
    ret->booted = last_start(p, key, drawn[DRAW_PHASE], now);
    ret->secret = hash64(drawn, DRAWS * sizeof *drawn, 0);
}

void persona_here_as(const struct persona *p, const uint8_t key[static 16],
                     const struct addr *address, int64_t now, struct persona_here *ret)
{
    uint64_t drawn[DRAWS];
    draw(key, address, drawn);
    fill(p, key, drawn, now, ret);
}

void persona_here(const struct personas *all, const uint8_t key[static 16],
                  const struct addr *address, int64_t now, struct persona_here *ret)
{
    uint64_t words[3];
    ports_key(key, words);
    size_t chosen = persona_of_class(all, key, ports_class(ports_hash(words, address)));
    persona_here_as(all->list[chosen], key, address, now, ret);
}
