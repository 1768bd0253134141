#pragma once
/*
 * Which device is at an address, and which of its ports are open.
 *
 * An address has one of 4,096 classes and one of 64 extras, by a keyed hash that a BPF program can work out as well: the keeper
 * gives the kernel the same tables, so that what is not open here is refused there. A class has a persona; an extra has a few
 * ports that are often attacked, which are open at its addresses beside the persona's own: a host with all ports open is known
 * for a trap.
 *
 * The supervisor makes it of the personas; it is data from there on (no pointers), and goes to the keeper as a record.
 * Looking something up takes no memory and no call of the system.
 */
#include "base/addr.h"
#include "base/buf.h"
#include "base/rd.h"
#include "event/record-trap.h"

enum {
    PORTS_CLASSES = 4096,
    PORTS_EXTRAS = 64,
    PORTS_PERSONAS = 64, /* kinds of device */
    PORTS_OWN = 48,      /* ports of one */
    PORTS_FEW = 4,       /* of an extra: at most */
    PORTS_RECORD = 32 << 10, /* bytes of a record: at most */
};

struct ports_open {
    uint16_t port;
    uint8_t service; /* enum trap_service */
};

struct ports {
    uint64_t key[3];
    uint8_t catchall; /* enum trap_catchall */
    uint8_t n_personas;
    uint8_t persona_of_class[PORTS_CLASSES]; /* places in `persona` */
    struct ports_persona {
        struct ports_open open[PORTS_OWN]; /* TCP, ascending */
        uint8_t n;
        bool netis;  /* 53413/UDP answers */
        bool silent; /* what is not open answers nothing */
    } persona[PORTS_PERSONAS];
    struct ports_extra {
        uint16_t port[PORTS_FEW]; /* TCP, ascending */
        uint8_t n;
    } extra[PORTS_EXTRAS];
};

enum { PORTS_CLOSED = -1, PORTS_NETIS = 53413 };

/* The words of the hash, of an observatory's key. */
void ports_key(const uint8_t key[static 16], uint64_t ret[static 3]);
uint64_t ports_hash(const uint64_t key[static 3], const struct addr *a);
static inline unsigned ports_class(uint64_t hash)
{
    return hash & (PORTS_CLASSES - 1);
}
static inline unsigned ports_extra(uint64_t hash)
{
    return hash >> 12 & (PORTS_EXTRAS - 1);
}

/* The enum trap_service that answers there, or PORTS_CLOSED. */
int ports_service(const struct ports *p, const struct addr *a, uint16_t tcp_port);
int ports_datagrams(const struct ports *p, const struct addr *a, uint16_t udp_port);
/* What answers at a TCP port of any device: some are known for Telnet or HTTP. */
enum trap_service ports_usual(uint16_t tcp_port);

/* 8,192 bytes, a bit a TCP port (port / 8, the low bit first), as the kernel looks them up: of a persona's ports, of an extra's.
 * Of a persona all are set where all are open, and an extra has none but where a few are. */
enum { PORTS_BITMAP = 8192 };
void ports_bitmap_persona(const struct ports *p, unsigned persona, uint8_t ret[static PORTS_BITMAP]);
void ports_bitmap_extra(const struct ports *p, unsigned extra, uint8_t ret[static PORTS_BITMAP]);

/* As a record; ports_get() takes nothing that would not be looked up within bounds: 0, or 1. */
void ports_put(struct buf *b, const struct ports *p);
int must_check ports_get(struct rd *r, struct ports *ret);

struct persona;
struct personas;
/* Of the personas (pinned: of this one alone; else NULL), as persona_here() chooses among them. 0, or -E2BIG where there are
 * more than PORTS_PERSONAS. */
int must_check ports_make(struct ports *ret, const struct personas *all, const struct persona *pinned,
                          const uint8_t key[static 16], enum trap_catchall catchall);
