#pragma once
/*
 * Internet addresses and prefixes. Bytes are in network order; an IPv4 address uses the first four.
 */
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ADDR_TEXT = 64 }; /* room for any address or prefix as text, with its NUL */

struct addr {
    uint8_t family; /* 4 or 6; 0 is none */
    uint8_t bytes[16];
};

struct endpoint {
    struct addr addr;
    uint16_t port;
};

struct prefix {
    struct addr addr; /* bits past `bits` are zero */
    uint8_t bits;     /* 0..32 or 0..128 */
};

struct prefix_list {
    struct prefix *item; /* owned; sorted by nothing, short */
    size_t n;
};

/* One private address and the public one that visitors know it by (1:1 NAT); IPv4, host order. */
struct nat_pair {
    uint32_t inside, outside;
};

struct addr addr_v4(uint32_t host_order);
uint32_t addr_u32(const struct addr *a); /* IPv4 only, host order */
int addr_cmp(const struct addr *a, const struct addr *b);

/* 0, or 1 where the text is no address. IPv4-mapped IPv6 is taken as IPv6. */
int must_check addr_parse(const char *text, struct addr *ret);
/* "192.0.2.0/24", or a bare address as /32 or /128. 0, or 1 where the text is no prefix or has bits set
 * past its length. */
int must_check prefix_parse(const char *text, struct prefix *ret);
const char *addr_text(const struct addr *a, char text[static ADDR_TEXT]);
const char *prefix_text(const struct prefix *p, char text[static ADDR_TEXT]);
/* As sockets want it; its length. */
struct sockaddr_storage;
unsigned addr_socket(const struct addr *a, uint16_t port, struct sockaddr_storage *ret);
/* And back; family 0 where it is none of these. */
void addr_of_socket(const struct sockaddr_storage *s, struct endpoint *ret);
bool prefix_has(const struct prefix *p, const struct addr *a);

/* Comma- or space-separated prefixes. 0; 1 where one is wrong (*ret_bad points at it in text); -ENOMEM. */
int must_check prefix_list_parse(const char *text, struct prefix_list *ret, const char **ret_bad);
int must_check prefix_list_add(struct prefix_list *list, const struct prefix *p);
void prefix_list_release(struct prefix_list *list);
bool prefix_list_has(const struct prefix_list *list, const struct addr *a);
/* Addresses that the list covers, each once. An IPv6 prefix counts one for each /64 in it, which is what one
 * subscriber has; else no rate over IPv6 would mean anything. */
uint64_t prefix_list_size(const struct prefix_list *list);

/* ---- in records: family, bytes; of a prefix also its length in bits ---- */

struct buf;
struct rd;
void addr_put(struct buf *b, const struct addr *a);
/* 0, or 1 where it is none. */
int must_check addr_get(struct rd *r, struct addr *ret);
void prefix_list_put(struct buf *b, const struct prefix_list *list);
/* Adds to *ret. 0; 1 where there are more than `most`, or one is none; -ENOMEM. */
int must_check prefix_list_get(struct rd *r, size_t most, struct prefix_list *ret);
