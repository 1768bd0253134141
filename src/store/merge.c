#include "store/inside.h"

#include "base/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One run's flows, a chunk at a time. */
struct cursor {
    int64_t run;
    struct chunk chunk;
    size_t at, dest_at;   /* in the chunk */
    int64_t *id;          /* chunks still to come */
    size_t id_n, id_at;
    uint32_t *number;     /* IPv6: the chunk's numbers as the merge's */
    struct census census; /* IPv4: the run's numbers as addresses */
};

struct merge {
    struct store *s;
    struct span span;
    uint8_t family;
    struct cursor *cursor;
    size_t n;
    struct cursor **heap; /* by next key, least first */
    size_t heap_n;
    uint8_t (*dictionary)[16]; /* of the hour's IPv6 addresses */
    size_t dictionary_n;
    uint32_t *dest, *scratch; /* of the flow handed out */
    size_t dest_room;
};

/* ---- chunks ---- */

int chunk_load(struct store *s, int64_t id, int (*decode)(void *, const void *, size_t), void *context)
{
    struct stmt *q = db_stmt(s->db, "SELECT coalesce(c.blob, l.blob) FROM chunk c"
                                    " LEFT JOIN log l ON l.seq=c.seq WHERE c.id=?");
    db_bind_int(q, 1, id);
    int row = db_step(s->db, q);
    int err = row < 0 ? row : row == 0 ? -EUCLEAN : 0;
    if (!err) {
        size_t n;
        const void *data = db_blob(q, 0, &n);
        err = decode(context, data, n);
    }
    db_done(q);
    if (err > 0) {
        snprintf(s->why, sizeof s->why, "chunk %lld is damaged", (long long)id);
        err = -EUCLEAN;
    }
    return err;
}

/* A cursor whose merge wants its next chunk. */
struct wanting {
    const struct merge *m;
    struct cursor *c;
};

static int decode_chunk(void *context, const void *data, size_t n)
{
    struct wanting *w = context;
    struct chunk *c = &w->c->chunk;
    int err = chunk_decode(w->m->s->codec, data, n, w->m->span.how, c);
    if (!err && (c->family != w->m->family || c->hour != w->m->span.hour))
        err = 1; /* its row says otherwise */
    return err;
}

static int load_chunk(struct merge *m, struct cursor *c, int64_t id)
{
    struct wanting w = { m, c };
    c->at = c->dest_at = 0;
    return chunk_load(m->s, id, decode_chunk, &w);
}

/* Numbers of the run's census as addresses, or as the span maps them. They come from a worker: each is
 * checked. */
static int translate_v4(struct merge *m, struct cursor *c)
{
    const uint32_t *map = m->span.map ? m->span.map : c->census.v4;
    size_t n = m->span.map ? m->span.map_n : c->census.v4_n;
    for (size_t i = 0; i < c->chunk.n; i++) {
        struct flow *f = &c->chunk.flow[i];
        if (flow_source(f) >= n) {
            snprintf(m->s->why, sizeof m->s->why, "run %lld is damaged", (long long)c->run);
            return -EUCLEAN;
        }
        f->key = f->key >> 32 << 32 | map[flow_source(f)];
    }
    return 0;
}

/* Numbers of the chunk's dictionary in the merge's. */
static int translate_v6(const struct merge *m, struct cursor *c)
{
    uint32_t *number = realloc(c->number, (c->chunk.addr_n + 1) * sizeof *number);
    if (!number)
        return -ENOMEM;
    c->number = number;
    size_t j = 0;
    for (size_t i = 0; i < c->chunk.addr_n; i++) {
        size_t low = j, high = m->dictionary_n;
        while (low < high) {
            size_t mid = low + (high - low) / 2;
            if (memcmp(m->dictionary[mid], c->chunk.addr[i], 16) < 0)
                low = mid + 1;
            else
                high = mid;
        }
        j = low;
        number[i] = (uint32_t)low;
    }
    for (size_t i = 0; i < c->chunk.n; i++)
        c->chunk.flow[i].key =
            c->chunk.flow[i].key >> 32 << 32 | number[flow_source(&c->chunk.flow[i])];
    for (size_t i = 0; i < c->chunk.dest_n; i++)
        c->chunk.dest[i] = number[c->chunk.dest[i]];
    return 0;
}

static const struct flow *cursor_flow(const struct cursor *c)
{
    return &c->chunk.flow[c->at];
}

/* To the first flow at or after `first`; *ret_more false where the run has no more in the range. */
static int settle(struct merge *m, struct cursor *c, bool *ret_more)
{
    for (;;) {
        while (c->at < c->chunk.n && cursor_flow(c)->key < m->span.first) {
            c->dest_at += cursor_flow(c)->dests;
            c->at++;
        }
        if (c->at < c->chunk.n) {
            *ret_more = cursor_flow(c)->key <= m->span.last;
            return 0;
        }
        if (c->id_at == c->id_n) {
            *ret_more = false;
            return 0;
        }
        TRY(load_chunk(m, c, c->id[c->id_at++]));
        TRY(m->family == 6 ? translate_v6(m, c) : translate_v4(m, c));
    }
}

/* ---- the heap ---- */

static void sift(struct merge *m, size_t i)
{
    for (;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < m->heap_n; child++)
            if (cursor_flow(m->heap[child])->key < cursor_flow(m->heap[least])->key)
                least = child;
        if (least == i)
            return;
        struct cursor *swap = m->heap[i];
        m->heap[i] = m->heap[least];
        m->heap[least] = swap;
        i = least;
    }
}

static int step(struct merge *m)
{
    struct cursor *c = m->heap[0];
    bool more;
    c->dest_at += cursor_flow(c)->dests;
    c->at++;
    if (m->heap_n == 1 && c->at < c->chunk.n && cursor_flow(c)->key <= m->span.last)
        return 0; /* one run, as most hours are: nothing to choose from */
    TRY(settle(m, c, &more));
    if (!more)
        m->heap[0] = m->heap[--m->heap_n];
    sift(m, 0);
    return 0;
}

/* ---- opening ---- */

static int list_runs(struct merge *m)
{
    struct store *s = m->s;
    struct stmt *q = db_stmt(s->db, "SELECT id FROM run WHERE hour=?1 AND state=1"
                                    " AND (?2=-1 OR level=?2) AND (?3=0 OR id=?3) ORDER BY id");
    db_bind_int(q, 1, m->span.hour);
    db_bind_int(q, 2, m->span.level);
    db_bind_int(q, 3, m->span.run);
    int row;
    while ((row = db_step(s->db, q)) == 1) {
        struct cursor *c = realloc(m->cursor, (m->n + 1) * sizeof *c);
        if (!c) {
            row = -ENOMEM;
            break;
        }
        m->cursor = c;
        m->cursor[m->n++] = (struct cursor){ .run = db_int(q, 0) };
    }
    db_done(q);
    return row;
}

static int list_chunks(struct merge *m, struct cursor *c)
{
    struct store *s = m->s;
    c->id_n = c->id_at = 0;
    c->at = c->dest_at = c->chunk.n = 0;
    struct stmt *q = db_stmt(s->db, "SELECT id FROM chunk WHERE run=? AND family=? AND first<=?"
                                    " AND last>=? ORDER BY first");
    db_bind_int(q, 1, c->run);
    db_bind_int(q, 2, m->family);
    db_bind_int(q, 3, key_to_sql(m->span.last));
    db_bind_int(q, 4, key_to_sql(m->span.first));
    int row;
    size_t room = 0;
    while ((row = db_step(s->db, q)) == 1) {
        if ((row = ARRAY_ROOM(c->id, room, c->id_n + 1)) < 0)
            break;
        c->id[c->id_n++] = db_int(q, 0);
    }
    db_done(q);
    return row;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

/* All IPv6 addresses of the hour's chunks, ascending. */
static int gather_dictionary(struct merge *m)
{
    size_t n = 0, room = 0;
    for (size_t i = 0; i < m->n; i++) {
        struct cursor *c = &m->cursor[i];
        for (size_t j = 0; j < c->id_n; j++) {
            TRY(load_chunk(m, c, c->id[j]));
            TRY(ARRAY_ROOM(m->dictionary, room, n + c->chunk.addr_n));
            memcpy(m->dictionary + n, c->chunk.addr, c->chunk.addr_n * 16);
            n += c->chunk.addr_n;
        }
        c->chunk.n = c->at = 0;
    }
    if (n == 0)
        return 0;
    qsort(m->dictionary, n, 16, by_bytes);
    size_t kept = 1;
    for (size_t i = 1; i < n; i++)
        if (memcmp(m->dictionary[i], m->dictionary[kept - 1], 16) != 0)
            memcpy(m->dictionary[kept++], m->dictionary[i], 16);
    m->dictionary_n = kept;
    return 0;
}

static int start_family(struct merge *m, uint8_t family)
{
    m->family = family;
    m->heap_n = 0;
    for (size_t i = 0; i < m->n; i++)
        TRY(list_chunks(m, &m->cursor[i]));
    for (size_t i = 0; i < m->n && family == 4 && !m->span.map; i++)
        if (m->cursor[i].id_n)
            TRY(run_summary_load(m->s, m->cursor[i].run, NULL, &m->cursor[i].census));
    if (family == 6)
        TRY(gather_dictionary(m));
    for (size_t i = 0; i < m->n; i++) {
        bool more;
        TRY(settle(m, &m->cursor[i], &more));
        if (more)
            m->heap[m->heap_n++] = &m->cursor[i];
    }
    for (size_t i = m->heap_n; i-- > 0;)
        sift(m, i);
    return 0;
}

int merge_open(struct merge **ret, struct store *s, const struct span *span)
{
    struct merge *m = calloc(1, sizeof *m);
    if (!m)
        return -ENOMEM;
    m->s = s;
    m->span = *span;
    int err = list_runs(m);
    if (!err) {
        m->heap = malloc((m->n + 1) * sizeof *m->heap);
        err = m->heap ? start_family(m, span->family == 6 ? 6 : 4) : -ENOMEM;
    }
    if (err) {
        merge_close(m);
        return err;
    }
    *ret = m;
    return 0;
}

void merge_close(struct merge *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n; i++) {
        chunk_release(&m->cursor[i].chunk);
        free(m->cursor[i].id);
        free(m->cursor[i].number);
        census_release(&m->cursor[i].census);
    }
    free(m->cursor);
    free(m->heap);
    free(m->dictionary);
    free(m->dest);
    free(m->scratch);
    free(m);
}

/* ---- flows ---- */

static int add_dests(struct merge *m, const struct cursor *c, size_t have)
{
    size_t n = cursor_flow(c)->dests;
    if (have + n > m->dest_room) {
        size_t room = (have + n) * 2;
        uint32_t *dest = realloc(m->dest, room * sizeof *dest);
        uint32_t *scratch = dest ? realloc(m->scratch, room * sizeof *scratch) : NULL;
        if (dest)
            m->dest = dest;
        if (scratch)
            m->scratch = scratch;
        if (!dest || !scratch)
            return -ENOMEM;
        m->dest_room = room;
    }
    memcpy(m->dest + have, c->chunk.dest + c->dest_at, n * sizeof *m->dest);
    return 0;
}

static void fold_flow(struct flow *into, const struct flow *f)
{
    into->packets = into->packets > UINT32_MAX - f->packets ? UINT32_MAX
                                                            : into->packets + f->packets;
    into->bytes += f->bytes;
    into->first = f->first < into->first ? f->first : into->first;
    into->last = f->last > into->last ? f->last : into->last;
}

/* The flow at the top, with those of the same key in other runs. */
static int take_flow(struct merge *m, struct flow *ret, const uint32_t **ret_dest)
{
    bool lists = m->span.how == CHUNK_ALL;
    struct flow f = *cursor_flow(m->heap[0]);
    size_t n = f.dests;
    if (lists)
        TRY(add_dests(m, m->heap[0], 0));
    TRY(step(m));
    bool several = false;
    while (m->heap_n && cursor_flow(m->heap[0])->key == f.key) {
        const struct flow *more = cursor_flow(m->heap[0]);
        fold_flow(&f, more);
        if (lists)
            TRY(add_dests(m, m->heap[0], n));
        n = lists ? n + more->dests : (n > more->dests ? n : more->dests);
        several = true;
        TRY(step(m));
    }
    if (lists && several) {
        sort_u32(m->dest, m->scratch, n);
        n = sort_unique_u32(m->dest, n);
    }
    f.dests = (uint32_t)n;
    *ret = f;
    *ret_dest = lists ? m->dest : NULL;
    return 1;
}

int merge_next(struct merge *m, struct flow *ret, const uint32_t **ret_dest)
{
    if (m->heap_n == 1 && m->span.how != CHUNK_ALL) {
        *ret = *cursor_flow(m->heap[0]);
        *ret_dest = NULL;
        TRY(step(m));
        return 1;
    }
    if (m->heap_n == 0 && m->family == 4 && m->span.family == 0)
        TRY(start_family(m, 6));
    return m->heap_n ? take_flow(m, ret, ret_dest) : 0;
}

uint8_t merge_family(const struct merge *m)
{
    return m->family;
}

const uint8_t (*merge_dictionary(const struct merge *m, size_t *ret_n))[16]
{
    *ret_n = m->dictionary_n;
    return (const uint8_t(*)[16])m->dictionary;
}

struct addr merge_address(const struct merge *m, uint32_t number)
{
    if (m->family == 4)
        return addr_v4(number);
    struct addr a = { .family = 6 };
    memcpy(a.bytes, m->dictionary[number], 16);
    return a;
}
