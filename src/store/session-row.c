#include "store/session.h"

#include "base/array.h"
#include "base/rd.h"

#include <string.h>

enum { PART_MOST = SESSION_PART + SESSION_PIECE_MOST, PACK_LEVEL = 3 };

/* ---- columns ---- */

static struct addr take_addr(struct stmt *q, int column)
{
    size_t n;
    const void *data = db_blob(q, column, &n);
    struct addr a = { 0 };
    if (n != 4 && n != 16)
        return a;
    a.family = n == 4 ? 4 : 6;
    memcpy(a.bytes, data, n);
    return a;
}

static void take_word(struct stmt *q, int column, struct session_word *ret)
{
    size_t n;
    const void *data = db_blob(q, column, &n);
    ret->n = (uint32_t)(n < sizeof ret->data ? n : sizeof ret->data);
    if (n)
        memcpy(ret->data, data, ret->n);
}

static void take_hash(struct stmt *q, int column, uint8_t ret[static SHA256_BYTES])
{
    size_t n;
    const void *data = db_blob(q, column, &n);
    memset(ret, 0, SHA256_BYTES);
    if (n == SHA256_BYTES)
        memcpy(ret, data, n);
}

void session_take_row(struct stmt *q, struct session_row *ret)
{
    *ret = (struct session_row){ .id = (uint64_t)db_int(q, 0),
                                 .batch = db_int(q, 1),
                                 .start = db_int(q, 2),
                                 .end = db_is_null(q, 3) ? 0 : db_int(q, 3),
                                 .last = db_int(q, 4),
                                 .source = take_addr(q, 5),
                                 .source_port = db_int(q, 6),
                                 .destination = take_addr(q, 7),
                                 .destination_port = db_int(q, 8),
                                 .logged_in = db_int(q, 13),
                                 .commands = db_int(q, 14),
                                 .downloads = db_int(q, 15),
                                 .events = db_int(q, 16),
                                 .spoken = db_int(q, 17),
                                 .unspoken = db_int(q, 18) };
    take_word(q, 9, &ret->service);
    take_word(q, 10, &ret->persona);
    take_word(q, 11, &ret->negotiation);
    take_word(q, 12, &ret->terminal);
    take_hash(q, 19, ret->link);
    take_hash(q, 20, ret->spoken_link);
    take_hash(q, 21, ret->hash);
    buf_init(&ret->pieces, 64 << 20);
}

int session_load(struct store *s, uint64_t id, struct session_row *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT " SESSION_COLUMNS " FROM session s WHERE id=?");
    db_bind_int(q, 1, (int64_t)id);
    int row = db_step(s->db, q);
    if (row == 1)
        session_take_row(q, ret);
    db_done(q);
    return row < 0 ? row : row == 0;
}

/* ---- hashes ---- */

static void hash_addr(struct sha256 *h, const struct addr *a)
{
    sha256_add_part(h, a->bytes, a->family == 4 ? 4 : a->family == 6 ? 16 : 0);
}

void session_row_hash(const struct session_row *row, uint8_t ret[static SHA256_BYTES])
{
    const int64_t number[] = { (int64_t)row->id, row->batch,     row->start,     row->end,
                               row->last,        row->source_port, row->destination_port, row->logged_in,
                               row->commands,    row->downloads, row->events,    row->spoken,
                               row->unspoken };
    const struct session_word *word[] = { &row->service, &row->persona, &row->negotiation, &row->terminal };
    struct sha256 h;
    sha256_begin(&h);
    for (size_t i = 0; i < sizeof number / sizeof number[0]; i++)
        sha256_add_int(&h, number[i]);
    hash_addr(&h, &row->source);
    hash_addr(&h, &row->destination);
    for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
        sha256_add_part(&h, word[i]->data, word[i]->n);
    sha256_add(&h, row->link, SHA256_BYTES);
    sha256_add(&h, row->spoken_link, SHA256_BYTES);
    sha256_end(&h, ret);
}

void session_link_event(uint8_t link[static SHA256_BYTES], int64_t seq, int64_t time, int64_t type, const void *blob,
                        size_t n)
{
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, link, SHA256_BYTES);
    sha256_add_int(&h, seq);
    sha256_add_int(&h, time);
    sha256_add_int(&h, type);
    sha256_add_part(&h, blob, n);
    sha256_end(&h, link);
}

void session_link_piece(uint8_t link[static SHA256_BYTES], const void *piece, size_t n)
{
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, link, SHA256_BYTES);
    sha256_add_part(&h, piece, n);
    sha256_end(&h, link);
}

/* ---- the transcript ---- */

void session_put_piece(struct buf *b, uint64_t at, uint8_t direction, const void *data, size_t n)
{
    buf_varint(b, at);
    buf_u8(b, direction);
    buf_part(b, data, n);
}

int session_next_piece(struct rd *r, struct session_piece *ret, struct rd *ret_whole)
{
    if (rd_left(r) == 0)
        return rd_ok(r) ? 0 : -EUCLEAN;
    const uint8_t *from = r->p;
    *ret = (struct session_piece){ .at = rd_varint(r), .direction = rd_u8(r) };
    struct rd data = rd_part(r);
    if (!rd_ok(r) || !rd_ok(&data))
        return -EUCLEAN;
    ret->data = data.p;
    ret->n = rd_left(&data);
    *ret_whole = rd_init(from, (size_t)(r->p - from));
    return 1;
}

/* One part's bytes behind those of the parts before. */
static int load_part(struct store *s, struct stmt *q, struct buf *ret)
{
    size_t n;
    int64_t size = db_int(q, 0);
    bool packed = db_int(q, 1) != 0;
    const void *data = db_blob(q, 2, &n);
    if (size < 0 || size > PART_MOST || (!packed && n != (size_t)size))
        return -EUCLEAN;
    if (!packed || size == 0) {
        buf_put(ret, data, (size_t)size);
        return buf_status(ret);
    }
    uint8_t *at = buf_add(ret, (size_t)size);
    if (!at)
        return -ENOMEM;
    int err = zstd_unpack(s->zstd, at, (size_t)size, data, n);
    return err > 0 ? -EUCLEAN : err;
}

int session_spoken_load(struct store *s, uint64_t id, struct buf *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT size, packed, blob FROM spoken WHERE session=? ORDER BY part");
    db_bind_int(q, 1, (int64_t)id);
    int row, err = 0;
    while (!err && (row = db_step(s->db, q)) != 0)
        err = row < 0 ? row : load_part(s, q, ret);
    db_done(q);
    return err;
}

int session_spoken_remove(struct store *s, uint64_t id)
{
    struct stmt *q = db_stmt(s->db, "DELETE FROM spoken WHERE session=?");
    db_bind_int(q, 1, (int64_t)id);
    return db_run(s->db, q);
}

/* The last part, where it may grow: its bytes into *ret, and its number; else the number of a new one. */
static int open_part(struct store *s, uint64_t id, struct buf *ret, int64_t *ret_part)
{
    struct stmt *q =
        db_stmt(s->db, "SELECT size, packed, blob, part FROM spoken WHERE session=? ORDER BY part DESC LIMIT 1");
    db_bind_int(q, 1, (int64_t)id);
    int row = db_step(s->db, q), err = row < 0 ? row : 0;
    *ret_part = row == 1 ? db_int(q, 3) : 0;
    if (row == 1 && db_int(q, 1))
        ++*ret_part;
    else if (row == 1)
        err = load_part(s, q, ret);
    db_done(q);
    return err;
}

static int write_part(struct store *s, uint64_t id, int64_t part, const struct buf *plain, bool pack)
{
    struct buf packed;
    buf_init(&packed, 2 * PART_MOST);
    int err = pack ? zstd_pack(s->zstd, &packed, plain->data, plain->len, PACK_LEVEL) : 0;
    if (!err) {
        const struct buf *b = pack ? &packed : plain;
        struct stmt *q = db_stmt(s->db, "INSERT OR REPLACE INTO spoken(session, part, size, packed, blob)"
                                        " VALUES(?, ?, ?, ?, ?)");
        db_bind_int(q, 1, (int64_t)id);
        db_bind_int(q, 2, part);
        db_bind_int(q, 3, (int64_t)plain->len);
        db_bind_int(q, 4, pack);
        db_bind_blob(q, 5, b->data, b->len);
        s->written += b->len;
        err = db_run(s->db, q);
    }
    buf_release(&packed);
    return err;
}

/* Whole pieces up to where a part is full; it is then written packed, and the next begun. */
static int add_pieces(struct store *s, struct session_row *row, struct buf *part, int64_t *number)
{
    struct rd r = rd_init(row->pieces.data ? row->pieces.data : (const uint8_t *)"", row->pieces.len), whole;
    struct session_piece piece;
    int more;
    while ((more = session_next_piece(&r, &piece, &whole)) == 1) {
        buf_put(part, whole.p, rd_left(&whole));
        session_link_piece(row->spoken_link, whole.p, rd_left(&whole));
        if (part->len < SESSION_PART)
            continue;
        TRY(buf_status(part));
        TRY(write_part(s, row->id, (*number)++, part, true));
        buf_reset(part);
    }
    return more ? more : buf_status(part);
}

static int write_pieces(struct store *s, struct session_row *row)
{
    struct buf part;
    int64_t number;
    if (row->pieces.len == 0 && !row->end)
        return 0;
    buf_init(&part, PART_MOST);
    int err = buf_status(&row->pieces);
    if (!err)
        err = open_part(s, row->id, &part, &number);
    if (!err)
        err = add_pieces(s, row, &part, &number);
    if (!err && part.len)
        err = write_part(s, row->id, number, &part, row->end != 0);
    buf_release(&part);
    return err;
}

/* ---- writing ---- */

static void bind_addr(struct stmt *q, int at, const struct addr *a)
{
    db_bind_blob(q, at, a->bytes, a->family == 4 ? 4 : a->family == 6 ? 16 : 0);
}

static int write_row(struct store *s, const struct session_row *row)
{
    struct stmt *q = db_stmt(s->db, "INSERT OR REPLACE INTO session(id, batch, start, end, last, source, source_port,"
                                    " destination, destination_port, service, persona, negotiation, terminal,"
                                    " logged_in, commands, downloads, events, spoken, unspoken, link, spoken_link,"
                                    " hash) VALUES(?,?,?,nullif(?,0),?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    const struct session_word *word[] = { &row->service, &row->persona, &row->negotiation, &row->terminal };
    const int64_t count[] = { row->logged_in, row->commands, row->downloads, row->events, row->spoken, row->unspoken };
    db_bind_int(q, 1, (int64_t)row->id);
    db_bind_int(q, 2, row->batch);
    db_bind_int(q, 3, row->start);
    db_bind_int(q, 4, row->end);
    db_bind_int(q, 5, row->last);
    bind_addr(q, 6, &row->source);
    db_bind_int(q, 7, row->source_port);
    bind_addr(q, 8, &row->destination);
    db_bind_int(q, 9, row->destination_port);
    for (int i = 0; i < 4; i++)
        db_bind_blob(q, 10 + i, word[i]->data, word[i]->n);
    for (int i = 0; i < 6; i++)
        db_bind_int(q, 14 + i, count[i]);
    db_bind_blob(q, 20, row->link, SHA256_BYTES);
    db_bind_blob(q, 21, row->spoken_link, SHA256_BYTES);
    db_bind_blob(q, 22, row->hash, SHA256_BYTES);
    return db_run(s->db, q);
}

/* Only of a batch that grows: another gets an event of its own. */
static int vouch(struct store *s, const struct session_row *row)
{
    struct stmt *q = db_stmt(s->db, "SELECT state FROM session_batch WHERE id=?");
    db_bind_int(q, 1, row->batch);
    int found = db_step(s->db, q);
    bool grows = found == 1 && db_int(q, 0) == BATCH_GROWS;
    db_done(q);
    if (found < 0 || !grows)
        return found < 0 ? found : 0;
    return evidence_session(s, row->id, row->batch, row->hash);
}

int session_save(struct store *s, struct session_row *row)
{
    TRY(write_pieces(s, row));
    buf_reset(&row->pieces);
    session_row_hash(row, row->hash);
    TRY(write_row(s, row));
    return vouch(s, row);
}
