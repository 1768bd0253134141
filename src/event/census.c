#include "event/census.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/sort.h"
#include "base/zstd.h"
#include "event/bits.h"
#include "event/seal.h"

#include <stdlib.h>

enum { VERSION = 2, UNSEALED = 1, LEVEL = 1, BLOB_MAX = 256 << 20, SOURCES_MAX = 1 << 26, CLASS_BYTES = 19 };

bool class_has_fingerprint(const struct source_class *c, unsigned number)
{
    if (number < FINGERPRINT_TOOLS)
        return c->tools >> number & 1;
    unsigned label = number - FINGERPRINT_LABEL;
    return number >= FINGERPRINT_LABEL && label < MARK_LABELS &&
           (c->labels[label / 64] >> (label % 64) & 1);
}

void class_merge(struct source_class *into, const struct source_class *from)
{
    into->labels[0] |= from->labels[0];
    into->labels[1] |= from->labels[1];
    into->kinds |= from->kinds;
    into->tools |= from->tools;
    into->protos |= from->protos;
}

void census_release(struct census *c)
{
    free(c->classes);
    free(c->slot);
    free(c->v4);
    free(c->v4_class);
    free(c->v6);
    free(c->v6_class);
    *c = (struct census){ 0 };
}

static int resize(void *array, size_t n, size_t size)
{
    void *p = realloc(*(void **)array, n * size);
    if (!p)
        return -ENOMEM;
    *(void **)array = p;
    return 0;
}

static int room_v4(struct census *c, size_t n)
{
    if (n <= c->v4_room)
        return 0;
    size_t room = c->v4_room * 2 > n ? c->v4_room * 2 : n + 1024;
    TRY(resize(&c->v4, room, sizeof *c->v4));
    TRY(resize(&c->v4_class, room, sizeof *c->v4_class));
    c->v4_room = room;
    return 0;
}

static int room_v6(struct census *c, size_t n)
{
    if (n <= c->v6_room)
        return 0;
    size_t room = c->v6_room * 2 > n ? c->v6_room * 2 : n + 1024;
    TRY(resize(&c->v6, room, sizeof *c->v6));
    TRY(resize(&c->v6_class, room, sizeof *c->v6_class));
    c->v6_room = room;
    return 0;
}

static size_t slot_of(const struct census *c, const struct source_class *cl)
{
    size_t at = (size_t)hash64(cl, sizeof *cl, 0) & (c->slots - 1);
    while (c->slot[at] && memcmp(&c->classes[c->slot[at] - 1], cl, sizeof *cl) != 0)
        at = (at + 1) & (c->slots - 1);
    return at;
}

/* Slots for twice as many classes as there are; a census that was decoded has none yet. */
static int index_classes(struct census *c)
{
    size_t slots = 256;
    while (slots < 4 * (c->class_n + 1))
        slots *= 2;
    uint32_t *slot = calloc(slots, sizeof *slot);
    if (!slot)
        return -ENOMEM;
    free(c->slot);
    c->slot = slot;
    c->slots = slots;
    for (size_t i = 0; i < c->class_n; i++)
        c->slot[slot_of(c, &c->classes[i])] = (uint32_t)i + 1;
    return 0;
}

/* The number of a class, new or known. Neighbours often share one. */
static int class_number(struct census *c, const struct source_class *wanted)
{
    struct source_class cl = *wanted;
    if (c->recent < c->class_n && memcmp(&c->classes[c->recent], &cl, sizeof cl) == 0)
        return c->recent;
    if (c->slots < 2 * (c->class_n + 1))
        TRY(index_classes(c));
    size_t at = slot_of(c, &cl);
    if (!c->slot[at] && c->class_n >= CENSUS_CLASSES - CENSUS_PLAIN) {
        cl.labels[0] = cl.labels[1] = 0;
        at = slot_of(c, &cl);
    }
    if (!c->slot[at]) {
        if (c->class_n == CENSUS_CLASSES)
            return -E2BIG;
        TRY(ARRAY_ROOM(c->classes, c->class_room, c->class_n + 1));
        c->classes[c->class_n++] = cl;
        c->slot[at] = (uint32_t)c->class_n;
    }
    c->recent = (uint16_t)(c->slot[at] - 1);
    return c->recent;
}

int census_add_v4(struct census *c, uint32_t source, const struct source_class *cl)
{
    int number = class_number(c, cl);
    TRY(number);
    TRY(room_v4(c, c->v4_n + 1));
    c->v4[c->v4_n] = source;
    c->v4_class[c->v4_n++] = (uint16_t)number;
    return 0;
}

int census_add_v6(struct census *c, const uint8_t source[static 16], const struct source_class *cl)
{
    int number = class_number(c, cl);
    TRY(number);
    TRY(room_v6(c, c->v6_n + 1));
    memcpy(c->v6[c->v6_n], source, 16);
    c->v6_class[c->v6_n++] = (uint16_t)number;
    return 0;
}

static int merge_v4(const struct census *a, const struct census *b, struct census *ret)
{
    for (size_t i = 0, j = 0; i < a->v4_n || j < b->v4_n;) {
        bool from_a = j == b->v4_n || (i < a->v4_n && a->v4[i] <= b->v4[j]);
        bool from_b = i == a->v4_n || (j < b->v4_n && b->v4[j] <= a->v4[i]);
        struct source_class cl = { 0 };
        uint32_t source = from_a ? a->v4[i] : b->v4[j];
        if (from_a)
            class_merge(&cl, &a->classes[a->v4_class[i++]]);
        if (from_b)
            class_merge(&cl, &b->classes[b->v4_class[j++]]);
        TRY(census_add_v4(ret, source, &cl));
    }
    return 0;
}

static int merge_v6(const struct census *a, const struct census *b, struct census *ret)
{
    for (size_t i = 0, j = 0; i < a->v6_n || j < b->v6_n;) {
        int order = i == a->v6_n ? 1 : j == b->v6_n ? -1 : memcmp(a->v6[i], b->v6[j], 16);
        struct source_class cl = { 0 };
        const uint8_t *source = order <= 0 ? a->v6[i] : b->v6[j];
        if (order <= 0)
            class_merge(&cl, &a->classes[a->v6_class[i++]]);
        if (order >= 0)
            class_merge(&cl, &b->classes[b->v6_class[j++]]);
        TRY(census_add_v6(ret, source, &cl));
    }
    return 0;
}

/* Unions of two classes, by their numbers, looked up rather than worked out anew. */
enum { UNION_SLOTS = 1 << 12 };

struct unions {
    struct {
        uint32_t pair; /* a << 16 | b */
        int number;    /* -1: empty */
    } slot[UNION_SLOTS];
};

static int union_number(struct census *c, struct unions *u, uint16_t a, uint16_t b)
{
    if (a == b)
        return a;
    uint32_t pair = (uint32_t)a << 16 | b;
    unsigned at = (pair * 2654435761u) >> 20;
    if (u->slot[at].number >= 0 && u->slot[at].pair == pair)
        return u->slot[at].number;
    struct source_class cl = c->classes[a];
    class_merge(&cl, &c->classes[b]);
    u->slot[at].pair = pair;
    u->slot[at].number = class_number(c, &cl);
    return u->slot[at].number;
}

/* An item: key is the source, rest its census' number and its class in `ret`. */
static uint64_t item_rest(size_t census, int class)
{
    return (uint64_t)census << 16 | (uint64_t)class;
}

/* Appends v4 sources, sorted with repeats; those of one census come in its order. */
static int add_sorted(struct census *ret, const struct sort_item *item, size_t n, struct unions *u,
                      uint32_t **map, size_t *mapped)
{
    for (size_t i = 0, j; i < n; i = j) {
        int number = (int)(item[i].rest & 0xffff);
        for (j = i; j < n && item[j].key == item[i].key; j++) {
            number = union_number(ret, u, (uint16_t)number, (uint16_t)item[j].rest);
            TRY(number);
            size_t c = (size_t)(item[j].rest >> 16);
            if (map)
                map[c][mapped[c]++] = (uint32_t)ret->v4_n;
        }
        ret->v4[ret->v4_n] = (uint32_t)item[i].key;
        ret->v4_class[ret->v4_n++] = (uint16_t)number;
    }
    return 0;
}

/* Censuses on their way into one, a range of sources at a time: what lies in the range is sorted in cache. */
enum { RANGE_BITS = 24 };

struct uniting {
    const struct census *c;
    size_t n;
    int **number; /* of each census: its classes' numbers in the whole */
    size_t *at;   /* of each: the first source not taken yet */
    size_t *mapped;
    struct sort_item *item; /* of one range, and as much scratch */
    size_t room;
    struct unions unions;
};

static void uniting_release(struct uniting *u)
{
    for (size_t i = 0; u->number && i < u->n; i++)
        free(u->number[i]);
    free(u->number);
    free(u->at);
    free(u->mapped);
    free(u->item);
    free(u);
}

static int uniting_make(struct uniting **ret, const struct census *c, size_t n)
{
    struct uniting *u = calloc(1, sizeof *u);
    if (!u)
        return -ENOMEM;
    u->c = c;
    u->n = n;
    u->number = calloc(n + 1, sizeof *u->number);
    u->at = calloc(n + 1, sizeof *u->at);
    u->mapped = calloc(n + 1, sizeof *u->mapped);
    for (size_t i = 0; i < UNION_SLOTS; i++)
        u->unions.slot[i].number = -1;
    *ret = u;
    return u->number && u->at && u->mapped ? 0 : -ENOMEM;
}

static int number_classes(struct uniting *u, struct census *ret)
{
    for (size_t i = 0; i < u->n; i++) {
        const struct census *c = &u->c[i];
        u->number[i] = malloc((c->class_n + 1) * sizeof **u->number);
        if (!u->number[i])
            return -ENOMEM;
        for (size_t j = 0; j < c->class_n; j++) {
            u->number[i][j] = class_number(ret, &c->classes[j]);
            TRY(u->number[i][j]);
        }
    }
    return 0;
}

/* The range's sources, census by census; their classes' numbers in the whole. */
static int gather_range(struct uniting *u, uint32_t range, size_t *ret_n)
{
    size_t n = 0;
    for (size_t i = 0; i < u->n; i++) {
        const struct census *c = &u->c[i];
        for (; u->at[i] < c->v4_n && c->v4[u->at[i]] >> RANGE_BITS == range; u->at[i]++) {
            if (n == u->room)
                TRY(array_grow(&u->item, &u->room, n + 1, 2 * sizeof *u->item));
            u->item[n++] = (struct sort_item){
                c->v4[u->at[i]], item_rest(i, u->number[i][c->v4_class[u->at[i]]])
            };
        }
    }
    *ret_n = n;
    return 0;
}

static int make_maps(const struct census *c, size_t n, uint32_t **map)
{
    for (size_t i = 0; i < n; i++) {
        map[i] = malloc((c[i].v4_n + 1) * sizeof *map[i]);
        if (!map[i])
            return -ENOMEM;
    }
    return 0;
}

static int unite_ranges(struct uniting *u, struct census *ret, uint32_t **map)
{
    TRY(number_classes(u, ret));
    for (uint32_t range = 0; range < 1u << (32 - RANGE_BITS); range++) {
        size_t n;
        TRY(gather_range(u, range, &n));
        sort_items(u->item, u->item + u->room, n, 0, RANGE_BITS);
        TRY(add_sorted(ret, u->item, n, &u->unions, map, u->mapped));
    }
    return 0;
}

static int unite_v4(const struct census *c, size_t n, struct census *ret, uint32_t **map)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += c[i].v4_n;
    struct uniting *u = NULL;
    int err = uniting_make(&u, c, n);
    if (!err)
        err = room_v4(ret, sum);
    if (!err && map)
        err = make_maps(c, n, map);
    if (!err)
        err = unite_ranges(u, ret, map);
    if (u)
        uniting_release(u);
    return err;
}

int census_unite(const struct census *c, size_t n, struct census *ret, uint32_t **map)
{
    int err = unite_v4(c, n, ret, map);
    struct census v6 = { 0 };
    for (size_t i = 0; !err && i < n; i++) {
        if (c[i].v6_n == 0)
            continue;
        struct census more = { 0 };
        err = merge_v6(&v6, &c[i], &more);
        census_release(&v6);
        v6 = more;
    }
    for (size_t i = 0; !err && i < v6.v6_n; i++)
        err = census_add_v6(ret, v6.v6[i], &v6.classes[v6.v6_class[i]]);
    census_release(&v6);
    if (err)
        census_release(ret);
    return err;
}

int census_merge(const struct census *a, const struct census *b, struct census *ret)
{
    int err = room_v4(ret, a->v4_n + b->v4_n);
    if (!err)
        err = merge_v4(a, b, ret);
    if (!err)
        err = merge_v6(a, b, ret);
    if (err)
        census_release(ret);
    return err;
}

/* Sources whose class is marked in `wanted`. */
static uint64_t count_classes(const struct census *c, const bool *wanted)
{
    uint64_t n = 0;
    for (size_t i = 0; i < c->v4_n; i++)
        n += wanted[c->v4_class[i]];
    for (size_t i = 0; i < c->v6_n; i++)
        n += wanted[c->v6_class[i]];
    return n;
}

uint64_t census_count_kind(const struct census *c, enum kind kind)
{
    bool wanted[CENSUS_CLASSES];
    for (size_t i = 0; i < c->class_n; i++)
        wanted[i] = c->classes[i].kinds >> kind & 1;
    return count_classes(c, wanted);
}

uint64_t census_count_proto(const struct census *c, enum proto proto)
{
    bool wanted[CENSUS_CLASSES];
    for (size_t i = 0; i < c->class_n; i++)
        wanted[i] = c->classes[i].protos >> proto & 1;
    return count_classes(c, wanted);
}

uint64_t census_count_fingerprint(const struct census *c, unsigned number)
{
    bool wanted[CENSUS_CLASSES];
    for (size_t i = 0; i < c->class_n; i++)
        wanted[i] = (c->classes[i].kinds >> KIND_ACCESS & 1) &&
                    class_has_fingerprint(&c->classes[i], number);
    return count_classes(c, wanted);
}

static int by_u32(const void *key, const void *item)
{
    uint32_t a = *(const uint32_t *)key, b = *(const uint32_t *)item;
    return (a > b) - (a < b);
}

static int by_bytes(const void *key, const void *item)
{
    return memcmp(key, item, 16);
}

const struct source_class *census_find(const struct census *c, const struct addr *a)
{
    if (a->family == 4) {
        uint32_t source = addr_u32(a);
        const uint32_t *at =
            c->v4_n ? bsearch(&source, c->v4, c->v4_n, sizeof *c->v4, by_u32) : NULL;
        return at ? &c->classes[c->v4_class[at - c->v4]] : NULL;
    }
    const uint8_t(*at)[16] =
        c->v6_n ? bsearch(a->bytes, c->v6, c->v6_n, sizeof *c->v6, by_bytes) : NULL;
    return at ? &c->classes[c->v6_class[at - c->v6]] : NULL;
}

static bool meets_v4(const struct census *c, const struct prefix *p)
{
    uint32_t least = addr_u32(&p->addr);
    size_t low = 0, high = c->v4_n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->v4[mid] < least)
            low = mid + 1;
        else
            high = mid;
    }
    struct addr next = addr_v4(low < c->v4_n ? c->v4[low] : 0);
    return low < c->v4_n && prefix_has(p, &next);
}

bool census_meets(const struct census *c, const struct prefix *p)
{
    if (p->addr.family == 4)
        return meets_v4(c, p);
    size_t low = 0, high = c->v6_n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (memcmp(c->v6[mid], p->addr.bytes, 16) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    struct addr next = { .family = 6 };
    if (low < c->v6_n)
        memcpy(next.bytes, c->v6[low], 16);
    return low < c->v6_n && prefix_has(p, &next);
}

/* A part: the unpacked size, then zstd of the bytes. */
static int put_packed(struct zstd_packer *z, struct buf *out, const void *data, size_t n)
{
    struct buf packed;
    buf_init(&packed, BLOB_MAX);
    int err = zstd_pack(z, &packed, data, n, LEVEL);
    if (!err) {
        buf_varint(out, n);
        buf_part(out, packed.data, packed.len);
        err = buf_status(out);
    }
    buf_release(&packed);
    return err;
}

static int put_classes(struct zstd_packer *z, struct buf *out, const struct census *c)
{
    struct buf b;
    buf_init(&b, BLOB_MAX);
    for (size_t i = 0; i < c->class_n; i++) {
        buf_le64(&b, c->classes[i].labels[0]);
        buf_le64(&b, c->classes[i].labels[1]);
        buf_u8(&b, c->classes[i].kinds);
        buf_u8(&b, c->classes[i].tools);
        buf_u8(&b, c->classes[i].protos);
    }
    int err = buf_status(&b);
    if (!err)
        err = put_packed(z, out, b.data, b.len);
    buf_release(&b);
    return err;
}

/* Class numbers as one byte where that is enough; zstd finds that most are the same few. */
static int put_numbers(struct zstd_packer *z, struct buf *out, const struct census *c,
                       const uint16_t *number, size_t n)
{
    struct buf b;
    buf_init(&b, BLOB_MAX);
    for (size_t i = 0; i < n; i++) {
        buf_u8(&b, (uint8_t)number[i]);
        if (c->class_n > 256)
            buf_u8(&b, (uint8_t)(number[i] >> 8));
    }
    int err = buf_status(&b);
    if (!err)
        err = put_packed(z, out, b.data, b.len);
    buf_release(&b);
    return err;
}

static int put_steps(struct buf *out, const struct census *c)
{
    struct buf b;
    buf_init(&b, BLOB_MAX);
    uint32_t *step = malloc((c->v4_n + 1) * sizeof *step);
    if (!step)
        return -ENOMEM;
    for (size_t i = 0; i < c->v4_n; i++)
        step[i] = i ? c->v4[i] - c->v4[i - 1] - 1 : c->v4[0];
    bits_pack(&b, step, c->v4_n);
    free(step);
    int err = buf_status(&b);
    if (!err)
        buf_part(out, b.data, b.len);
    buf_release(&b);
    return err ? err : buf_status(out);
}

int census_encode(const struct census *c, struct zstd_packer *z, struct buf *out)
{
    size_t start = out->len;
    buf_u8(out, VERSION);
    buf_varint(out, c->class_n);
    buf_varint(out, c->v4_n);
    buf_varint(out, c->v6_n);
    TRY(put_classes(z, out, c));
    TRY(put_steps(out, c));
    TRY(put_numbers(z, out, c, c->v4_class, c->v4_n));
    TRY(put_packed(z, out, c->v6, c->v6_n * sizeof *c->v6));
    TRY(put_numbers(z, out, c, c->v6_class, c->v6_n));
    seal_put(out, start);
    return buf_status(out);
}

/* A packed part of exactly n bytes, which the caller frees. */
static int get_packed(struct zstd_packer *z, struct rd *r, size_t n, uint8_t **ret)
{
    uint64_t size = rd_varint(r);
    struct rd part = rd_part(r);
    if (!rd_ok(r) || size != n)
        return 1;
    uint8_t *plain = malloc(n ? n : 1);
    if (!plain)
        return -ENOMEM;
    int err = zstd_unpack(z, plain, n, part.p, rd_left(&part));
    if (err)
        free(plain);
    else
        *ret = plain;
    return err;
}

/* What a source can be: others would make more classes than there is room for. */
static bool is_class(const struct source_class *c)
{
    unsigned kinds = 1u << KIND_ACCESS | 1u << KIND_BACKSCATTER | 1u << KIND_OTHER;
    return (c->kinds & ~kinds) == 0 && c->tools < MARK_TOOLS && c->protos < 1u << PROTOS;
}

static int get_classes(struct zstd_packer *z, struct rd *r, size_t n, struct census *c)
{
    uint8_t *plain;
    int err = get_packed(z, r, n * CLASS_BYTES, &plain);
    if (err)
        return err;
    struct rd p = rd_init(plain, n * CLASS_BYTES);
    bool sound = true;
    err = resize(&c->classes, n + 1, sizeof *c->classes);
    for (size_t i = 0; !err && i < n; i++) {
        struct source_class cl = { 0 };
        cl.labels[0] = rd_le64(&p);
        cl.labels[1] = rd_le64(&p);
        cl.kinds = rd_u8(&p);
        cl.tools = rd_u8(&p);
        cl.protos = rd_u8(&p);
        sound &= is_class(&cl);
        c->classes[i] = cl;
    }
    free(plain);
    if (!err) {
        c->class_n = n;
        c->class_room = n + 1;
    }
    return err ? err : !sound;
}

static int get_steps(struct rd *r, struct census *c, size_t n)
{
    struct rd part = rd_part(r);
    bits_unpack(&part, c->v4, n);
    if (!rd_done(&part))
        return 1;
    for (size_t i = 1; i < n; i++) {
        uint64_t source = (uint64_t)c->v4[i - 1] + c->v4[i] + 1;
        if (source > UINT32_MAX)
            return 1;
        c->v4[i] = (uint32_t)source;
    }
    return 0;
}

static int get_numbers(struct zstd_packer *z, struct rd *r, const struct census *c,
                       uint16_t *number, size_t n)
{
    size_t width = c->class_n > 256 ? 2 : 1;
    uint8_t *plain;
    int err = get_packed(z, r, n * width, &plain);
    if (err)
        return err;
    for (size_t i = 0; !err && i < n; i++) {
        number[i] = plain[i * width];
        if (width == 2)
            number[i] |= (uint16_t)(plain[i * 2 + 1] << 8);
        if (number[i] >= c->class_n)
            err = 1;
    }
    free(plain);
    return err;
}

static int get_v6(struct zstd_packer *z, struct rd *r, struct census *c, size_t n)
{
    uint8_t *plain;
    int err = get_packed(z, r, n * 16, &plain);
    if (err)
        return err;
    memcpy(c->v6, plain, n * 16);
    free(plain);
    for (size_t i = 1; i < n; i++)
        if (memcmp(c->v6[i - 1], c->v6[i], 16) >= 0)
            return 1;
    return 0;
}

int census_decode(struct census *c, struct zstd_packer *z, const void *data, size_t n)
{
    bool sealed = n > 0 && *(const uint8_t *)data == VERSION;
    if (sealed && !seal_holds(data, n))
        return 1;
    struct rd r = rd_init(data, sealed ? n - SEAL : n);
    uint8_t version = rd_u8(&r);
    uint64_t classes = rd_varint(&r), v4 = rd_varint(&r), v6 = rd_varint(&r);
    if (!rd_ok(&r) || (version != VERSION && version != UNSEALED) || classes > CENSUS_CLASSES || v4 > SOURCES_MAX ||
        v6 > SOURCES_MAX || v4 / BITS_BLOCK > n || v6 / BITS_BLOCK > n) /* no bytes tell of that many */
        return 1;
    int err = get_classes(z, &r, (size_t)classes, c);
    if (!err)
        err = room_v4(c, (size_t)v4 + 1);
    if (!err)
        err = room_v6(c, (size_t)v6 + 1);
    if (!err)
        err = get_steps(&r, c, (size_t)v4);
    if (!err)
        err = get_numbers(z, &r, c, c->v4_class, (size_t)v4);
    if (!err)
        err = get_v6(z, &r, c, (size_t)v6);
    if (!err)
        err = get_numbers(z, &r, c, c->v6_class, (size_t)v6);
    if (!err && !rd_done(&r))
        err = 1;
    if (err) {
        census_release(c);
        return err;
    }
    c->v4_n = (size_t)v4;
    c->v6_n = (size_t)v6;
    return 0;
}
