#include "store/sample.h"

#include "base/sha256.h"
#include "base/time.h"
#include "store/evidence.h"

#include <stdio.h>
#include <string.h>

enum { LEVEL = 3 };

const char *sample_how_name(enum sample_how h)
{
    static const char *const names[SAMPLE_HOWS] = { [HOW_ADDED] = "added", [HOW_MADE] = "made", [HOW_FETCHED] = "fetched" };
    return h < SAMPLE_HOWS ? names[h] : "";
}

int sample_find(struct store *s, const uint8_t sha256[static 32], int64_t *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT id FROM sample WHERE sha256=?");
    db_bind_blob(q, 1, sha256, SHA256_BYTES);
    return db_number(s->db, q, ret);
}

/* ---- found ---- */

static int add_row(struct store *s, const uint8_t sha256[static 32], uint64_t size, int64_t at, int64_t *ret)
{
    struct stmt *q = db_stmt(s->db, "INSERT INTO sample(sha256, size, first, last, told, kept) VALUES(?, ?, ?, ?, 0, 1)");
    db_bind_blob(q, 1, sha256, SHA256_BYTES);
    db_bind_int(q, 2, (int64_t)size);
    db_bind_int(q, 3, at);
    db_bind_int(q, 4, at);
    TRY(db_run(s->db, q));
    *ret = db_last_id(s->db);
    return 0;
}

static int meet_again(struct store *s, int64_t id, int64_t at)
{
    struct stmt *q = db_stmt(s->db, "UPDATE sample SET first=min(first, ?2), last=max(last, ?2), kept=1 WHERE id=?1");
    db_bind_int(q, 1, id);
    db_bind_int(q, 2, at);
    return db_run(s->db, q);
}

static int add_origin(struct store *s, int64_t id, const struct sample_origin *o)
{
    struct stmt *q = db_stmt(s->db, "INSERT INTO sample_origin(sample, how, session, url, server, time) VALUES(?, ?, ?, ?, ?, ?)"
                                    " ON CONFLICT DO UPDATE SET time=max(time, excluded.time)");
    db_bind_int(q, 1, id);
    db_bind_int(q, 2, (int64_t)o->how);
    db_bind_int(q, 3, (int64_t)o->session);
    db_bind_text(q, 4, o->url);
    db_bind_text(q, 5, o->server);
    db_bind_int(q, 6, o->time);
    return db_run(s->db, q);
}

/* That it was met first is told in the chain, with how it came. */
static int note(struct store *s, const uint8_t sha256[static 32], uint64_t size, const struct sample_origin *o)
{
    char hex[SHA256_HEX], text[160];
    snprintf(text, sizeof text, "sha256=%s size=%llu how=%s session=%016llx", sha256_hex(sha256, hex), (unsigned long long)size,
             sample_how_name(o->how), (unsigned long long)o->session);
    return chain_add(s, "sample", text);
}

int store_sample_found(struct store *s, const uint8_t sha256[static 32], uint64_t size, const struct sample_origin *o)
{
    int64_t id;
    TRY(store_begin(s));
    TRY(sample_find(s, sha256, &id));
    if (id) {
        TRY(meet_again(s, id, o->time));
    } else {
        TRY(add_row(s, sha256, size, o->time, &id));
        TRY(note(s, sha256, size, o));
    }
    return add_origin(s, id, o);
}

/* ---- told ---- */

static int pack(struct store *s, const struct sample_report *r, struct buf *packed, size_t *ret_raw)
{
    struct buf raw;
    buf_init(&raw, SAMPLE_REPORT_MOST);
    sample_put(&raw, r);
    int err = buf_status(&raw);
    if (!err)
        err = zstd_pack(s->zstd, packed, raw.data, raw.len, LEVEL);
    *ret_raw = raw.len;
    buf_release(&raw);
    return err;
}

static int write_row(struct store *s, int64_t id, const struct sample_report *r, const struct buf *packed, size_t raw)
{
    struct stmt *q = db_stmt(s->db, "UPDATE sample SET told=1, size=?2, format=?3, cpu=?4, family=?5, raw=?6, report=?7 WHERE id=?1");
    db_bind_int(q, 1, id);
    db_bind_int(q, 2, (int64_t)r->size);
    db_bind_text(q, 3, r->word[WORD_FORMAT]);
    db_bind_text(q, 4, r->word[WORD_CPU]);
    db_bind_text(q, 5, r->word[WORD_FAMILY]);
    db_bind_int(q, 6, (int64_t)raw);
    db_bind_blob(q, 7, packed->data, packed->len);
    s->written += packed->len;
    return db_run(s->db, q);
}

int sample_save(struct store *s, int64_t id, const struct sample_report *r)
{
    struct buf packed;
    size_t raw;
    buf_init(&packed, SAMPLE_REPORT_MOST);
    int err = pack(s, r, &packed, &raw);
    if (!err)
        err = write_row(s, id, r, &packed, raw);
    buf_release(&packed);
    return err;
}

int store_sample_told(struct store *s, const struct sample_report *r)
{
    int64_t id;
    TRY(store_begin(s));
    TRY(sample_find(s, r->sha256, &id));
    if (!id)
        return STORE_STRAY;
    TRY(sample_save(s, id, r));
    return sample_join(s, id, r);
}

int store_sample_untold(struct store *s, const uint8_t (*but)[32], size_t n, uint8_t ret_sha256[static 32])
{
    struct stmt *q = db_stmt(s->db, "SELECT sha256 FROM sample WHERE told=0 AND kept=1 ORDER BY id LIMIT ?");
    db_bind_int(q, 1, (int64_t)n + 1);
    int row, none = 1;
    while (none == 1 && (row = db_step(s->db, q)) != 0) {
        size_t length = 0;
        const void *sha256 = row == 1 ? db_blob(q, 0, &length) : NULL;
        bool left_out = length != SHA256_BYTES;
        for (size_t i = 0; i < n && !left_out; i++)
            left_out = !memcmp(but[i], sha256, SHA256_BYTES);
        if (row < 0)
            none = row;
        else if (!left_out)
            none = 0;
        if (none == 0)
            memcpy(ret_sha256, sha256, SHA256_BYTES);
    }
    db_done(q);
    return none;
}

/* ---- going ---- */

int store_sample_gone(struct store *s, const uint8_t sha256[static 32])
{
    TRY(store_begin(s));
    struct stmt *q = db_stmt(s->db, "UPDATE sample SET kept=0 WHERE sha256=?");
    db_bind_blob(q, 1, sha256, SHA256_BYTES);
    return db_run(s->db, q);
}

int store_sample_oldest(struct store *s, uint8_t ret_sha256[static 32])
{
    struct stmt *q = db_stmt(s->db, "SELECT x.sha256 FROM sample x WHERE x.kept=1 ORDER BY EXISTS(SELECT 1 FROM sample_origin o JOIN"
                                    " session s ON s.id=o.session WHERE o.sample=x.id), x.last LIMIT 1");
    size_t n = 0;
    int row = db_step(s->db, q);
    const void *sha256 = row == 1 ? db_blob(q, 0, &n) : NULL;
    bool found = n == SHA256_BYTES;
    if (found)
        memcpy(ret_sha256, sha256, n);
    db_done(q);
    return row < 0 ? row : !found;
}
