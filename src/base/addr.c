#include "base/addr.h"

#include "base/buf.h"
#include "base/rd.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct addr addr_v4(uint32_t v)
{
    return (struct addr){ .family = 4,
                          .bytes = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
                                     (uint8_t)v } };
}

uint32_t addr_u32(const struct addr *a)
{
    return (uint32_t)a->bytes[0] << 24 | (uint32_t)a->bytes[1] << 16 | (uint32_t)a->bytes[2] << 8 |
           a->bytes[3];
}

int addr_cmp(const struct addr *a, const struct addr *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return memcmp(a->bytes, b->bytes, a->family == 4 ? 4 : 16);
}

int addr_parse(const char *text, struct addr *ret)
{
    struct addr a = { 0 };
    if (inet_pton(AF_INET, text, a.bytes) == 1)
        a.family = 4;
    else if (inet_pton(AF_INET6, text, a.bytes) == 1)
        a.family = 6;
    else
        return 1;
    *ret = a;
    return 0;
}

static unsigned family_bits(uint8_t family)
{
    return family == 4 ? 32 : 128;
}

static bool bits_clear_past(const struct addr *a, unsigned bits)
{
    for (unsigned i = bits; i < family_bits(a->family); i++)
        if (a->bytes[i / 8] & (0x80 >> (i % 8)))
            return false;
    return true;
}

int prefix_parse(const char *text, struct prefix *ret)
{
    char copy[ADDR_TEXT];
    size_t n = strlen(text);
    if (n >= sizeof copy)
        return 1;
    memcpy(copy, text, n + 1);
    char *slash = strchr(copy, '/');
    if (slash)
        *slash++ = '\0';
    struct prefix p = { 0 };
    if (addr_parse(copy, &p.addr))
        return 1;
    unsigned long bits = family_bits(p.addr.family);
    if (slash) {
        if (*slash < '0' || *slash > '9' || strlen(slash) > 3)
            return 1;
        char *end;
        bits = strtoul(slash, &end, 10);
        if (*end || bits > family_bits(p.addr.family))
            return 1;
    }
    if (!bits_clear_past(&p.addr, (unsigned)bits))
        return 1;
    p.bits = (uint8_t)bits;
    *ret = p;
    return 0;
}

const char *addr_text(const struct addr *a, char text[static ADDR_TEXT])
{
    if (a->family == 0 ||
        !inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->bytes, text, ADDR_TEXT))
        memcpy(text, "-", 2);
    return text;
}

const char *prefix_text(const struct prefix *p, char text[static ADDR_TEXT])
{
    addr_text(&p->addr, text);
    size_t n = strlen(text);
    snprintf(text + n, ADDR_TEXT - n, "/%u", p->bits);
    return text;
}

unsigned addr_socket(const struct addr *a, uint16_t port, struct sockaddr_storage *ret)
{
    memset(ret, 0, sizeof *ret);
    if (a->family == 4) {
        struct sockaddr_in *in = (void *)ret;
        in->sin_family = AF_INET;
        in->sin_port = htons(port);
        memcpy(&in->sin_addr, a->bytes, 4);
        return sizeof *in;
    }
    struct sockaddr_in6 *in6 = (void *)ret;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(port);
    memcpy(&in6->sin6_addr, a->bytes, 16);
    return sizeof *in6;
}

/* IPv4 within IPv6's sockets is IPv4 (RFC 4291, section 2.5.5.2). */
void addr_of_socket(const struct sockaddr_storage *s, struct endpoint *ret)
{
    *ret = (struct endpoint){ 0 };
    if (s->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)s;
        ret->addr.family = 4;
        memcpy(ret->addr.bytes, &in->sin_addr, 4);
        ret->port = ntohs(in->sin_port);
    } else if (s->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)s;
        bool mapped = IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);
        ret->addr.family = mapped ? 4 : 6;
        memcpy(ret->addr.bytes, &in6->sin6_addr.s6_addr[mapped ? 12 : 0], mapped ? 4 : 16);
        ret->port = ntohs(in6->sin6_port);
    }
}

bool prefix_has(const struct prefix *p, const struct addr *a)
{
    if (p->addr.family != a->family)
        return false;
    unsigned whole = p->bits / 8, rest = p->bits % 8;
    if (memcmp(p->addr.bytes, a->bytes, whole) != 0)
        return false;
    return rest == 0 || ((p->addr.bytes[whole] ^ a->bytes[whole]) >> (8 - rest)) == 0;
}

int prefix_list_add(struct prefix_list *list, const struct prefix *p)
{
    struct prefix *item = realloc(list->item, (list->n + 1) * sizeof *item);
    if (!item)
        return -ENOMEM;
    list->item = item;
    list->item[list->n++] = *p;
    return 0;
}

int prefix_list_parse(const char *text, struct prefix_list *ret, const char **ret_bad)
{
    struct prefix_list list = { 0 };
    while (*(text += strspn(text, ", \t"))) {
        size_t n = strcspn(text, ", \t");
        char word[ADDR_TEXT];
        struct prefix p;
        int err = 1;
        if (n < sizeof word) {
            memcpy(word, text, n);
            word[n] = '\0';
            err = prefix_parse(word, &p);
            if (!err)
                err = prefix_list_add(&list, &p);
        }
        if (err) {
            *ret_bad = text;
            prefix_list_release(&list);
            return err;
        }
        text += n;
    }
    *ret = list;
    return 0;
}

void prefix_list_release(struct prefix_list *list)
{
    free(list->item);
    *list = (struct prefix_list){ 0 };
}

bool prefix_list_has(const struct prefix_list *list, const struct addr *a)
{
    for (size_t i = 0; i < list->n; i++)
        if (prefix_has(&list->item[i], a))
            return true;
    return false;
}

/* Whether item i lies inside another; of equal ones the first counts. */
static bool is_covered(const struct prefix_list *list, size_t i)
{
    for (size_t j = 0; j < list->n; j++) {
        const struct prefix *p = &list->item[j], *q = &list->item[i];
        if (j != i && prefix_has(p, &q->addr) &&
            (p->bits < q->bits || (p->bits == q->bits && j < i)))
            return true;
    }
    return false;
}

uint64_t prefix_list_size(const struct prefix_list *list)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (is_covered(list, i))
            continue;
        unsigned whole = list->item[i].addr.family == 4 ? 32 : 64, bits = list->item[i].bits;
        unsigned host = bits < whole ? whole - bits : 0;
        uint64_t size = host > 62 ? UINT64_C(1) << 62 : UINT64_C(1) << host;
        sum = sum + size < sum ? UINT64_MAX : sum + size;
    }
    return sum;
}

/* ---- in records ---- */

void addr_put(struct buf *b, const struct addr *a)
{
    buf_u8(b, a->family);
    buf_put(b, a->bytes, sizeof a->bytes);
}

int addr_get(struct rd *r, struct addr *ret)
{
    ret->family = rd_u8(r);
    rd_copy(r, ret->bytes, sizeof ret->bytes);
    return rd_ok(r) && (ret->family == 4 || ret->family == 6) ? 0 : 1;
}

void prefix_list_put(struct buf *b, const struct prefix_list *list)
{
    buf_varint(b, list->n);
    for (size_t i = 0; i < list->n; i++) {
        addr_put(b, &list->item[i].addr);
        buf_u8(b, list->item[i].bits);
    }
}

int prefix_list_get(struct rd *r, size_t most, struct prefix_list *ret)
{
    uint64_t n = rd_varint(r);
    if (n > most)
        return 1;
    for (uint64_t i = 0; i < n; i++) {
        struct prefix p = { 0 };
        int bad = addr_get(r, &p.addr);
        p.bits = rd_u8(r);
        if (bad || !rd_ok(r) || p.bits > (p.addr.family == 4 ? 32 : 128))
            return 1;
        TRY(prefix_list_add(ret, &p));
    }
    return 0;
}
