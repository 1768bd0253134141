#include "store/sample.h"

#include "base/text.h"
#include "base/time.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                    \
    "x.id, x.sha256, x.size, x.first, x.last, x.told, x.kept, coalesce(x.grp, ''), coalesce(x.raw, 0), x.report,"    \
    " (SELECT count(*) FROM sample_origin o WHERE o.sample=x.id)"

/* ---- reports ---- */

static int unpack(struct store *s, const void *blob, size_t n, int64_t raw, struct sample_report *ret)
{
    if (raw <= 0 || raw > SAMPLE_REPORT_MOST)
        return -EUCLEAN;
    uint8_t *bytes = malloc((size_t)raw);
    if (!bytes)
        return -ENOMEM;
    int err = zstd_unpack(s->zstd, bytes, (size_t)raw, blob, n);
    if (!err)
        err = sample_get(rd_init(bytes, (size_t)raw), ret);
    free(bytes);
    return err > 0 ? -EUCLEAN : err;
}

/* Of the row's columns at `raw` and the one behind it. 1: it has none. */
static int take_report(struct store *s, struct stmt *q, int raw, struct sample_report *ret)
{
    size_t n;
    const void *blob = db_blob(q, raw + 1, &n);
    return n ? unpack(s, blob, n, db_int(q, raw), ret) : 1;
}

int sample_load(struct store *s, int64_t id, struct sample_report *ret)
{
    struct stmt *q = db_stmt(s->db, "SELECT raw, report FROM sample WHERE id=?");
    db_bind_int(q, 1, id);
    int row = db_step(s->db, q), err = row == 1 ? take_report(s, q, 0, ret) : row < 0 ? row : 1;
    db_done(q);
    return err;
}

/* ---- rows ---- */

static int take_facts(struct store *s, struct stmt *q, struct sample_facts *ret)
{
    size_t n;
    struct sample_report r;
    const void *sha256 = db_blob(q, 1, &n);
    *ret = (struct sample_facts){ .size = (uint64_t)db_int(q, 2), .first = db_int(q, 3), .last = db_int(q, 4),
                                  .told = db_int(q, 5) != 0, .kept = db_int(q, 6) != 0, .times = (uint64_t)db_int(q, 10) };
    if (n != SHA256_BYTES)
        return -EUCLEAN;
    memcpy(ret->sha256, sha256, n);
    text_copy(ret->group, sizeof ret->group, db_text(q, 7));
    int none = take_report(s, q, 8, &r);
    if (none)
        return none == 1 || none == -EUCLEAN ? 0 : none;
    memcpy(ret->word, r.word, sizeof ret->word);
    ret->bits = r.bits;
    ret->stripped = r.stripped;
    sample_report_release(&r);
    return 0;
}

int store_samples(struct store *s, const struct sample_filter *f, int (*take)(void *context, const struct sample_facts *row), void *context)
{
    if (s->version < SCHEMA_SAMPLES)
        return 0;
    struct stmt *q = db_stmt(s->db, "SELECT " COLUMNS " FROM sample x WHERE (?1='' OR x.cpu=?1) AND (?2='' OR x.format=?2) AND"
                                    " (?3='' OR x.family=?3) AND (?4='' OR x.grp=?4) AND (?5=0 OR EXISTS(SELECT 1 FROM sample_origin o"
                                    " WHERE o.sample=x.id AND o.session=?5)) AND x.first >= ?6 AND x.first < ?7 ORDER BY x.first DESC,"
                                    " x.id DESC LIMIT ?8");
    db_bind_text(q, 1, f->cpu ? f->cpu : "");
    db_bind_text(q, 2, f->format ? f->format : "");
    db_bind_text(q, 3, f->family ? f->family : "");
    db_bind_text(q, 4, f->group ? f->group : "");
    db_bind_int(q, 5, (int64_t)f->session);
    db_bind_int(q, 6, f->since * US_A_S);
    db_bind_int(q, 7, f->until ? f->until * US_A_S : INT64_MAX);
    db_bind_int(q, 8, f->limit ? (int64_t)f->limit : -1);
    int row, err = 0;
    while (!err && (row = db_step(s->db, q)) != 0) {
        struct sample_facts facts;
        err = row < 0 ? row : take_facts(s, q, &facts);
        if (!err)
            err = take(context, &facts);
    }
    db_done(q);
    return err;
}

/* ---- one ---- */

/* The least and the greatest name that begin so. */
static bool bounds(const char *hex, uint8_t low[static SHA256_BYTES], uint8_t high[static SHA256_BYTES])
{
    char text[SHA256_HEX];
    size_t n = strlen(hex);
    if (n == 0 || n > SHA256_HEX - 1)
        return false;
    memset(text, '0', sizeof text - 1);
    text[SHA256_HEX - 1] = '\0';
    memcpy(text, hex, n);
    if (!sha256_parse(text, low))
        return false;
    memset(text + n, 'f', sizeof text - 1 - n);
    return sha256_parse(text, high);
}

int store_sample(struct store *s, const char *hex, struct sample_facts *ret)
{
    uint8_t low[SHA256_BYTES], high[SHA256_BYTES];
    if (s->version < SCHEMA_SAMPLES || !bounds(hex, low, high))
        return 1;
    struct stmt *q = db_stmt(s->db, "SELECT " COLUMNS " FROM sample x WHERE x.sha256 >= ? AND x.sha256 <= ? LIMIT 2");
    db_bind_blob(q, 1, low, sizeof low);
    db_bind_blob(q, 2, high, sizeof high);
    int row = db_step(s->db, q), err = row == 1 ? take_facts(s, q, ret) : row < 0 ? row : 1, more = err ? 0 : db_step(s->db, q);
    db_done(q);
    if (more == 1)
        return store_refuse(s, "several samples begin so; type more of the name");
    return err ? err : more;
}

int store_sample_report(struct store *s, const uint8_t sha256[static 32], struct sample_report *ret)
{
    int64_t id;
    TRY(sample_find(s, sha256, &id));
    return id ? sample_load(s, id, ret) : 1;
}

static void take_came(struct stmt *q, struct sample_came *ret)
{
    size_t n;
    *ret = (struct sample_came){ .origin = { .how = (enum sample_how)db_int(q, 0), .session = (uint64_t)db_int(q, 1),
                                             .url = db_text(q, 2), .server = db_text(q, 3), .time = db_int(q, 4) } };
    const uint8_t *source = db_blob(q, 5, &n);
    if (n == 4 || n == 16) {
        ret->source.family = n == 4 ? 4 : 6;
        memcpy(ret->source.bytes, source, n);
    }
    const void *persona = db_blob(q, 6, &n);
    n = n < sizeof ret->persona - 1 ? n : sizeof ret->persona - 1;
    if (n)
        memcpy(ret->persona, persona, n);
}

int store_sample_origins(struct store *s, const uint8_t sha256[static 32], int (*take)(void *context, const struct sample_came *c),
                         void *context)
{
    struct stmt *q = db_stmt(s->db, "SELECT o.how, o.session, o.url, o.server, o.time, s.source, s.persona FROM sample x JOIN"
                                    " sample_origin o ON o.sample=x.id LEFT JOIN session s ON s.id=o.session WHERE x.sha256=?"
                                    " ORDER BY o.time DESC");
    db_bind_blob(q, 1, sha256, SHA256_BYTES);
    int row, err = 0;
    while (!err && (row = db_step(s->db, q)) != 0) {
        struct sample_came c;
        if (row == 1)
            take_came(q, &c);
        err = row < 0 ? row : take(context, &c);
    }
    db_done(q);
    return err;
}
