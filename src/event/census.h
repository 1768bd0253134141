#pragma once
/*
 * A census: the distinct sources of an hour or a day, each with its class: of which kinds its packets
 * were and which fingerprints it had. It answers how many sources there were, over which days an address
 * was seen, and, merged, how many sources several days had together.
 *
 * As bytes: u8 version 2, then zstd-packed parts: the classes; for IPv4 the sources' steps and classes;
 * for IPv6 the addresses and classes; a seal (event/seal.h), which version 1 has not.
 */
#include "base/addr.h"
#include "base/buf.h"
#include "event/totals.h"

/* Equal classes are one entry of the dictionary. */
struct source_class {
    uint64_t labels[2]; /* bit n: p0f label n */
    uint8_t kinds;      /* bit n: enum kind */
    uint8_t tools;      /* MARK_ bits */
    uint8_t protos;     /* bit n: accesses by enum proto n */
    uint8_t pad[5];     /* zero: classes compare as bytes */
};

bool class_has_fingerprint(const struct source_class *c, unsigned number);
void class_merge(struct source_class *into, const struct source_class *from);

/*
 * Classes of one census, at most. A stranger who forges sources may try to make ever more of them by their
 * labels; the last CENSUS_PLAIN, which is all that can be without labels, are kept for sources whose labels
 * are then left out.
 */
enum { CENSUS_CLASSES = 1 << 16, CENSUS_PLAIN = 8 * MARK_TOOLS * (1 << PROTOS) };

struct census {
    struct source_class *classes; /* owned */
    size_t class_n, class_room;
    uint32_t *v4; /* owned; ascending; v4_class beside it */
    uint16_t *v4_class;
    size_t v4_n, v4_room;
    uint8_t (*v6)[16]; /* owned; ascending */
    uint16_t *v6_class;
    size_t v6_n, v6_room;
    uint32_t *slot; /* of classes, by hash: number + 1 */
    size_t slots;
    uint16_t recent; /* the class looked up last */
};

void census_release(struct census *c);
/* Appends a source, which must come after all others of its family. 0, -ENOMEM, or -E2BIG where there are
 * more than CENSUS_CLASSES different classes (with kinds that make no flows). */
int must_check census_add_v4(struct census *c, uint32_t source, const struct source_class *cl);
int must_check census_add_v6(struct census *c, const uint8_t source[static 16],
                             const struct source_class *cl);
/* A new census of the sources of both; where one is in both, its classes merge. */
int must_check census_merge(const struct census *a, const struct census *b, struct census *ret);

/* The same of n censuses. map, where it is not NULL, has room for n: map[i][j] becomes the number in *ret of
 * the IPv4 source j of c[i]; each is the caller's to free, also on failure. */
int must_check census_unite(const struct census *c, size_t n, struct census *ret, uint32_t **map);

/* Sources with a packet of this kind; of either family. */
uint64_t census_count_kind(const struct census *c, enum kind kind);
uint64_t census_count_proto(const struct census *c, enum proto proto); /* with an access by it */
uint64_t census_count_fingerprint(const struct census *c, unsigned number);
/* Whether any source lies in the prefix. */
bool census_meets(const struct census *c, const struct prefix *p);
/* The class of an address, or NULL where it is not in. */
const struct source_class *census_find(const struct census *c, const struct addr *a);

int must_check census_encode(const struct census *c, struct zstd_packer *z, struct buf *out);
/* Into an empty census. 0; 1 where the bytes are none (*c is then empty); -ENOMEM. */
int must_check census_decode(struct census *c, struct zstd_packer *z, const void *data, size_t n);
