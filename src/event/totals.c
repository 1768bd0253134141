#include "event/totals.h"

#include "base/array.h"
#include "base/zstd.h"
#include "event/seal.h"

#include <stdlib.h>

enum { BLOB_MAX = 64 << 20, LEVEL = 1, BLOCK = 1024, BLOCK_MAX = BLOCK * 40, SEALED = 0 };

void totals_release(struct totals *t)
{
    free(t->item);
    *t = (struct totals){ 0 };
}

int totals_add(struct totals *t, uint32_t scope, uint64_t packets, uint64_t bytes, uint64_t sources)
{
    TRY(ARRAY_ROOM(t->item, t->room, t->n + 1));
    t->item[t->n++] = (struct total){ scope, packets, bytes, sources };
    return 0;
}

static int by_scope(const void *a, const void *b)
{
    const struct total *x = a, *y = b;
    return (x->scope > y->scope) - (x->scope < y->scope);
}

void totals_settle(struct totals *t)
{
    if (t->n == 0)
        return;
    bool sorted = true;
    for (size_t i = 1; i < t->n && sorted; i++)
        sorted = t->item[i - 1].scope < t->item[i].scope;
    if (sorted)
        return;
    qsort(t->item, t->n, sizeof *t->item, by_scope);
    size_t kept = 0;
    for (size_t i = 1; i < t->n; i++) {
        struct total *last = &t->item[kept], *next = &t->item[i];
        if (last->scope == next->scope) {
            last->packets += next->packets;
            last->bytes += next->bytes;
            last->sources += next->sources;
        } else {
            t->item[++kept] = *next;
        }
    }
    t->n = kept + 1;
}

const struct total *totals_find(const struct totals *t, uint32_t scope)
{
    size_t low = 0, high = t->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (t->item[mid].scope < scope)
            low = mid + 1;
        else
            high = mid;
    }
    return low < t->n && t->item[low].scope == scope ? &t->item[low] : NULL;
}

/* Blobs of this file: the unpacked size, then zstd. */
static int pack(struct buf *plain, struct zstd_packer *z, struct buf *out)
{
    int err = buf_status(plain);
    if (!err) {
        buf_varint(out, plain->len);
        err = zstd_pack(z, out, plain->data, plain->len, LEVEL);
    }
    buf_release(plain);
    return err ? err : buf_status(out);
}

static int unpack(struct zstd_packer *z, const void *data, size_t n, void **ret, size_t *ret_n)
{
    struct rd r = rd_init(data, n);
    uint64_t size = rd_varint(&r);
    if (!rd_ok(&r) || size > BLOB_MAX)
        return 1;
    void *plain = malloc(size ? (size_t)size : 1);
    if (!plain)
        return -ENOMEM;
    int err = zstd_unpack(z, plain, (size_t)size, r.p, rd_left(&r));
    if (err) {
        free(plain);
        return err;
    }
    *ret = plain;
    *ret_n = (size_t)size;
    return 0;
}

static void put_total(struct buf *b, const struct total *x, uint32_t before)
{
    buf_varint(b, (x->scope - before) >> 10);
    buf_varint(b, x->packets);
    buf_varint(b, x->bytes);
    buf_varint(b, x->sources);
}

/*
 * The wide scopes, which come last, stand in front and as they are: most questions need no more. Services
 * follow in blocks, each with its first scope, its size before zstd, and zstd: a question about one port
 * unpacks one block. A zero in front (the wide scopes of a blob with anything in it are never of no length)
 * tells of a seal at the end; those of before have neither.
 */
int totals_encode(const struct totals *t, struct zstd_packer *z, struct buf *out)
{
    struct buf plain, packed;
    buf_init(&plain, BLOB_MAX);
    buf_init(&packed, BLOB_MAX);
    size_t services = 0, start = out->len;
    buf_u8(out, SEALED);
    while (services < t->n && scope_is_service(t->item[services].scope))
        services++;
    for (size_t i = services; i < t->n; i++)
        put_total(&plain, &t->item[i], i == services ? 0 : t->item[i - 1].scope);
    buf_part(out, plain.data, plain.len);
    int err = buf_status(&plain);
    for (size_t i = 0; !err && i < services; i += BLOCK) {
        buf_reset(&plain);
        buf_reset(&packed);
        for (size_t j = i; j < services && j < i + BLOCK; j++)
            put_total(&plain, &t->item[j], j > i ? t->item[j - 1].scope : t->item[i].scope);
        err = zstd_pack(z, &packed, plain.data, plain.len, LEVEL);
        buf_varint(out, t->item[i].scope >> 10);
        buf_varint(out, plain.len);
        buf_part(out, packed.data, packed.len);
    }
    buf_release(&plain);
    buf_release(&packed);
    seal_put(out, start);
    return err ? err : buf_status(out);
}

static bool is_scope(uint32_t scope)
{
    static const uint32_t numbers[] = { [SCOPE_KIND] = 1,
                                        [SCOPE_PROTO] = PROTOS,
                                        [SCOPE_FINGERPRINT] = FINGERPRINTS };
    return head_kind(scope) < KINDS &&
           (scope_is_service(scope) || head_port(scope) < numbers[scope >> 29]);
}

/* Moves *scope by the step that a blob says; false where that is no scope after it. */
static bool next_scope(uint64_t *scope, uint64_t step, bool first)
{
    if (step > UINT32_MAX >> 10 || (step == 0 && !first))
        return false;
    *scope += step << 10;
    return *scope <= UINT32_MAX && is_scope((uint32_t)*scope);
}

/* Scopes from `first` on: services, or wide ones. Only those in [least, most] are kept. */
static int get_totals(struct rd *r, struct totals *t, uint64_t scope, uint32_t least, uint32_t most)
{
    bool services = most < (uint32_t)SCOPE_KIND << 29;
    for (bool first = true; rd_left(r); first = false) {
        uint64_t step = rd_varint(r), packets = rd_varint(r), bytes = rd_varint(r),
                 sources = rd_varint(r);
        if (!rd_ok(r) || !next_scope(&scope, step, first) ||
            scope_is_service((uint32_t)scope) != services)
            return 1;
        if (scope >= least && scope <= most)
            TRY(totals_add(t, (uint32_t)scope, packets, bytes, sources));
    }
    return 0;
}

static int get_block(struct zstd_packer *z, struct rd packed, uint64_t size, uint32_t scope,
                     struct totals *t, uint32_t least, uint32_t most)
{
    if (size > BLOCK_MAX)
        return 1;
    uint8_t *plain = malloc(size ? (size_t)size : 1);
    if (!plain)
        return -ENOMEM;
    int err = zstd_unpack(z, plain, (size_t)size, packed.p, rd_left(&packed));
    struct rd r = rd_init(plain, (size_t)size);
    if (!err)
        err = get_totals(&r, t, scope, least, most);
    free(plain);
    return err;
}

/* A block holds what lies from its first scope up to the next block's. */
static int get_services(struct zstd_packer *z, struct rd *r, struct totals *t)
{
    const uint32_t end = ((uint32_t)SCOPE_KIND << 29) - 1;
    uint32_t least = t->want == TOTALS_ALL ? 0 : t->first, most = t->want == TOTALS_ALL ? end : t->last;
    most = most < end ? most : end;
    uint64_t before = 0;
    for (bool first = true; rd_left(r); first = false) {
        uint64_t scope = rd_varint(r) << 10, size = rd_varint(r);
        struct rd packed = rd_part(r);
        if (!rd_ok(r) || scope > end || (!first && scope <= before))
            return 1;
        before = scope;
        struct rd ahead = *r;
        uint64_t next = rd_left(&ahead) ? rd_varint(&ahead) << 10 : UINT64_MAX;
        if (scope > most || next <= least)
            continue;
        int err = get_block(z, packed, size, (uint32_t)scope, t, least, most);
        if (err)
            return err;
    }
    return 0;
}

int totals_decode(struct totals *t, struct zstd_packer *z, const void *data, size_t n)
{
    bool sealed = n > 1 && *(const uint8_t *)data == SEALED;
    if (sealed && !seal_holds(data, n))
        return 1;
    struct rd r = rd_init(data, sealed ? n - SEAL : n);
    if (sealed)
        rd_u8(&r);
    struct rd wide = rd_part(&r);
    size_t before_n = t->n;
    int err = rd_ok(&r) && rd_ok(&wide) ? 0 : 1;
    if (!err && t->want != TOTALS_WIDE)
        err = get_services(z, &r, t);
    if (!err)
        err = get_totals(&wide, t, 0, 0, UINT32_MAX);
    if (err)
        t->n = before_n;
    return err;
}

void minutes_release(struct minutes *m)
{
    free(m->item);
    *m = (struct minutes){ 0 };
}

int minutes_add(struct minutes *m, uint32_t scope, unsigned minute, uint32_t packets)
{
    TRY(ARRAY_ROOM(m->item, m->room, m->n + 1));
    m->item[m->n++] =
        (struct minute_cell){ .scope = scope, .packets = packets, .minute = (uint8_t)minute };
    return 0;
}

static int by_cell(const void *a, const void *b)
{
    const struct minute_cell *x = a, *y = b;
    if (x->scope != y->scope)
        return x->scope < y->scope ? -1 : 1;
    return (x->minute > y->minute) - (x->minute < y->minute);
}

void minutes_settle(struct minutes *m)
{
    bool sorted = true;
    for (size_t i = 1; i < m->n && sorted; i++)
        sorted = by_cell(&m->item[i - 1], &m->item[i]) < 0;
    if (m->n == 0 || sorted)
        return;
    qsort(m->item, m->n, sizeof *m->item, by_cell);
    size_t kept = 0;
    for (size_t i = 1; i < m->n; i++) {
        if (by_cell(&m->item[kept], &m->item[i]) == 0)
            m->item[kept].packets += m->item[i].packets;
        else
            m->item[++kept] = m->item[i];
    }
    m->n = kept + 1;
}

/* A service: its scope's step, how many minutes, then a word a minute: step << 1, or step << 1 | 1 and
 * the packets less two. Most minutes of most ports see one packet. */
int minutes_encode(const struct minutes *m, struct zstd_packer *z, struct buf *out)
{
    struct buf plain;
    buf_init(&plain, BLOB_MAX);
    uint32_t before = 0;
    for (size_t i = 0, j; i < m->n; i = j) {
        uint32_t scope = m->item[i].scope;
        for (j = i; j < m->n && m->item[j].scope == scope; j++)
            ;
        buf_varint(&plain, (scope - before) >> 10);
        buf_varint(&plain, j - i);
        before = scope;
        unsigned minute = 0;
        for (size_t k = i; k < j; k++) {
            const struct minute_cell *c = &m->item[k];
            buf_varint(&plain, (c->minute - minute) << 1 | (c->packets > 1));
            if (c->packets > 1)
                buf_varint(&plain, c->packets - 2);
            minute = c->minute;
        }
    }
    return pack(&plain, z, out);
}

static int get_cells(struct rd *r, uint32_t scope, uint64_t n, struct minutes *m)
{
    uint64_t minute = 0;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t word = rd_varint(r);
        uint64_t more = word & 1 ? rd_varint(r) : 0, packets = word & 1 ? more + 2 : 1;
        minute += word >> 1;
        if (!rd_ok(r) || minute > 59 || more > UINT32_MAX || packets > UINT32_MAX)
            return 1;
        TRY(minutes_add(m, scope, (unsigned)minute, (uint32_t)packets));
    }
    return 0;
}

int minutes_decode(struct minutes *m, struct zstd_packer *z, const void *data, size_t n)
{
    void *plain;
    size_t size, before_n = m->n;
    int err = unpack(z, data, n, &plain, &size);
    if (err)
        return err;
    struct rd r = rd_init(plain, size);
    uint64_t scope = 0;
    while (!err && rd_left(&r)) {
        uint64_t step = rd_varint(&r), cells = rd_varint(&r);
        bool sound = rd_ok(&r) && next_scope(&scope, step, m->n == before_n) && cells && cells <= 60 &&
                     scope_is_service((uint32_t)scope);
        err = !sound ? 1 : get_cells(&r, (uint32_t)scope, cells, m);
    }
    free(plain);
    if (err)
        m->n = before_n;
    return err;
}
